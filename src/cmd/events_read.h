/* SPDX-License-Identifier: MIT */
/*
 * The events of one record (common/event.h): of a process that runs, ended, or was killed. Nothing in the file is
 * believed; it is read, never mapped, so that whoever truncates it cannot kill the reader.
 *
 * A live record is read again and again while its process writes; what is half written is looked at again. Without
 * SC_EVENTS_LIVE it is taken as it is: what is half written then is left out and counted.
 *
 * Not thread safe: one reader a thread.
 */
#ifndef SC_CMD_EVENTS_READ_H
#define SC_CMD_EVENTS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/report.h"
#include "common/event.h"

struct sc_events;

enum sc_events_mode {
	SC_EVENTS_LIVE = 1,
	SC_EVENTS_DRAIN = 2, /* chunks that were read are zeroed and given back to the process: nobody else wants them */
};

/* Who made an event: threads that go on in the chunks of one that has ended have its number, and another tid. */
struct sc_events_thread {
	uint32_t thread;
	uint32_t tid;
};

/* Takes one event, which is valid (events_view.h) and gone when this returns. 0, or a negative errno to stop. */
typedef int (*sc_events_sink)(void *context, const struct sc_events_thread *thread, const struct sc_event *event);

/*
 * Opens directory/name. Returns 0; -EINVAL with *why as in record_read.h, where a live record may become readable
 * later; a negative errno of open or read; -ENOMEM. Release with sc_events_close, which accepts NULL.
 */
int sc_events_open(struct sc_events **out, int directory, const char *name, unsigned mode, const char **why);
/* The same from memory, which must stay; complete. */
int sc_events_open_bytes(struct sc_events **out, const void *data, size_t size, const char **why);
void sc_events_close(struct sc_events *events);

/* Looks for new chunks, modules and names, and at the header. 0, -ENOMEM or an errno of read. */
int sc_events_look(struct sc_events *events);
/* No more is written: what is half written is left out from now on. */
void sc_events_ended(struct sc_events *events);

/* Threads that have chunks, in no order; sc_events_look may add some. */
size_t sc_events_thread_count(const struct sc_events *events);
/*
 * Gives events of the n-th thread to `sink` in the order in which it made them. Live: all there are now. Complete: those
 * of its next chunk. Returns how many (0: none are left, or none now), or a negative errno.
 */
long sc_events_take(struct sc_events *events, size_t n, sc_events_sink sink, void *context);

/* The header as of the last look. */
const struct sc_record_header *sc_events_header(const struct sc_events *events);
/* Events that found no room when they happened, and that were half written or damaged in the end. */
uint64_t sc_events_dropped(const struct sc_events *events);
uint64_t sc_events_unfinished(const struct sc_events *events);
/* "function@library[@version]" of a stub that is in no image, or NULL. */
const char *sc_events_name(const struct sc_events *events, uint32_t index);
/* The first thing that was wrong: "chunk", "events", "names", "modules"; or NULL. */
const char *sc_events_damage(const struct sc_events *events);

/* A module as the record has it; path is terminated. */
struct sc_events_module {
	struct sc_record_module module;
	char *path;
};

/* The module that an address was in at `ticks`, or NULL. */
const struct sc_events_module *sc_events_module_at(const struct sc_events *events, uint64_t address, uint64_t ticks);
/* All of them, valid until the next look. */
const struct sc_events_module *sc_events_modules(const struct sc_events *events, size_t *count);

#endif
