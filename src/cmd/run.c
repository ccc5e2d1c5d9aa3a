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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/launch.h"
#include "cmd/private_dir.h"
#include "cmd/report.h"
#include "cmd/stats.h"

static const char help[] =
	"Usage: stubcache run [-e RULE]... [-c] [-o DIRECTORY] [--stats] [--] PROGRAM [ARGUMENT]...\n"
	"Runs a program with functions counted, timed, made to fail or replaced, and ends as the program ends.\n"
	"\n"
	"  -e, --rule=RULE  what to do with which functions: ACTION=FUNCTION[@LIBRARY[@VERSION]],...\n"
	"                   ACTION is count, time, inject or replace; *, ? and [...] match; ! excludes.\n"
	"                   For example: -e 'time=*@libc.so.6,!mem*', -e inject=read:error=EIO:when=3,\n"
	"                   -e replace=open:with=./my.so. All options: stubcache(1), RULES.\n"
	"                   May be given several times.\n"
	"  -c, --summary    show one table for the whole process tree on stderr at the end;\n"
	"                   without -e everything is timed (time=*)\n"
	"  -o, --output=DIRECTORY\n"
	"                   keep the records there, for 'stubcache report'\n"
	"      --stats      show on stderr how the processes started: cold or warm, how long, why\n"
	"  -h, --help       this text\n"
	"\n"
	"Without -c and -o each process shows a table of its own on stderr when it ends.\n"
	"Exit status: the program's own; 127 when it is not found, 126 when it cannot be run, 2 when\n"
	"stubcache cannot begin.\n";

struct options {
	struct sc_launch_rules rules;
	bool summary;
	bool stats;
	const char *output;
};

/* A run in progress: what is to be read at the end. */
struct run {
	struct sc_private_dir private_dir;
	char records[PATH_MAX]; /* "" when nobody asks for them */
	char stats[PATH_MAX];
	uint64_t since; /* older records in the same directory are not of this run */
};

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },   { "output", required_argument, NULL, 'o' },
		{ "rule", required_argument, NULL, 'e' }, { "stats", no_argument, NULL, 's' },
		{ "summary", no_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
	};
	int option;

	/* "+": what follows the program's name is the program's. */
	while ((option = getopt_long(argc, argv, "+ce:ho:", longs, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->summary = true;
			break;
		case 'e':
			options->rules.texts[options->rules.count++] = optarg;
			break;
		case 'o':
			options->output = optarg;
			break;
		case 's':
			options->stats = true;
			break;
		case 'h':
			return sc_cmd_help(help);
		default:
			return sc_cmd_usage("run");
		}
	}
	if (optind < argc)
		return -1;
	sc_cmd_error("a program to run is needed");
	return sc_cmd_usage("run");
}

static bool set_rules(const struct options *options)
{
	if (options->rules.count == 0 && !options->summary && !sc_launch_has_rules()) {
		sc_cmd_error("no rule is given, and the default trace=* is not available in this version: "
			     "use -c for a table of times, or -e RULE");
		return false;
	}
	return sc_launch_set_rules(&options->rules, sc_launch_has_rules() ? NULL : "time=*");
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
	bool private_records = options->summary && !options->output;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	run->since = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	if (options->output && !use_output(options->output, run))
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
	return !options->stats ||
	       (sc_private_dir_file(&run->private_dir, "stats", run->stats, sizeof(run->stats)) &&
		sc_launch_set("STUBCACHE_STATS", run->stats));
}

static void show_summary(const struct run *run, const char *program)
{
	struct sc_report report;
	int r = sc_report_gather(&report, run->records, SC_BY_FUNCTION, run->since);

	if (r) {
		sc_cmd_error("cannot read '%s': %s", run->records, strerror(-r));
	} else if (report.process_count == 0 && report.refused_count == 0) {
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
	else
		sc_cmd_error("no statistics: '%s' may be statically linked, or setuid", program);
	json_decref(lines);
}

static int run(const struct options *options, char **argv)
{
	struct run state = { 0 };
	int status, r = SC_CMD_USAGE;

	if (set_rules(options) && set_output(options, &state) && sc_launch_set_preload())
		r = sc_child_run_or_say(argv, &status);
	if (r == SC_CMD_OK && options->summary)
		show_summary(&state, argv[0]);
	if (r == SC_CMD_OK && options->stats)
		show_stats(&state, argv[0]);
	sc_private_dir_remove(&state.private_dir);
	return r == SC_CMD_OK ? sc_child_exit_like(status) : r;
}

int sc_cmd_run(int argc, char **argv)
{
	struct options options = { 0 };
	int status;

	if (sc_launch_rules_init(&options.rules, argc))
		return SC_CMD_USAGE;
	status = parse(argc, argv, &options);
	if (status < 0)
		status = run(&options, argv + optind);
	sc_launch_rules_release(&options.rules);
	return status;
}
