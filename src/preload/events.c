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
 * are used again, by whoever comes first; but one that a signal handler has left, whose thread may have been interrupted
 * between finding it and taking room in it, by that thread alone.
 */
#include "preload/events.h"

#include <linux/mman.h>

#include "common/sys.h"
#include "preload/record_chunks.h"
#include "x86_64/local_add.h"

#define CHUNK_FIRST ((uint64_t)64 << 10)
#define CHUNK_MOST ((uint64_t)1 << 20)
#define LIMIT ((uint64_t)256 << 20)
#define PAGE 4096 /* the least there is */
#define REFUSALS 1024 /* events that are dropped unasked when there was no room */

static uint64_t limit = LIMIT;
static uint64_t taken; /* bytes of all chunks */
static uint64_t in_vain; /* the header's events_drained when a search last found nothing */
static uint32_t generation = 1; /* of forks */

void sc_events_limit(uint64_t bytes)
{
	limit = bytes;
}

/*
 * The thread's from now on, instead of `left`, as readers find it: sequence last, since it tells them so. A handler that
 * was here meanwhile has changed events->chunk, and what it has taken stays: this one is nobody's then, as if emptied.
 */
static void take(struct sc_events *events, struct sc_record_events *left, struct sc_record_events *chunk)
{
	uint32_t sequence = __atomic_add_fetch(&events->sequence, 1, __ATOMIC_RELAXED);

	/* A call that we, in a handler, have interrupted may be about to take room in it, and must find none, or its own. */
	if (left)
		left->keeper = sc_record_self.busy > 1 ? events->thread : 0;
	__atomic_store_n(&chunk->sequence, 0, __ATOMIC_RELEASE);
	chunk->used = 0;
	chunk->dropped = 0;
	chunk->tid = (uint32_t)sc_sys_gettid();
	chunk->thread = events->thread;
	if (sc_local_replace((uint64_t *)&events->chunk, (uint64_t)left, (uint64_t)chunk)) {
		events->before = NULL;
		__atomic_store_n(&chunk->sequence, sequence, __ATOMIC_RELEASE);
		return;
	}
	chunk->thread = 0;
	__atomic_store_n(&chunk->sequence, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&chunk->drained, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&sc_chunks_header()->events_drained, 1, __ATOMIC_RELEASE);
}

/* One that a reader has emptied. Where none has been since the last search in vain, there is none: the chain may be long. */
static bool take_drained(struct sc_events *events, struct sc_record_events *left)
{
	uint64_t at = SC_CHUNKS_FIRST, now = __atomic_load_n(&sc_chunks_header()->events_drained, __ATOMIC_ACQUIRE);
	struct sc_record_chunk *chunk;
	bool kept = false;

	if (now == __atomic_load_n(&in_vain, __ATOMIC_RELAXED))
		return false;
	while ((chunk = sc_chunks_next(&at))) {
		struct sc_record_events *old = (struct sc_record_events *)chunk;
		uint32_t drained;

		if (__atomic_load_n(&chunk->kind, __ATOMIC_ACQUIRE) != SC_RECORD_EVENTS)
			continue;
		drained = __atomic_load_n(&old->drained, __ATOMIC_ACQUIRE);
		if (drained == 0 || drained != old->sequence || old == left)
			continue;
		if (old->keeper && old->keeper != events->thread) {
			kept = true;
			continue;
		}
		if (!__atomic_compare_exchange_n(&old->drained, &drained, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		take(events, left, old);
		return true;
	}
	if (!kept)
		__atomic_store_n(&in_vain, now, __ATOMIC_RELAXED);
	return false;
}

static bool take_new(struct sc_events *events, struct sc_record_events *left)
{
	const struct sc_record_events *last = left ? left : events->before;
	uint64_t size = last ? 2 * last->chunk.size : CHUNK_FIRST, offset;

	if (size > CHUNK_MOST)
		size = CHUNK_MOST;
	if (__atomic_add_fetch(&taken, size, __ATOMIC_RELAXED) > limit) {
		__atomic_sub_fetch(&taken, size, __ATOMIC_RELAXED);
		return false;
	}
	offset = sc_chunks_claim(size, size);
	if (!offset) {
		__atomic_sub_fetch(&taken, size, __ATOMIC_RELAXED);
		return false;
	}
	/* All of it is about to be written, and faults one by one cost more. */
	sc_sys_madvise((void *)(((uintptr_t)sc_chunks_at(offset) + PAGE - 1) & -(uintptr_t)PAGE),
		       (size - PAGE) & -(uintptr_t)PAGE, MADV_POPULATE_WRITE);
	take(events, left, sc_chunks_at(offset));
	sc_chunks_publish(offset, SC_RECORD_EVENTS);
	return true;
}

/* In place of `left`, which is full, or NULL. */
static bool take_another(struct sc_events *events, struct sc_record_events *left)
{
	bool taken_one;

	if (!sc_making_begin(&events->making))
		return false;
	taken_one = take_drained(events, left) || take_new(events, left);
	sc_making_end(&events->making, taken_one ? 0 : REFUSALS);
	return taken_one;
}

static void drop(struct sc_events *events)
{
	struct sc_record_events *chunk = *(struct sc_record_events *volatile *)&events->chunk;

	if (chunk)
		sc_local_add(&chunk->dropped, 1);
	else
		__atomic_fetch_add(&sc_chunks_header()->events_dropped, 1, __ATOMIC_RELAXED);
}

/* Says who writes now, in what another thread has begun; false: it is full. */
static bool announce(struct sc_events *events, struct sc_record_events *chunk)
{
	uint64_t at = sc_local_fetch_add(&chunk->used, sizeof(struct sc_event));
	struct sc_event *event = (struct sc_event *)((char *)(chunk + 1) + at);

	if (at + sizeof(*event) > sc_events_room(chunk))
		return false;
	event->kind = SC_EVENT_THREAD;
	event->detail = events->owner;
	__atomic_store_n(&event->size, (uint32_t)sizeof(*event), __ATOMIC_RELEASE);
	if (sc_local_replace((uint64_t *)&events->chunk, 0, (uint64_t)chunk))
		events->before = NULL;
	return true;
}

void sc_events_adopt(struct sc_events *events, uint32_t number)
{
	if (events->generation != generation) { /* a fork has replaced the memory: begin anew, in the child's record */
		events->chunk = events->before = NULL;
		events->sequence = events->thread = 0;
		events->making = (struct sc_making){ 0 };
		events->generation = generation;
	}
	if (!events->thread)
		events->thread = number;
	events->owner = (uint64_t)sc_sys_gettid() | (uint64_t)number << 32;
	if (events->chunk)
		events->before = events->chunk;
	events->chunk = NULL;
}

struct sc_event *sc_events_begin_anew(struct sc_events *events, uint32_t size)
{
	struct sc_record_events *chunk, *before;

	do {
		before = *(struct sc_record_events *volatile *)&events->before;
		chunk = *(struct sc_record_events *volatile *)&events->chunk;
		if (!chunk && before && announce(events, before))
			chunk = *(struct sc_record_events *volatile *)&events->chunk;
		if (chunk) {
			uint64_t at = sc_local_fetch_add(&chunk->used, size);
			struct sc_event *event = (struct sc_event *)((char *)(chunk + 1) + at);

			if (at + size <= sc_events_room(chunk)) {
				__atomic_store_n(&event->size, size | SC_EVENT_OPEN, __ATOMIC_RELEASE);
				return event;
			}
		}
	} while (take_another(events, chunk));
	drop(events);
	sc_events_let_go();
	return NULL;
}

void sc_events_forked(struct sc_events *own)
{
	taken = 0;
	in_vain = 0;
	generation++;
	if (own) {
		own->chunk = own->before = NULL;
		own->sequence = own->thread = 0;
		own->making = (struct sc_making){ 0 };
		own->generation = generation;
	}
}
