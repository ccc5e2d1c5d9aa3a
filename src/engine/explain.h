/* SPDX-License-Identifier: MIT */
/*
 * One JSON line for each function that was considered, for `stubcache explain`.
 */
#ifndef SC_EXPLAIN_H
#define SC_EXPLAIN_H

#include <stdint.h>

struct sc_explain_line {
	const char *function, *library, *version; /* version "" when none */
	const char *action;			  /* "count", "time", or "" when left alone */
	const char *way;			  /* "slots", "dlsym", or "" */
	uint32_t slots;
	const char *reason; /* why less than was asked for, or "" */
};

/* Appends the line to fd; nothing if fd is negative. */
void sc_explain(int fd, const struct sc_explain_line *line);

#endif
