/* SPDX-License-Identifier: MIT */
/* Owns `stubcache cache verify`. Called by cache.c. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cache.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"

struct verify {
	struct sc_store store;
	json_t *json; /* NULL: text */
	size_t good, bad;
};

static void verify_one(struct verify *verify, const char *name)
{
	struct sc_cache_file file;
	int r = sc_cache_read(&verify->store, name, &file);
	const char *reason = r ? strerrordesc_np(-r) : file.reason;

	if (reason)
		verify->bad++;
	else
		verify->good++;
	if (verify->json)
		json_array_append_new(verify->json, json_pack("{s:o, s:b, s:s*}", "name", sc_json_string(name), "good",
							      !reason, "reason", reason));
	else
		printf("%s: %s\n", name, reason ? reason : "good");
	sc_cache_release(&file);
}

static bool verify_named(struct verify *verify, char **names)
{
	bool found = true;

	for (; *names; names++) {
		char *name = sc_cache_find(&verify->store, *names);

		found &= name != NULL;
		if (name)
			verify_one(verify, name);
		free(name);
	}
	return found;
}

static bool verify_all(struct verify *verify)
{
	bool complete = false;
	char **names = sc_cache_names(&verify->store, &complete);

	for (char **name = names; name && *name; name++)
		verify_one(verify, *name);
	sc_cache_free_names(names);
	return complete && names;
}

int sc_cmd_cache_verify(int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' },
					       { "json", no_argument, NULL, 'j' },
					       { NULL, 0, NULL, 0 } };
	struct verify verify = { 0 };
	int option;
	bool ok;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'h')
			return sc_cmd_cache_help();
		if (option != 'j')
			return sc_cmd_usage("cache");
		if (!verify.json)
			verify.json = json_array();
	}
	sc_cache_open_store(&verify.store);
	ok = optind < argc ? verify_named(&verify, argv + optind) : verify_all(&verify);
	if (verify.json) {
		json_dumpf(verify.json, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(verify.json);
	} else {
		printf("%zu good, %zu bad\n", verify.good, verify.bad);
	}
	return sc_cmd_finish(ok && verify.bad == 0 ? SC_CMD_OK : SC_CMD_FOUND);
}
