/* SPDX-License-Identifier: MIT */
/*
 * One JSON line for each function that was considered, for `stubcache explain`. The engine says what it selected, the
 * preload what it could not attach; the command puts together what is said of one function.
 */
#ifndef SC_EXPLAIN_H
#define SC_EXPLAIN_H

#include <stdint.h>

struct sc_explain_line {
	const char *program;			  /* base name of the main module */
	const char *function, *library, *version; /* version "" when none */
	const char *action;			  /* as in rules, the one that does most; "" when left alone */
	const char *way;			  /* "slots", "dlsym", or "" when not observed */
	uint32_t slots;				  /* that lead to it now; without a way: that stay as they are */
	const char *reason;			  /* why less than was asked for, or "" */
};

/* Appends the line to fd, in one piece, with the process's id; nothing if fd is negative or memory is short. */
void sc_explain(int fd, const struct sc_explain_line *line);

#endif
