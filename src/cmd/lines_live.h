/* SPDX-License-Identifier: MIT */
/* Lines of the calls of a program while it runs. Nothing waits for us there: what we are too slow for is dropped, and said. */
#ifndef SC_CMD_LINES_LIVE_H
#define SC_CMD_LINES_LIVE_H

#include <sys/types.h>

#include "cmd/lines.h"

struct sc_live;

/* Follows what is recorded in a directory from now on; drain: nobody else will read it. 0, or a negative errno, which has
 * been said; close accepts NULL. */
int sc_live_open(struct sc_live **out, const struct sc_lines_options *options, const char *records, bool drain);
/* Shows what there is. Returns after how many milliseconds to come again. For sc_child_watch. */
int sc_live_poll(void *live, pid_t child);
/* The program has ended: shows the rest, and how it ended. Returns 0 or a negative errno, which has been said. */
int sc_live_finish(struct sc_live *live, const char *program, int status);
void sc_live_close(struct sc_live *live);

#endif
