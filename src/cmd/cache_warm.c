/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache cache warm`: starts a program whose preload makes its image, publishes it, and
 * ends the process before main (STUBCACHE_WARM, between the command and the preload only). Called by
 * cache.c.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/cache.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "cmd/launch.h"
#include "cmd/private_dir.h"

static int print_made(const char *stats, const char *program, int status)
{
	json_t *lines = sc_json_lines(stats);
	const json_t *line = json_array_get(lines, 0);
	int r = SC_CMD_FOUND;

	if (!line) {
		sc_cmd_error("nothing was made: '%s' may be statically linked, or setuid", program);
	} else {
		printf("%s: %s, %lld generated, %lld resurrected, %lld slots, %lld us%s%s\n", sc_json_text(line, "exe"),
		       sc_json_text(line, "state"), sc_json_whole(line, "generated"),
		       sc_json_whole(line, "resurrected"), sc_json_whole(line, "slots"),
		       sc_json_whole(line, "startup_us"), *sc_json_text(line, "reason") ? ": " : "",
		       sc_json_text(line, "reason"));
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			r = SC_CMD_OK;
	}
	if (WIFSIGNALED(status))
		sc_cmd_error("'%s' was killed by signal %d", program, WTERMSIG(status));
	json_decref(lines);
	return r;
}

static int warm(const struct sc_launch_rules *rules, char **argv)
{
	struct sc_private_dir dir = { "" };
	char stats[PATH_MAX];
	int status, r = SC_CMD_USAGE;
	unsigned actions;

	if (rules->count == 0 && !sc_launch_has_rules()) {
		sc_cmd_error("no rule is given: an image is made for rules, as in -e 'time=*'");
		return SC_CMD_USAGE;
	}
	if (sc_launch_set_rules(rules, NULL, &actions) && sc_private_dir_make(&dir) &&
	    sc_private_dir_file(&dir, "stats", stats, sizeof(stats)) && sc_launch_set("STUBCACHE_STATS", stats) &&
	    sc_launch_set("STUBCACHE_WARM", "1") && sc_launch_set_preload(argv[0], NULL))
		r = sc_child_run_or_say(argv, &status, NULL);
	if (r == SC_CMD_OK)
		r = print_made(stats, argv[0], status);
	sc_private_dir_remove(&dir);
	return r;
}

int sc_cmd_cache_warm(int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' },
					       { "rule", required_argument, NULL, 'e' },
					       { NULL, 0, NULL, 0 } };
	struct sc_launch_rules rules;
	int option, status = -1;

	if (sc_launch_rules_init(&rules, argc))
		return SC_CMD_USAGE;
	while (status < 0 && (option = getopt_long(argc, argv, "+e:h", longs, NULL)) != -1) {
		if (option == 'e')
			rules.texts[rules.count++] = optarg;
		else if (option == 'h')
			status = sc_cmd_cache_help();
		else
			status = sc_cmd_usage("cache");
	}
	if (status < 0 && optind == argc) {
		sc_cmd_error("cache warm needs a program");
		status = sc_cmd_usage("cache");
	}
	if (status < 0)
		status = sc_cmd_finish(warm(&rules, argv + optind));
	sc_launch_rules_release(&rules);
	return status;
}
