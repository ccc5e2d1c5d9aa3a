/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache explain`: runs a program with the engine telling, for each function it considered,
 * what becomes of it (STUBCACHE_EXPLAIN, a file of JSON lines: function, library, version, action, way,
 * slots, reason), and shows that as a table. Called by main.c.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/launch.h"
#include "cmd/private_dir.h"
#include "cmd/stats.h"

static const char help[] =
	"Usage: stubcache explain -e RULE [-e RULE]... [--json] [--] PROGRAM [ARGUMENT]...\n"
	"Runs a program and shows, for every function that the rules name, how it is observed, or why not.\n"
	"\n"
	"  -e, --rule=RULE  as for stubcache run\n"
	"      --json       one JSON object a line, as the engine wrote them\n"
	"  -h, --help       this text\n"
	"\n"
	"Exit status: 0; 1 when nothing was explained; 126, 127 or 2 as for stubcache run.\n";

struct options {
	struct sc_launch_rules rules;
	bool json;
};

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "rule", required_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+e:h", longs, NULL)) != -1) {
		if (option == 'e')
			options->rules.texts[options->rules.count++] = optarg;
		else if (option == 'j')
			options->json = true;
		else if (option == 'h')
			return sc_cmd_help(help);
		else
			return sc_cmd_usage("explain");
	}
	if (optind == argc)
		sc_cmd_error("a program to run is needed");
	else if (options->rules.count == 0 && !sc_launch_has_rules())
		sc_cmd_error("no rule is given: see -e");
	else
		return -1;
	return sc_cmd_usage("explain");
}

static void print_line(const json_t *line)
{
	char name[512];
	const char *version = sc_json_text(line, "version");
	const char *way = sc_json_text(line, "way");

	snprintf(name, sizeof(name), "%s@%s%s%s", sc_json_text(line, "function"), sc_json_text(line, "library"),
		 *version ? "@" : "", version);
	printf("%-48s %-6s %-8s %6lld  %s\n", name, sc_json_text(line, "action"), *way ? way : "-",
	       sc_json_whole(line, "slots"), sc_json_text(line, "reason"));
}

/* Whether a line says that the function is observed: it has a way. */
static bool observed(const json_t *line)
{
	const char *way = sc_json_text(line, "way");

	return *way && strcmp(way, "none");
}

static void print_table(const json_t *lines)
{
	size_t i, seen = 0;
	const json_t *line;

	printf("%-48s %-6s %-8s %6s  %s\n", "function", "action", "way", "slots", "reason");
	json_array_foreach(lines, i, line) {
		if (!observed(line))
			continue;
		print_line(line);
		seen++;
	}
	json_array_foreach(lines, i, line)
		if (!observed(line))
			print_line(line);
	printf("%zu observed, %zu not\n", seen, json_array_size(lines) - seen);
}

static int show(const char *path, const char *program, bool json)
{
	json_t *lines = sc_json_lines(path);
	size_t i, count = json_array_size(lines);
	const json_t *line;

	if (count == 0) {
		sc_cmd_error("nothing was explained: no rule selects anything, or '%s' is statically linked or setuid",
			     program);
	} else if (json) {
		json_array_foreach(lines, i, line) {
			json_dumpf(line, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
			putchar('\n');
		}
	} else {
		print_table(lines);
	}
	json_decref(lines);
	return count ? SC_CMD_OK : SC_CMD_FOUND;
}

static int explain(const struct options *options, char **argv)
{
	struct sc_private_dir dir = { "" };
	char file[PATH_MAX], records[PATH_MAX];
	int status, r = SC_CMD_USAGE;

	/* Only the engine knows, and a warm start does without it: so no image is used. Records go
	 * where nobody sees them: the program's own summary would mix with the table. */
	if (sc_launch_set_rules(&options->rules, NULL) && sc_private_dir_make(&dir) &&
	    sc_private_dir_file(&dir, "explain", file, sizeof(file)) &&
	    sc_private_dir_file(&dir, "records", records, sizeof(records)) &&
	    sc_launch_set("STUBCACHE_EXPLAIN", file) && sc_launch_set("STUBCACHE_OUT", records) &&
	    sc_launch_set("STUBCACHE_PERSIST", "off") && sc_launch_set_preload())
		r = sc_child_run_or_say(argv, &status);
	if (r == SC_CMD_OK)
		r = show(file, argv[0], options->json);
	sc_private_dir_remove(&dir);
	return r;
}

int sc_cmd_explain(int argc, char **argv)
{
	struct options options = { 0 };
	int status;

	if (sc_launch_rules_init(&options.rules, argc))
		return SC_CMD_USAGE;
	status = parse(argc, argv, &options);
	if (status < 0)
		status = sc_cmd_finish(explain(&options, argv + optind));
	sc_launch_rules_release(&options.rules);
	return status;
}
