/* SPDX-License-Identifier: MIT */
/* Owns the way from a directory of records to single calls, as lines or JSON, afterwards. Called by report.c. */
#include "cmd/report_events.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cmd/calls_json.h"
#include "cmd/cmd.h"
#include "cmd/proto_files.h"
#include "cmd/report.h"

struct events {
	struct sc_arena arena;
	struct sc_protos protos;
	struct sc_merge *merge;
	struct sc_calls *calls;
	struct sc_lines *lines;
	struct sc_calls_json *json;
	bool said; /* what went wrong */
};

static int open_shower(struct events *events, const struct sc_lines_options *options, enum sc_events_format format,
		       struct sc_calls_sink *sink)
{
	int r;

	if (format == SC_EVENTS_TEXT) {
		r = sc_lines_open(&events->lines, options, stdout);
		events->said = r != 0;
		if (r == 0)
			*sink = sc_lines_sink(events->lines);
		return r;
	}
	r = sc_calls_json_open(&events->json, options, format == SC_EVENTS_CHROME, stdout);
	if (r == 0)
		*sink = sc_calls_json_sink(events->json);
	return r;
}

static long show(struct events *events, const char *directory, const struct sc_lines_options *options,
		 enum sc_events_format format)
{
	struct sc_calls_sink sink;
	/* What was wrong with a file has been said. */
	int r = sc_protos_load(&events->protos, NULL, 0) == -ENOMEM ? -ENOMEM : 0;

	if (r == 0)
		r = sc_merge_open(&events->merge, directory, 0, 0);
	if (r == 0)
		r = open_shower(events, options, format, &sink);
	if (r == 0)
		r = sc_calls_open(&events->calls, events->merge, &events->protos, &sink);
	return r ? r : sc_calls_take(events->calls, LONG_MAX);
}

/* Lines say what they cannot write to a file, and sc_cmd_finish what could not be written to stdout. */
static int close_shower(struct events *events)
{
	int r = sc_calls_json_close(events->json), lines = sc_lines_close(events->lines);

	events->said |= lines || ferror(stdout);
	return r ? r : lines;
}

int sc_report_events(const char *directory, const struct sc_lines_options *options, enum sc_events_format format)
{
	struct events events = { 0 };
	int status = SC_CMD_OK, closed;
	long count;

	events.protos.arena = &events.arena;
	count = show(&events, directory, options, format);
	closed = close_shower(&events);
	if (count < 0 || closed) {
		if (!events.said)
			sc_cmd_error("cannot show '%s': %s", directory, strerror(count < 0 ? (int)-count : -closed));
		status = SC_CMD_FOUND;
	} else if (sc_merge_losses(events.merge)->processes == 0 && sc_merge_losses(events.merge)->refused == 0) {
		sc_cmd_error("no records in '%s'", directory);
		status = SC_CMD_FOUND;
	} else {
		sc_lines_notes(events.merge, events.calls);
		sc_report_say_unobserved(directory, 0);
		if (sc_merge_losses(events.merge)->damaged || sc_merge_losses(events.merge)->refused)
			status = SC_CMD_FOUND;
	}
	sc_calls_close(events.calls);
	sc_merge_close(events.merge);
	sc_arena_release(&events.arena);
	return status;
}
