/* SPDX-License-Identifier: MIT */
/*
 * Owns the chunks that events are written to. Does not own what is in an event (trace.c), nor the chain of chunks
 * (record_chunks.c).
 *
 *	used += size -> size | OPEN -> (the caller fills it) -> size
 *
 * The first is one instruction, so a handler's events come behind. An event is reserved as long as it may become; when
 * nothing was written behind it meanwhile, what it did not need is given back, else it stays as padding: a blob of kind 0.
 *
 * A chunk that is full is left for good. A reader that follows the process empties those that were left, and then they
 * are used again, by whoever comes first.
 */
#include "preload/events.h"

#include <linux/mman.h>

#include "common/sys.h"
#include "preload/peek.h"
#include "preload/record_chunks.h"
#include "x86_64/local_add.h"

#define CHUNK_FIRST ((uint64_t)64 << 10)
#define CHUNK_MOST ((uint64_t)1 << 20)
#define LIMIT ((uint64_t)256 << 20)
#define PAGE 4096 /* the least there is */
#define REFUSALS 1024 /* events that are dropped unasked when there was no room */

static uint64_t limit = LIMIT;
static uint64_t taken; /* bytes of all chunks */
static uint32_t generation = 1; /* of forks */

void sc_events_limit(uint64_t bytes)
{
	limit = bytes;
}

static uint64_t room_of(const struct sc_record_events *chunk)
{
	return chunk->chunk.size - sizeof(*chunk);
}

/* The thread's now, as readers find it; sequence last, since it tells them so. */
static void take(struct sc_events *events, struct sc_record_events *chunk)
{
	chunk->used = 0;
	chunk->dropped = 0;
	chunk->tid = (uint32_t)sc_sys_gettid();
	events->owner = 0;
	chunk->thread = events->thread;
	__atomic_store_n(&chunk->sequence, ++events->sequence, __ATOMIC_RELEASE);
	events->room = room_of(chunk);
	__atomic_store_n(&events->chunk, chunk, __ATOMIC_RELEASE);
}

/* One that a reader has emptied. */
static bool take_drained(struct sc_events *events)
{
	uint64_t at = SC_CHUNKS_FIRST;
	struct sc_record_chunk *chunk;

	while ((chunk = sc_chunks_next(&at))) {
		struct sc_record_events *old = (struct sc_record_events *)chunk;
		uint32_t drained;

		if (__atomic_load_n(&chunk->kind, __ATOMIC_ACQUIRE) != SC_RECORD_EVENTS)
			continue;
		drained = __atomic_load_n(&old->drained, __ATOMIC_ACQUIRE);
		if (drained == 0 || drained != old->sequence || old == events->chunk)
			continue;
		if (!__atomic_compare_exchange_n(&old->drained, &drained, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		take(events, old);
		return true;
	}
	return false;
}

static bool take_new(struct sc_events *events)
{
	uint64_t size = events->chunk ? 2 * events->chunk->chunk.size : CHUNK_FIRST, offset;

	if (size > CHUNK_MOST)
		size = CHUNK_MOST;
	if (sc_peek_confined() || __atomic_add_fetch(&taken, size, __ATOMIC_RELAXED) > limit) {
		__atomic_sub_fetch(&taken, sc_peek_confined() ? 0 : size, __ATOMIC_RELAXED);
		return false;
	}
	offset = sc_chunks_claim(size, size);
	if (!offset)
		return false;
	/* All of it is about to be written, and faults one by one cost more. */
	sc_sys_madvise((void *)(((uintptr_t)sc_chunks_at(offset) + PAGE - 1) & -(uintptr_t)PAGE),
		       (size - PAGE) & -(uintptr_t)PAGE, MADV_POPULATE_WRITE);
	take(events, sc_chunks_at(offset));
	sc_chunks_publish(offset, SC_RECORD_EVENTS);
	return true;
}

static bool take_another(struct sc_events *events)
{
	if (events->refusals) {
		events->refusals--;
		return false;
	}
	if (take_drained(events) || take_new(events))
		return true;
	events->refusals = REFUSALS;
	return false;
}

static void drop(struct sc_events *events)
{
	if (events->chunk)
		sc_local_add(&events->chunk->dropped, 1);
	else
		__atomic_fetch_add(&sc_chunks_header()->events_dropped, 1, __ATOMIC_RELAXED);
}

/* A fork has replaced the memory: begin anew, in the child's record. */
static void forget(struct sc_events *events)
{
	events->chunk = NULL;
	events->sequence = 0;
	events->refusals = 0;
	events->generation = generation;
}

/* Says who writes now, in what another thread has begun. */
static void announce(struct sc_events *events)
{
	struct sc_record_events *chunk = events->chunk;
	uint64_t owner = events->owner, room = room_of(chunk), at;
	struct sc_event *event;

	at = sc_local_fetch_add(&chunk->used, sizeof(*event));
	if (at + sizeof(*event) > room)
		return; /* full: the next one says it */
	event = (struct sc_event *)((char *)(chunk + 1) + at);
	event->kind = SC_EVENT_THREAD;
	event->detail = owner;
	__atomic_store_n(&event->size, (uint32_t)sizeof(*event), __ATOMIC_RELEASE);
	events->owner = 0;
	events->room = room;
}

void sc_events_adopt(struct sc_events *events, uint32_t number)
{
	if (!events->thread)
		events->thread = number;
	events->owner = (uint64_t)sc_sys_gettid() | (uint64_t)number << 32;
	events->room = 0;
}

struct sc_event *sc_events_begin_anew(struct sc_events *events, uint32_t size)
{
	if (events->generation != generation)
		forget(events);
	if (events->owner && events->chunk)
		announce(events);
	do {
		struct sc_record_events *chunk = events->chunk;
		uint64_t at = events->room ? sc_local_fetch_add(&chunk->used, size) : 0;

		if (events->room && at + size <= events->room && chunk == events->chunk) {
			struct sc_event *event = (struct sc_event *)((char *)(chunk + 1) + at);

			__atomic_store_n(&event->size, size | SC_EVENT_OPEN, __ATOMIC_RELEASE);
			return event;
		}
	} while (take_another(events));
	drop(events);
	sc_events_let_go();
	return NULL;
}

void sc_events_forked(void)
{
	taken = 0;
	generation++;
}
