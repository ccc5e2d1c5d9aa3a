/* SPDX-License-Identifier: MIT */
/* `stubcache report --events`: single calls of what was recorded. */
#ifndef SC_CMD_REPORT_EVENTS_H
#define SC_CMD_REPORT_EVENTS_H

#include "cmd/lines.h"

enum sc_events_format { SC_EVENTS_TEXT, SC_EVENTS_JSON, SC_EVENTS_CHROME };

/* Shows all calls in a directory on stdout. Returns what the command is to exit with (cmd.h). */
int sc_report_events(const char *directory, const struct sc_lines_options *options, enum sc_events_format format);

#endif
