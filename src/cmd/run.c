/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache run`: its options, and what is shown once the program has ended. Does not own how
 * programs are started and waited for (child.c) nor their environment (launch.c).
 *
 * What the program left behind (daemons, background jobs) is not waited for: we would change how the
 * program behaves to whoever started us. Their records are read as they are at that moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "cmd/launch.h"
#include "cmd/lines_live.h"
#include "cmd/private_dir.h"
#include "cmd/record_note.h"
#include "cmd/report.h"
#include "cmd/stats.h"
#include "common/rules.h"

static const char help[] =
	"Usage: stubcache run [-e RULE]... [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"Runs a program with functions traced, counted, timed, made to fail or replaced, and ends as the program ends.\n"
	"\n"
	"  -e, --rule=RULE  what to do with which functions: ACTION=FUNCTION[@LIBRARY[@VERSION]],...\n"
	"                   ACTION is trace, count, time, stack, inject or replace; *, ? and [...] match; ! excludes.\n"
	"                   For example: -e 'trace=*@libc.so.6,!mem*', -e inject=read:error=EIO:when=3,\n"
	"                   -e replace=open:with=./my.so. All options: stubcache(1), RULES.\n"
	"                   May be given several times. Without it: trace=*, and with -c time=*\n"
	"  -c, --summary    show one table for the whole process tree on stderr at the end, and no lines\n"
	"  -C, --summary-too\n"
	"                   lines, and then the table\n"
	"  -d, --records=DIRECTORY\n"
	"                   keep the records there, for 'stubcache report'\n"
	"  -o, --output=PATH\n"
	"                   a file for the lines of traced calls; when it is a directory, or ends in a slash,\n"
	"                   or nothing is traced: the same as -d, and no lines\n"
	"  -P, --prototypes=FILE\n"
	"                   C declarations of more functions\n"
	"      --stats      show on stderr how the processes started: cold or warm, how long, why\n"
	"  -h, --help       this text\n"
	"\n"
	"Lines of traced calls, as strace has them:\n"
	"  -f               follow children (always done)   -ff          with -o FILE: FILE.TID for each thread\n"
	"  -t, -tt, -ttt    time of day, with us, since the epoch\n"
	"  -r               time since the line before      -T           time in the call\n"
	"  -s N             bytes of strings (32)           -v           structs in full\n"
	"  -k               the stack below each line       -a COLUMN    where results stand (40)\n"
	"  --depth=N        only calls within less than N traced calls\n"
	"  --longer-than=TIME  only calls that took so long: 100us, 5ms, 1s\n"
	"  --indent[=N]     calls within others by N columns (2)\n"
	"  --color=WHEN     auto (on a terminal), always or never\n"
	"\n"
	"Exit status: the program's own; 127 when it is not found, 126 when it cannot be run, 2 when\n"
	"stubcache cannot begin.\n";

struct options {
	struct sc_launch_rules rules;
	bool summary;
	bool both; /* lines, too */
	bool stats;
	bool traces, others; /* what the rules ask for: single calls, or what tables show */
	bool strings;
	unsigned follow;
	const char *output;
	const char *records;
	struct sc_lines_options lines;
};

/* A run in progress: what is to be read at the end. */
struct run {
	struct sc_private_dir private_dir;
	char records[PATH_MAX]; /* "" when nobody asks for them */
	char stats[PATH_MAX];
	bool kept; /* records outlive the run */
	uint64_t since; /* older records in the same directory are not of this run */
	bool lines;
	enum sc_unobserved unobserved; /* the program itself; which has been said */
	struct sc_live *live;
};

enum { OPTION_STATS = 2000 };

#define STRINGS_MOST 8192 /* bytes of a string that are recorded (preload/trace.c) */

static bool add_prototypes(const char *file)
{
	const char *before = getenv("STUBCACHE_PROTOTYPES");
	char path[PATH_MAX], *joined;
	bool ok;

	if (!realpath(file, path)) {
		sc_cmd_error("cannot read prototypes '%s': %s", file, strerror(errno));
		return false;
	}
	if (asprintf(&joined, "%s%s%s", before ? before : "", before && *before ? ":" : "", path) < 0)
		return false;
	ok = sc_launch_set("STUBCACHE_PROTOTYPES", joined);
	free(joined);
	return ok;
}

/* Options of lines are lines_options.c's; -1: wrong, which has been said. */
static int take_option(struct options *options, int option)
{
	switch (option) {
	case 'c':
		options->summary = true;
		return 1;
	case 'C':
		options->summary = options->both = true;
		return 1;
	case 'd':
		options->records = optarg;
		return 1;
	case 'e':
		options->rules.texts[options->rules.count++] = optarg;
		return 1;
	case 'f':
		options->lines.each_own = ++options->follow > 1;
		return 1;
	case 'o':
		options->output = optarg;
		return 1;
	case 'P':
		return add_prototypes(optarg) ? 1 : -1;
	case OPTION_STATS:
		options->stats = true;
		return 1;
	case 's':
		options->strings = true;
		break;
	}
	return sc_lines_option(&options->lines, option, optarg);
}

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },	   { "output", required_argument, NULL, 'o' },
		{ "prototypes", required_argument, NULL, 'P' }, { "records", required_argument, NULL, 'd' },
		{ "rule", required_argument, NULL, 'e' },  { "stats", no_argument, NULL, OPTION_STATS },
		{ "summary", no_argument, NULL, 'c' },	   { "summary-too", no_argument, NULL, 'C' },
		SC_LINES_LONG,				   { NULL, 0, NULL, 0 },
	};
	int option;

	/* "+": what follows the program's name is the program's. */
	while ((option = getopt_long(argc, argv, "+cCd:e:fho:P:" SC_LINES_SHORT, longs, NULL)) != -1) {
		if (option == 'h')
			return sc_cmd_help(help);
		if (take_option(options, option) <= 0)
			return sc_cmd_usage("run");
	}
	if (optind < argc)
		return -1;
	sc_cmd_error("a program to run is needed");
	return sc_cmd_usage("run");
}

static bool set_rules(struct options *options)
{
	const char *otherwise = sc_launch_has_rules() ? NULL : options->summary && !options->both ? "time=*" : "trace=*";

	unsigned actions;

	if (!sc_launch_set_rules(&options->rules, otherwise, &actions))
		return false;
	options->traces = actions & SC_ACTION_TRACE;
	options->others = actions & (SC_ACTION_COUNT | SC_ACTION_TIME | SC_ACTION_STACK);
	return true;
}

/* What -o means: the records, or the file for lines (see the manual). */
static void sort_out_output(struct options *options)
{
	size_t length = options->output ? strlen(options->output) : 0;
	struct stat stat;

	if (!options->output)
		return;
	if (!options->traces || (options->summary && !options->both) || (length && options->output[length - 1] == '/') ||
	    (lstat(options->output, &stat) == 0 && S_ISDIR(stat.st_mode))) {
		if (!options->records)
			options->records = options->output;
		options->output = NULL;
	} else {
		options->lines.file = options->output;
	}
}

/* What the preload needs to know of lines, behind what the environment says: what stands later counts. */
static bool set_trace(const struct options *options)
{
	unsigned most = options->lines.style.string_limit < STRINGS_MOST ? options->lines.style.string_limit : STRINGS_MOST;
	const char *before = getenv("STUBCACHE_TRACE");
	char strings[32] = "", *text;
	bool ok;

	if (!options->strings && !options->lines.stacks)
		return true;
	if (options->strings)
		snprintf(strings, sizeof(strings), "strings=%u", most);
	if (asprintf(&text, "%s%s%s%s%s", before ? before : "", before && *before ? "," : "", strings,
		     options->strings && options->lines.stacks ? "," : "", options->lines.stacks ? "stacks=64" : "") < 0) {
		sc_cmd_error("out of memory");
		return false;
	}
	ok = sc_launch_set("STUBCACHE_TRACE", text);
	free(text);
	return ok;
}

static bool use_output(const char *path, struct run *run)
{
	int fd;

	if (mkdir(path, 0777) && errno != EEXIST) {
		sc_cmd_error("cannot make directory '%s': %s", path, strerror(errno));
		return false;
	}
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Absolute: the program may change directory. */
	if (fd < 0 || !realpath(path, run->records)) {
		sc_cmd_error("cannot use directory '%s': %s", path, strerror(errno));
		run->records[0] = 0;
	}
	if (fd >= 0)
		close(fd);
	return run->records[0];
}

static bool set_output(const struct options *options, struct run *run)
{
	const char *kept = getenv("STUBCACHE_OUT");
	const char *records = options->records ? options->records : kept && *kept ? kept : NULL;
	bool private_records;
	struct timespec now;

	/* Lines, unless what is traced is kept for later. */
	run->lines = options->traces && (!options->summary || options->both) &&
		     (options->output || !records);
	private_records = (options->summary || run->lines) && !records;
	clock_gettime(CLOCK_REALTIME, &now);
	run->since = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	run->kept = records != NULL;
	if (records && !use_output(records, run))
		return false;
	if ((private_records || options->stats) && !sc_private_dir_make(&run->private_dir))
		return false;
	/* Below the private directory, not the directory itself: what still runs when that is
	 * removed cannot make it again. */
	if (private_records &&
	    (!sc_private_dir_file(&run->private_dir, "records", run->records, sizeof(run->records)) ||
	     mkdir(run->records, 0700)))
		return false;
	if (run->records[0] && !sc_launch_set("STUBCACHE_OUT", run->records))
		return false;
	if (run->lines && sc_live_open(&run->live, &options->lines, run->records, private_records))
		return false;
	return !options->stats ||
	       (sc_private_dir_file(&run->private_dir, "stats", run->stats, sizeof(run->stats)) &&
		sc_launch_set("STUBCACHE_STATS", run->stats));
}

/* For who reads the directory later: what is shown at once has been said. */
static void note_unobserved(const struct run *run, const char *program)
{
	int r;

	if (run->unobserved == SC_OBSERVED || !run->kept)
		return;
	r = sc_record_note_unobserved(run->records, program, run->unobserved);
	if (r)
		sc_cmd_error("cannot write to '%s': %s", run->records, strerror(-r));
}

static void show_summary(const struct run *run, const char *program)
{
	struct sc_report report;
	int r = sc_report_gather(&report, run->records, SC_BY_FUNCTION, run->since);

	if (r) {
		sc_cmd_error("cannot read '%s': %s", run->records, strerror(-r));
	} else if (report.process_count == 0 && report.refused_count == 0) {
		if (run->unobserved == SC_OBSERVED)
			sc_cmd_error("nothing was recorded: '%s' may be statically linked, or setuid", program);
	} else {
		sc_report_sort(&report, SC_SORT_DEFAULT);
		sc_report_text(&report, stderr);
		sc_report_notes(&report);
	}
	sc_report_release(&report);
}

static void show_stats(const struct run *run, const char *program)
{
	json_t *lines = sc_json_lines(run->stats);

	if (json_array_size(lines))
		sc_stats_summary(lines, stderr);
	else if (run->unobserved == SC_OBSERVED)
		sc_cmd_error("no statistics: '%s' may be statically linked, or setuid", program);
	json_decref(lines);
}

static int run(struct options *options, char **argv)
{
	struct run state = { 0 };
	struct sc_child_watch watch = { .poll = sc_live_poll };
	int status, r = SC_CMD_USAGE;
	bool ready = set_rules(options);

	if (ready)
		sort_out_output(options);
	if (ready && set_trace(options) && set_output(options, &state) &&
	    sc_launch_set_preload(argv[0], &state.unobserved)) {
		note_unobserved(&state, argv[0]);
		watch.context = state.live;
		r = sc_child_run_or_say(argv, &status, state.live ? &watch : NULL);
	}
	if (r == SC_CMD_OK && state.live)
		sc_live_finish(state.live, argv[0], status);
	/* Where lines are shown, no process has shown a table of its own. */
	if (r == SC_CMD_OK && (options->summary || (state.lines && options->others)))
		show_summary(&state, argv[0]);
	else if (r == SC_CMD_OK && state.lines)
		sc_report_say_unobserved(state.records, state.since);
	if (r == SC_CMD_OK && options->stats)
		show_stats(&state, argv[0]);
	sc_live_close(state.live);
	sc_private_dir_remove(&state.private_dir);
	return r == SC_CMD_OK ? sc_child_exit_like(status) : r;
}

int sc_cmd_run(int argc, char **argv)
{
	struct options options = { .lines = SC_LINES_DEFAULT };
	int status;

	if (sc_launch_rules_init(&options.rules, argc))
		return SC_CMD_USAGE;
	status = parse(argc, argv, &options);
	if (status < 0)
		status = run(&options, argv + optind);
	sc_launch_rules_release(&options.rules);
	return status;
}
