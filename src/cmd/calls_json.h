/* SPDX-License-Identifier: MIT */
/* Calls as JSON (jansson). Formats: doc/report-formats.md. Not thread safe. */
#ifndef SC_CMD_CALLS_JSON_H
#define SC_CMD_CALLS_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "cmd/lines.h"

struct sc_calls_json;

/* An object a line, or one object for Chrome's and Perfetto's viewers, to `out`, of calls that the options let through.
 * 0 or -ENOMEM. */
int sc_calls_json_open(struct sc_calls_json **out, const struct sc_lines_options *options, bool chrome, FILE *file);
struct sc_calls_sink sc_calls_json_sink(struct sc_calls_json *json);
/* Writes what stands at the end. 0, or -EIO when something could not be written. Accepts NULL. */
int sc_calls_json_close(struct sc_calls_json *json);

#endif
