/* SPDX-License-Identifier: MIT */
/* Owns the options of lines, which `run` and `report` have in common. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/lines.h"

static int wrong(const char *what, const char *argument)
{
	sc_cmd_error("invalid %s '%s'", what, argument);
	return -1;
}

static int read_number(unsigned *out, const char *what, const char *argument, unsigned most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(argument, &end, 10);
	if (errno || *end || end == argument || *argument == '-' || value > most)
		return wrong(what, argument);
	*out = (unsigned)value;
	return 1;
}

/* Seconds, or with a unit; strace has microseconds where there is none, and so have our rules. */
static int read_time(uint64_t *out, const char *argument)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "", 1e3 }, { "us", 1e3 }, { "ms", 1e6 }, { "ns", 1 }, { "s", 1e9 } };
	char *end;
	double value = strtod(argument, &end);

	if (end == argument || !(value >= 0) || isinf(value))
		return wrong("time", argument);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0 && value * units[i].ns < 1e18) {
			*out = (uint64_t)(value * units[i].ns);
			return 1;
		}
	}
	return wrong("time", argument);
}

static int read_colour(struct sc_lines_options *options, const char *argument)
{
	static const char *const names[] = { "auto", "always", "never", NULL };

	for (unsigned i = 0; names[i]; i++) {
		if (strcmp(argument, names[i]) == 0) {
			options->colour = i;
			return 1;
		}
	}
	sc_cmd_unknown("colour", argument, names);
	return -1;
}

int sc_lines_option(struct sc_lines_options *options, int option, const char *argument)
{
	switch (option) {
	case 'a':
		return read_number(&options->column, "column", argument, 1000);
	case 'k':
		options->stacks = true;
		return 1;
	case 's':
		return read_number(&options->style.string_limit, "string limit", argument, 1u << 20);
	case 'r':
		options->clock = SC_LINES_RELATIVE;
		return 1;
	case 't':
		if (options->clock == SC_LINES_RELATIVE)
			options->clock = SC_LINES_NO_CLOCK;
		options->clock += options->clock < SC_LINES_EPOCH;
		return 1;
	case 'T':
		options->durations = true;
		return 1;
	case 'v':
		options->style.verbose = true;
		return 1;
	case SC_LINES_COLOR:
		return read_colour(options, argument);
	case SC_LINES_DEPTH:
		return read_number(&options->depth, "depth", argument, 1u << 30);
	case SC_LINES_INDENT:
		options->indent = 2;
		return argument ? read_number(&options->indent, "indentation", argument, 64) : 1;
	case SC_LINES_LONGER:
		return read_time(&options->longer_than, argument);
	default:
		return 0;
	}
}
