/* SPDX-License-Identifier: MIT */
/* The reports of stacks, of `stubcache report`. */
#ifndef SC_CMD_REPORT_STACKS_H
#define SC_CMD_REPORT_STACKS_H

#include <stdbool.h>

/* Numbers of these words among report.c's formats, and among what it groups by. */
#define SC_REPORT_FOLDED 3
#define SC_REPORT_PPROF 4
#define SC_REPORT_CALLERS 3

/* Shows the stacks of a directory on stdout; a format below SC_REPORT_FOLDED is that of a table of callers (enum
 * sc_stack_form). Returns the status to end with. */
int sc_report_stacks(const char *directory, int format, int metric, bool demangle);

#endif
