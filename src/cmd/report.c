/* SPDX-License-Identifier: MIT */
/* Owns the options of `stubcache report`. Called by main.c. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/report_events.h"
#include "cmd/report_stacks.h"

static const char help[] =
	"Usage: stubcache report [OPTION]... DIRECTORY\n"
	"Shows what was recorded in a directory: that of 'stubcache run -o' or of STUBCACHE_OUT.\n"
	"\n"
	"  --format=FORMAT  text (default), json or csv; of stacks folded or pprof\n"
	"                   (of traced calls: trace, chrome)\n"
	"  --json           the same as --format=json\n"
	"  --events         traced calls, one a line, or, with --json, an object a line; --format=trace and\n"
	"                   --format=chrome (for Perfetto) imply it. Options are those of 'run': -t -tt -ttt -r -T\n"
	"                   -s N -v -k -a COLUMN -o FILE -ff --depth=N --longer-than=TIME --indent[=N] --color=WHEN\n"
	"  --by=WHAT        one line a function (default), process, program or, of stacks, caller\n"
	"  --sort=COLUMN    total (default, calls where nothing is timed), self, calls, avg, max or name\n"
	"  -o FILE          write to this file\n"
	"  --metric=WHAT    of stacks: calls (default), bytes or time\n"
	"  --no-demangle    of stacks: names of C++ and other languages as the linker has them\n"
	"  -h, --help       this text\n"
	"\n"
	"Columns: % self is the share of all observed time; total includes observed calls made within,\n"
	"self does not; p50, p90 and p99 are within 3.2 % of the true value; unreturned calls were left by\n"
	"exit, longjmp or an exception, or still run.\n";

static const char *const formats[] = { "text", "json", "csv", "folded", "pprof", "trace", "chrome", NULL };

enum { JSON = 1, CSV, TRACE = 5, CHROME };
enum { OPTION_EVENTS = 2000, OPTION_FORMAT, OPTION_SORT };
static const char *const bys[] = { "function", "process", "program", "caller", NULL };
static const char *const metrics[] = { "calls", "bytes", "time", NULL };
static const char *const sorts[] = { "default", "total", "self", "calls", "avg", "max", "name", NULL };

struct options {
	int format, by, sort, metric;
	bool mangled, events;
	unsigned follow;
	struct sc_lines_options lines;
};

/* The place of word among names, or -1, which has been said. */
static int choose(const char *kind, const char *word, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(word, names[i]))
			return i;
	sc_cmd_unknown(kind, word, names);
	return -1;
}

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "by", required_argument, NULL, 'b' },	  { "format", required_argument, NULL, OPTION_FORMAT },
		{ "help", no_argument, NULL, 'h' },	  { "json", no_argument, NULL, 'j' },
		{ "metric", required_argument, NULL, 'm' }, { "no-demangle", no_argument, NULL, 'n' },
		{ "sort", required_argument, NULL, OPTION_SORT }, { "events", no_argument, NULL, OPTION_EVENTS },
		{ "output", required_argument, NULL, 'o' }, SC_LINES_LONG, { NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "fho:" SC_LINES_SHORT, longs, NULL)) != -1) {
		int *choice = NULL;

		switch (option) {
		case 'b':
			choice = &options->by;
			*choice = choose("grouping", optarg, bys);
			break;
		case OPTION_FORMAT:
			choice = &options->format;
			*choice = choose("format", optarg, formats);
			break;
		case 'j':
			options->format = JSON;
			break;
		case 'm':
			choice = &options->metric;
			*choice = choose("metric", optarg, metrics);
			break;
		case 'n':
			options->mangled = true;
			break;
		case 'f':
			options->lines.each_own = ++options->follow > 1;
			break;
		case 'o':
			options->lines.file = optarg;
			break;
		case OPTION_EVENTS:
			options->events = true;
			break;
		case OPTION_SORT:
			choice = &options->sort;
			*choice = choose("column", optarg, sorts);
			break;
		case 'h':
			return sc_cmd_help(help);
		default:
			if (sc_lines_option(&options->lines, option, optarg) <= 0)
				return sc_cmd_usage("report");
		}
		if (choice && *choice < 0)
			return sc_cmd_usage("report");
	}
	if (optind + 1 == argc)
		return -1;
	sc_cmd_error(optind == argc ? "report needs a directory" : "report takes one directory");
	return sc_cmd_usage("report");
}

/* Everything but lines, which know how to write to files, goes to stdout. */
static bool redirect(const struct options *options)
{
	if (!options->lines.file || freopen(options->lines.file, "we", stdout))
		return true;
	sc_cmd_error("cannot write '%s': %s", options->lines.file, strerror(errno));
	return false;
}

/* -1: not of calls. */
static int events_format(const struct options *options)
{
	if (options->format == CHROME)
		return SC_EVENTS_CHROME;
	if (options->format == TRACE || (options->events && options->format == 0))
		return SC_EVENTS_TEXT;
	return options->events && options->format == JSON ? SC_EVENTS_JSON : -1;
}

static int show(const struct sc_report *report, int format)
{
	if (format == JSON) {
		if (sc_report_json(report, stdout) == 0)
			return SC_CMD_OK;
		sc_cmd_error("out of memory");
		return SC_CMD_FOUND;
	}
	if (format == CSV)
		sc_report_csv(report, stdout);
	else
		sc_report_text(report, stdout);
	sc_report_notes(report);
	return SC_CMD_OK;
}

int sc_cmd_report(int argc, char **argv)
{
	struct options options = { .lines = SC_LINES_DEFAULT };
	struct sc_report report;
	const char *directory;
	int status = parse(argc, argv, &options);
	int r;

	if (status >= 0)
		return status;
	directory = argv[optind];
	if (events_format(&options) != SC_EVENTS_TEXT && !redirect(&options))
		return SC_CMD_FOUND;
	if (events_format(&options) >= 0)
		return sc_cmd_finish(sc_report_events(directory, &options.lines, (enum sc_events_format)events_format(&options)));
	if (options.events) {
		sc_cmd_error("calls have the formats text, json and chrome");
		return sc_cmd_usage("report");
	}
	if (options.format >= SC_REPORT_FOLDED || options.by == SC_REPORT_CALLERS)
		return sc_report_stacks(directory, options.format, options.metric, !options.mangled);
	r = sc_report_gather(&report, directory, (enum sc_report_by)options.by, 0);
	if (r) {
		sc_cmd_error("cannot read '%s': %s", directory, strerror(-r));
		status = SC_CMD_FOUND;
	} else if (report.process_count == 0 && report.refused_count == 0) {
		sc_cmd_error("no records in '%s'", directory);
		status = SC_CMD_FOUND;
	} else {
		sc_report_sort(&report, (enum sc_report_sort)options.sort);
		status = show(&report, options.format);
		/* Damage must not pass for a complete answer in a script. */
		for (size_t i = 0; i < report.process_count; i++)
			if (report.processes[i].damage)
				status = SC_CMD_FOUND;
		if (report.refused_count)
			status = SC_CMD_FOUND;
	}
	sc_report_release(&report);
	return sc_cmd_finish(status);
}
