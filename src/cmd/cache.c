/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache cache`: dispatch, and the sub-commands that need one screen: ls, path, prune, clear.
 * Called by main.c.
 */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/cache.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "common/size.h"

static const char help[] =
	"Usage: stubcache cache COMMAND [OPTION]... [ARGUMENT]...\n"
	"Looks after the images on disk.\n"
	"\n"
	"  ls                          list the images of both layers\n"
	"  show NAME|PATH              what an image contains, and how to disassemble it\n"
	"  verify [NAME|PATH]...       check images as the preload would; all without a name\n"
	"  warm [-e RULE]... PROGRAM [ARGUMENT]...\n"
	"                              make the image of a program without running its main\n"
	"  prune [--limit=SIZE]        remove the least recently used images beyond a size\n"
	"                              (STUBCACHE_LIMIT, 256M), and what an interrupted write left\n"
	"  clear                       remove all images of the user's directory\n"
	"  path                        the user's directory\n"
	"\n"
	"  --json      for ls, show, verify and path: the same as json\n"
	"  -h, --help  this text\n"
	"\n"
	"NAME may be shortened as long as one image begins with it.\n"
	"Exit status: 0; 1 when an image is bad or something could not be done; 2 for wrong arguments.\n";

struct options {
	bool json;
	uint64_t limit;
	bool limited;
};

int sc_cmd_cache_help(void)
{
	return sc_cmd_help(help);
}

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, bool takes_limit, struct options *options)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "limit", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'h')
			return sc_cmd_cache_help();
		if (option == 'j') {
			options->json = true;
		} else if (option == 'l' && takes_limit && sc_size_parse(optarg, &options->limit)) {
			options->limited = true;
		} else {
			if (option == 'l' && takes_limit)
				sc_cmd_error("cannot use limit '%s': not a size such as 64M", optarg);
			else if (option == 'l')
				sc_cmd_error("--limit belongs to cache prune");
			return sc_cmd_usage("cache");
		}
	}
	if (optind == argc)
		return -1;
	sc_cmd_error("unexpected argument '%s'", argv[optind]);
	return sc_cmd_usage("cache");
}

struct entry {
	char *name;
	const char *layer;
	struct stat stat;
};

struct listing {
	const struct sc_store *store;
	const char *layer; /* that is being listed */
	struct entry *entries;
	size_t count;
	bool failed; /* no memory */
};

static bool list_one(void *user, const char *name, const struct stat *stat)
{
	struct listing *listing = user;
	struct entry *grown = reallocarray(listing->entries, listing->count + 1, sizeof(*grown));

	if (grown) {
		listing->entries = grown;
		grown[listing->count] = (struct entry){ .name = strdup(name), .layer = listing->layer, .stat = *stat };
	}
	listing->failed = !grown || !grown[listing->count].name;
	listing->count += !listing->failed;
	return !listing->failed;
}

/* Most recently used first: the order in which eviction spares them. */
static int by_use(const void *a, const void *b)
{
	const struct entry *first = a, *second = b;

	if (first->stat.st_atime != second->stat.st_atime)
		return first->stat.st_atime > second->stat.st_atime ? -1 : 1;
	return strcmp(first->name, second->name);
}

static void print_size(uint64_t bytes)
{
	if (bytes < 10 * 1024)
		printf("%8" PRIu64 " B", bytes);
	else if (bytes < (uint64_t)10 << 20)
		printf("%8" PRIu64 " K", bytes >> 10);
	else
		printf("%8" PRIu64 " M", bytes >> 20);
}

static void print_text(const struct listing *listing)
{
	uint64_t bytes = 0;

	printf("%10s  %-16s  %-6s  %-20s  %s\n", "size", "last use", "layer", "program", "name");
	for (size_t i = 0; i < listing->count; i++) {
		const struct entry *entry = &listing->entries[i];
		char program[NAME_MAX + 1] = "?", key[33], date[32];
		struct tm local;
		int width;

		sc_cache_split_name(entry->name, program, sizeof(program), key);
		if (!localtime_r(&entry->stat.st_atime, &local) ||
		    !strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &local))
			strcpy(date, "?");
		width = sc_cmd_width(program);
		print_size((uint64_t)entry->stat.st_size);
		printf("  %-16s  %-6s  %s%*s  %s\n", date, entry->layer, program, width < 20 ? 20 - width : 0, "",
		       entry->name);
		bytes += (uint64_t)entry->stat.st_size;
	}
	print_size(bytes);
	printf("  in %zu %s\n", listing->count, listing->count == 1 ? "image" : "images");
}

static void print_json(const struct listing *listing)
{
	json_t *array = json_array();

	for (size_t i = 0; i < listing->count; i++) {
		const struct entry *entry = &listing->entries[i];
		char program[NAME_MAX + 1] = "", key[33] = "";

		sc_cache_split_name(entry->name, program, sizeof(program), key);
		json_array_append_new(array, json_pack("{s:o, s:o, s:s, s:s, s:I, s:I}", "name",
						       sc_json_string(entry->name), "program",
						       sc_json_string(program), "key", key, "layer", entry->layer,
						       "size", (json_int_t)entry->stat.st_size, "last_use",
						       (json_int_t)entry->stat.st_atime));
	}
	json_dumpf(array, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(array);
}

static bool list_layer(struct listing *listing, bool system_layer)
{
	listing->layer = system_layer ? "system" : "user";
	return sc_cache_list(listing->store, system_layer, list_one, listing);
}

static int list(int argc, char **argv)
{
	struct options options = { 0 };
	struct sc_store store;
	struct listing listing = { .store = &store };
	int status = parse(argc, argv, false, &options);

	if (status >= 0)
		return status;
	sc_cache_open_store(&store);
	status = list_layer(&listing, true) ? SC_CMD_OK : SC_CMD_FOUND;
	if (!list_layer(&listing, false))
		status = SC_CMD_FOUND;
	if (listing.failed) {
		sc_cmd_error("out of memory");
		status = SC_CMD_FOUND;
	}
	if (listing.count)
		qsort(listing.entries, listing.count, sizeof(*listing.entries), by_use);
	if (options.json)
		print_json(&listing);
	else
		print_text(&listing);
	for (size_t i = 0; i < listing.count; i++)
		free(listing.entries[i].name);
	free(listing.entries);
	return sc_cmd_finish(status);
}

static int path(int argc, char **argv)
{
	struct options options = { 0 };
	struct sc_store store;
	int status = parse(argc, argv, false, &options);

	if (status >= 0)
		return status;
	sc_cache_open_store(&store);
	if (options.json) {
		json_t *object = json_pack("{s:o, s:o}", "user", sc_json_string(store.user), "system",
					   sc_json_string(store.system));

		json_dumpf(object, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(object);
		return sc_cmd_finish(SC_CMD_OK);
	}
	if (!store.user[0]) {
		sc_cmd_error("there is no user directory: set STUBCACHE_DIR, XDG_CACHE_HOME or HOME");
		return SC_CMD_FOUND;
	}
	puts(store.user);
	return sc_cmd_finish(SC_CMD_OK);
}

static bool none(void *user, const char *name, const struct stat *stat)
{
	(void)user;
	(void)name;
	(void)stat;
	return false;
}

/* clear is prune to nothing. */
static int evict(int argc, char **argv, bool all)
{
	struct options options = { 0 };
	char text[PATH_MAX + 200];
	struct sc_store store;
	unsigned removed;
	int status = parse(argc, argv, !all, &options);

	if (status >= 0)
		return status;
	sc_cache_open_store(&store);
	if (store.user_reason != SC_STORE_OK) {
		sc_store_reason_text(&store, store.user_reason, store.user_errno, text, sizeof(text));
		sc_cmd_error("%s", text);
		return SC_CMD_FOUND;
	}
	if (all)
		store.limit = 0;
	else if (options.limited)
		store.limit = options.limit;
	if (!sc_cache_list(&store, false, none, NULL)) /* what cannot be used is not looked through */
		return SC_CMD_FOUND;
	removed = sc_store_evict(&store, NULL);
	printf("%u %s removed from '%s'\n", removed, removed == 1 ? "file" : "files", store.user);
	return sc_cmd_finish(SC_CMD_OK);
}

static int prune(int argc, char **argv)
{
	return evict(argc, argv, false);
}

static int clear(int argc, char **argv)
{
	return evict(argc, argv, true);
}

static const struct command {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "clear", clear },
	{ "ls", list },
	{ "path", path },
	{ "prune", prune },
	{ "show", sc_cmd_cache_show },
	{ "verify", sc_cmd_cache_verify },
	{ "warm", sc_cmd_cache_warm },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

int sc_cmd_cache(int argc, char **argv)
{
	const char *names[COMMAND_COUNT + 1] = { NULL };

	if (argc < 2) {
		sc_cmd_error("cache needs a command");
		return sc_cmd_usage("cache");
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return sc_cmd_cache_help();
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		names[i] = commands[i].name;
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = argv[0];
		return commands[i].main(argc - 1, argv + 1);
	}
	sc_cmd_unknown("cache command", argv[1], names);
	return sc_cmd_usage("cache");
}
