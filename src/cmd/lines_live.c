/* SPDX-License-Identifier: MIT */
/*
 * Owns the following of a program by lines: reading, showing, and how often. Called by run.c, whose waiting for the
 * program calls sc_live_poll.
 */
#include "cmd/lines_live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/launch.h"
#include "cmd/proto_files.h"

#define BUSY_MS 0
#define IDLE_MS 5
#define STEP 4096 /* events that are shown before signals are looked at */

struct sc_live {
	struct sc_arena arena;
	struct sc_protos protos;
	struct sc_merge *merge;
	struct sc_calls *calls;
	struct sc_lines *lines;
	bool more; /* than was shown of what was read */
	int error;
};

int sc_live_open(struct sc_live **out, const struct sc_lines_options *options, const char *records, bool drain)
{
	struct sc_live *live = calloc(1, sizeof(*live));
	struct sc_calls_sink sink;
	int r;

	*out = live;
	if (!live)
		return -ENOMEM;
	live->protos.arena = &live->arena;
	r = sc_lines_open(&live->lines, options, stderr);
	if (r)
		return r;
	/* What was wrong with a file has been said. */
	r = sc_protos_load(&live->protos, NULL, 0) == -ENOMEM ? -ENOMEM : 0;
	if (r == 0)
		r = sc_merge_open(&live->merge, records, SC_EVENTS_LIVE | (drain ? SC_EVENTS_DRAIN : 0), 0);
	if (r == 0) {
		sink = sc_lines_sink(live->lines);
		r = sc_calls_open(&live->calls, live->merge, &live->protos, &sink);
	}
	if (r)
		sc_cmd_error("cannot follow '%s': %s", records, strerror(-r));
	return r;
}

/* The first failure ends the following, not the program. Nothing is read before what was read is shown: what waits in
 * our memory has no limit. */
static long step(struct sc_live *live)
{
	long read = 0, shown;

	if (live->error)
		return 0;
	if (!live->more)
		read = sc_merge_poll(live->merge);
	shown = read < 0 ? read : sc_calls_take(live->calls, STEP);
	live->more = shown == STEP;
	sc_lines_flush(live->lines);
	if (shown < 0) {
		live->error = (int)shown;
		sc_cmd_error("cannot follow the program any more: %s", strerror((int)-shown));
		return 0;
	}
	return read + shown;
}

int sc_live_poll(void *context, pid_t child)
{
	struct sc_live *live = context;

	sc_lines_own(live->lines, (uint32_t)child);
	return step(live) > 0 ? BUSY_MS : IDLE_MS;
}

/* There may be much left: whoever has enough of it need not wait for the end. */
static void show_rest(struct sc_live *live)
{
	long count = STEP;

	if (!live->error)
		live->error = sc_merge_finish(live->merge);
	while (!live->error && count == STEP && !sc_child_interrupted()) {
		count = sc_calls_take(live->calls, STEP);
		live->error = count < 0 ? (int)count : 0;
	}
	if (count == STEP && !live->error)
		sc_cmd_error("interrupted: the last calls are not shown");
}

int sc_live_finish(struct sc_live *live, const char *program, int status)
{
	int r;

	show_rest(live);
	sc_lines_ended(live->lines, status);
	r = sc_lines_close(live->lines);
	live->lines = NULL;
	sc_lines_notes(live->merge, live->calls);
	if (sc_merge_losses(live->merge)->processes == 0)
		sc_cmd_error("nothing was recorded: '%s' may be statically linked, or setuid", program);
	return live->error ? live->error : r;
}

void sc_live_close(struct sc_live *live)
{
	if (!live)
		return;
	sc_calls_close(live->calls);
	sc_merge_close(live->merge);
	sc_lines_close(live->lines);
	sc_arena_release(&live->arena);
	free(live);
}
