/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache explain`: runs a program with the engine and the preload telling, for each function they
 * considered, what becomes of it (STUBCACHE_EXPLAIN, a file of JSON lines: common/explain.h), puts together what was
 * said of one function, and shows that as a table. Called by main.c.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "cmd/launch.h"
#include "cmd/private_dir.h"

static const char help[] =
	"Usage: stubcache explain -e RULE [-e RULE]... [--json] [--] PROGRAM [ARGUMENT]...\n"
	"Runs a program and shows, for every function that the rules name, how it is observed, or why not.\n"
	"\n"
	"  -e, --rule=RULE  as for stubcache run\n"
	"      --json       one JSON object a line\n"
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

/* What two lines must have in common to be about the same thing, in the same process if `process`; the caller frees it.
 * NULL: no memory. */
static char *key_of(const json_t *line, bool process)
{
	char *key;

	if (asprintf(&key, "%lld\n%s\n%s\n%s\n%s\n%s\n%s\n%s", process ? sc_json_whole(line, "pid") : 0,
		     sc_json_text(line, "program"), sc_json_text(line, "function"), sc_json_text(line, "library"),
		     sc_json_text(line, "version"), sc_json_text(line, "action"), sc_json_text(line, "way"),
		     sc_json_text(line, "reason")) < 0)
		return NULL;
	return key;
}

/*
 * One line for each thing: slots that modules bring later are added to those of the start, but a program that runs
 * twice has not twice as many. The result's members belong to the lines, too; NULL when memory is short.
 */
static json_t *merge(const json_t *lines, bool process)
{
	json_t *merged = json_object(), *line;
	size_t i;

	json_array_foreach(lines, i, line) {
		char *key = key_of(line, process);
		json_t *known = json_object_get(merged, key);
		long long slots = sc_json_whole(line, "slots"), before = sc_json_whole(known, "slots");

		if (!known)
			json_object_set(merged, key, line);
		else if (process || slots > before)
			json_object_set_new(known, "slots", json_integer(process ? before + slots : slots));
		free(key);
	}
	return merged;
}

/* Whether a line says that the function is observed: it has a way. */
static bool observed(const json_t *line)
{
	return *sc_json_text(line, "way") != 0;
}

static bool same_function(const json_t *a, const json_t *b)
{
	static const char *const members[] = { "program", "function", "library", "version" };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(sc_json_text(a, members[i]), sc_json_text(b, members[i])))
			return false;
	return true;
}

/* "Nothing leads to it" was true of the start, but a module that came later may call it, or dlsym hand it out. */
static bool outdated(const json_t *line, const json_t *lines)
{
	const json_t *other;
	size_t i;

	if (observed(line) || sc_json_whole(line, "slots"))
		return false;
	json_array_foreach(lines, i, other)
		if (observed(other) && same_function(line, other))
			return true;
	return false;
}

static json_t *together(const json_t *lines)
{
	json_t *out = json_array(), *once = json_array(), *by_process = merge(lines, true), *by_program, *line;
	const char *key;

	json_object_foreach(by_process, key, line)
		json_array_append(once, line);
	by_program = merge(once, false);
	json_object_foreach(by_program, key, line) {
		if (outdated(line, lines))
			continue;
		json_object_del(line, "pid");
		json_array_append(out, line);
	}
	json_decref(by_program);
	json_decref(once);
	json_decref(by_process);
	return out;
}

static void print_line(const json_t *line)
{
	const char *version = sc_json_text(line, "version");
	const char *way = sc_json_text(line, "way"), *function = sc_json_text(line, "function");
	const char *library = sc_json_text(line, "library");
	int width = sc_cmd_width(function) + sc_cmd_width(library) + (int)strlen(version) + (*version ? 2 : 1);

	printf("%s@%s%s%s", function, library, *version ? "@" : "", version);
	printf("%*s %-6s %-8s %6lld  %s\n", width < 48 ? 48 - width : 0, "", sc_json_text(line, "action"),
	       *way ? way : "-", sc_json_whole(line, "slots"), sc_json_text(line, "reason"));
}

/* The lines of one program: what is observed, then what is not. */
static void print_program(const json_t *lines, const char *program, bool heading)
{
	size_t i, counts[2] = { 0, 0 };
	const json_t *line;

	if (heading)
		printf("%s:\n", program);
	printf("%-48s %-6s %-8s %6s  %s\n", "function", "action", "way", "slots", "reason");
	for (int seen = 1; seen >= 0; seen--) {
		json_array_foreach(lines, i, line) {
			if (strcmp(sc_json_text(line, "program"), program) || observed(line) != seen)
				continue;
			print_line(line);
			counts[seen]++;
		}
	}
	printf("%zu observed, %zu not\n", counts[1], counts[0]);
}

/* Program by program, in the order in which they were started. */
static void print_table(const json_t *lines)
{
	json_t *programs = json_object(), *nothing;
	const char *program;
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
		json_object_set_new(programs, sc_json_text(line, "program"), json_null());
	json_object_foreach(programs, program, nothing)
		print_program(lines, program, json_object_size(programs) > 1);
	json_decref(programs);
}

static int show(const char *path, const char *program, bool json)
{
	json_t *written = sc_json_lines(path), *lines = together(written);
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
	json_decref(written);
	return count ? SC_CMD_OK : SC_CMD_FOUND;
}

static int explain(const struct options *options, char **argv)
{
	struct sc_private_dir dir = { "" };
	char file[PATH_MAX], records[PATH_MAX];
	int status, r = SC_CMD_USAGE;
	unsigned actions;

	/* Only the engine knows, and a warm start does without it: so no image is used. Records go
	 * where nobody sees them: the program's own summary would mix with the table. */
	if (sc_launch_set_rules(&options->rules, NULL, &actions) && sc_private_dir_make(&dir) &&
	    sc_private_dir_file(&dir, "explain", file, sizeof(file)) &&
	    sc_private_dir_file(&dir, "records", records, sizeof(records)) &&
	    sc_launch_set("STUBCACHE_EXPLAIN", file) && sc_launch_set("STUBCACHE_OUT", records) &&
	    sc_launch_set("STUBCACHE_PERSIST", "off") && sc_launch_set_preload(argv[0], NULL))
		r = sc_child_run_or_say(argv, &status, NULL);
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
