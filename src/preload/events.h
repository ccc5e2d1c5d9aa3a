/* SPDX-License-Identifier: MIT */
/*
 * Where a thread writes its events (common/event.h): chunks of the record, one at a time. Inside intercepted calls: no
 * lock, no libc; a signal handler that writes events of its own may come in anywhere.
 */
#ifndef SC_EVENTS_H
#define SC_EVENTS_H

#include <stdint.h>

#include "common/event.h"
#include "preload/making.h"
#include "preload/record_chunks.h"
#include "x86_64/local_add.h"

/* Of a thread: where it is. All zero: nowhere yet. */
struct sc_events {
	struct sc_record_events *chunk; /* NULL: look before anything is written. All that a handler may change in between
					   follows from this one word */
	struct sc_record_events *before; /* another thread's, which has ended: to go on in once that was said */
	uint32_t sequence; /* of its chunks so far */
	uint32_t thread;   /* number of the first thread that wrote here, as readers see it */
	uint32_t generation; /* of forks: what is another's is not there any more */
	struct sc_making making; /* of chunks */
	uint64_t owner;	   /* tid | number << 32 of the thread that writes now, when readers do not know it yet; else 0 */
};

/* How much all threads of the process may have at a time, in bytes; what does not fit is dropped, and counted. */
void sc_events_limit(uint64_t bytes);

/* Room for an event of at most `size` bytes, a multiple of 8: marked open, the rest zero. NULL: there is none, which is
 * counted. Until sc_events_end a fork keeps the memory where it is. */
static inline struct sc_event *sc_events_begin(struct sc_events *events, uint32_t size);
/* The event has become `used` bytes long, and whole. Of what lies behind, the caller may have written 8 bytes. */
static inline void sc_events_end(struct sc_events *events, struct sc_event *event, uint32_t used);

/* From now on another thread writes here: events->chunk goes on to be used. */
void sc_events_adopt(struct sc_events *events, uint32_t number);

/* In the child of fork. own: the calling thread's, or NULL: code that this has interrupted goes on with them. */
void sc_events_forked(struct sc_events *own);

/* ---- Each call comes here ---- */

/* The same when the chunk is full, or there is none, or the thread is another one. */
struct sc_event *sc_events_begin_anew(struct sc_events *events, uint32_t size);

/* As sc_chunks_enter and sc_chunks_leave: but what may come in between is on this very thread. */
static inline void sc_events_hold(void)
{
	sc_record_self.busy++;
	__asm__ volatile("" : : : "memory");
}

static inline void sc_events_let_go(void)
{
	__asm__ volatile("" : : : "memory");
	sc_record_self.busy--;
}

/* Bytes for events in a chunk. */
static inline uint64_t sc_events_room(const struct sc_record_events *chunk)
{
	return chunk->chunk.size - sizeof(*chunk);
}

static inline struct sc_event *sc_events_begin(struct sc_events *events, uint32_t size)
{
	struct sc_record_events *chunk;
	struct sc_event *event;
	uint64_t at;

	sc_events_hold(); /* first: what is looked at is what a child of fork keeps */
	chunk = events->chunk;
	if (!chunk)
		return sc_events_begin_anew(events, size);
	at = sc_local_fetch_add(&chunk->used, size);
	if (at + size > sc_events_room(chunk))
		return sc_events_begin_anew(events, size);
	event = (struct sc_event *)((char *)(chunk + 1) + at);
	__atomic_store_n(&event->size, size | SC_EVENT_OPEN, __ATOMIC_RELEASE);
	return event;
}

/* Gives back what is behind an event that needs less than its size; false: something lies there, or in another chunk. */
static inline bool sc_events_shrink(struct sc_record_events *chunk, const struct sc_event *event, uint32_t size,
				    uint32_t used)
{
	uint64_t end = (uint64_t)((const char *)event - (const char *)(chunk + 1)) + size;

	return end <= sc_events_room(chunk) && sc_local_replace(&chunk->used, end, end - (size - used));
}

static inline void sc_events_end(struct sc_events *events, struct sc_event *event, uint32_t used)
{
	struct sc_record_events *chunk = events->chunk;
	uint32_t size = event->size & ~SC_EVENT_OPEN;

	if (used < size) {
		*(uint64_t *)((char *)event + used) = 0;
		/* First: a handler that comes in when the rest is given back writes there, and may be left by longjmp. */
		__atomic_store_n(&event->size, used | SC_EVENT_OPEN, __ATOMIC_RELEASE);
		if (chunk && sc_events_shrink(chunk, event, size, used))
			size = used;
	}
	__atomic_store_n(&event->size, size, __ATOMIC_RELEASE);
	sc_events_let_go();
}

#endif
