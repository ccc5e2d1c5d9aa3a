/* SPDX-License-Identifier: MIT */
/*
 * Calls as lines, in the form of strace: lines_options.c has what may be asked for, lines.c makes the lines, lines_out.c
 * knows where they go. Used by `stubcache run` while the program runs, and by `stubcache report --events`. Not thread safe.
 */
#ifndef SC_CMD_LINES_H
#define SC_CMD_LINES_H

#include <stdio.h>

#include "cmd/calls.h"

enum sc_lines_clock {
	SC_LINES_NO_CLOCK,
	SC_LINES_TIME,	   /* -t: 12:00:00 */
	SC_LINES_TIME_US,  /* -tt: 12:00:00.000000 */
	SC_LINES_EPOCH,	   /* -ttt: 1700000000.000000 */
	SC_LINES_RELATIVE, /* -r: since the entry of the call before */
};

struct sc_lines_options {
	struct sc_line_style style;
	enum sc_lines_clock clock;
	bool durations;	      /* -T */
	bool stacks;	      /* -k */
	bool each_own;	      /* -ff: a file for each thread */
	const char *file;     /* -o; NULL: stderr, or stdout of a report */
	unsigned depth;	      /* --depth: only calls less deep than this; 0: all */
	uint64_t longer_than; /* ns: only calls that took at least this long; 0: all */
	unsigned indent;      /* columns for each call around */
	unsigned column;      /* where the = stands */
	enum { SC_LINES_AUTO, SC_LINES_ALWAYS, SC_LINES_NEVER } colour;
};

#define SC_LINES_DEFAULT { .style = { .string_limit = 32 }, .column = 40 }

/* Options of getopt that are lines' in every command. */
#define SC_LINES_SHORT "a:ks:rtTv"
#define SC_LINES_LONG \
	{ "color", required_argument, NULL, SC_LINES_COLOR }, { "colour", required_argument, NULL, SC_LINES_COLOR }, \
		{ "depth", required_argument, NULL, SC_LINES_DEPTH }, { "indent", optional_argument, NULL, SC_LINES_INDENT }, \
		{ "longer-than", required_argument, NULL, SC_LINES_LONGER }, { "columns", required_argument, NULL, 'a' }, \
		{ "stack-trace", no_argument, NULL, 'k' }, { "string-limit", required_argument, NULL, 's' }, \
		{ "relative-timestamps", no_argument, NULL, 'r' }, { "syscall-times", no_argument, NULL, 'T' }, \
		{ "verbose", no_argument, NULL, 'v' }

enum { SC_LINES_COLOR = 1000, SC_LINES_DEPTH, SC_LINES_INDENT, SC_LINES_LONGER };

/* Whether this option is one of them: 1, taken; 0, it is not; -1, its argument is wrong, which has been said. */
int sc_lines_option(struct sc_lines_options *options, int option, const char *argument);

struct sc_lines;

/* standard: where lines go without a file. 0, or a negative errno, which has been said; close accepts NULL. */
int sc_lines_open(struct sc_lines **out, const struct sc_lines_options *options, FILE *standard);
/* What calls.h wants, to show them through lines. */
struct sc_calls_sink sc_lines_sink(struct sc_lines *lines);
/* The process whose end is known otherwise: sc_lines_ended tells it. */
void sc_lines_own(struct sc_lines *lines, uint32_t pid);
/* +++ exited with 0 +++, of that process; status as waitpid has it. */
void sc_lines_ended(struct sc_lines *lines, int status);
/* Gives what was written to the terminal or file. */
void sc_lines_flush(struct sc_lines *lines);
/* 0, or the errno of the first write that failed, negative. */
int sc_lines_close(struct sc_lines *lines);

/* What there is to say at the end, on stderr: losses, functions without prototype. */
void sc_lines_notes(const struct sc_merge *merge, const struct sc_calls *calls);

/* ---- lines_out.c ---- */

/* Where the lines of a thread go. */
struct sc_lines_out {
	FILE *file;
	struct sc_calls_call *open; /* whose line is not complete, or NULL */
	unsigned column;	    /* in that line */
	char *path;		    /* of a file for one thread, and */
	uint32_t tid;		    /* its number */
	struct sc_lines_out *next;
};

struct sc_lines_outs {
	struct sc_lines_out *first; /* the one of all, or those of each thread */
	bool each_own, prefix;	    /* prefix: the number of the thread stands in each line as strace -o has it */
	const char *file;
	struct sc_lines_out *last; /* that was asked for by thread, which most often asks again */
	size_t open_count;
	int error;
};

int sc_lines_outs_open(struct sc_lines_outs *outs, const struct sc_lines_options *options, FILE *standard);
/* NULL: cannot be opened, which has been said once. */
struct sc_lines_out *sc_lines_outs_get(struct sc_lines_outs *outs, uint32_t tid);
/* Makes sure that its file is open. */
void sc_lines_outs_write(struct sc_lines_outs *outs, struct sc_lines_out *out, const struct sc_text *text);
void sc_lines_outs_flush(struct sc_lines_outs *outs);
int sc_lines_outs_close(struct sc_lines_outs *outs);

/* ---- lines_stack.c ---- */

struct sc_symbols;

/* The stack of a call, or its caller: " > module(function+0x1) [0x2]" and a newline for each frame. symbols may be NULL. */
void sc_lines_stack(struct sc_text *text, struct sc_symbols *symbols, const struct sc_calls_call *call);

#endif
