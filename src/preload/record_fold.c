/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of a timed call from a thread's log into its times and histograms. Does not own these
 * (record_tables.c) nor regions, nor adding up (record_sum.c). Called by leave.S, on the way of an intercepted call.
 *
 * A signal handler may come in anywhere, make calls, and fold too. So there is no state "is folding"
 * that a siglongjmp could leave behind; an entry belongs to who empties it:
 *
 *	note the times' values in the region	for a reader after SIGKILL (common/record.h)
 *	entry -> emptied			failed: a handler has folded this entry, go on
 *	times += entry				one instruction a field
 *
 * and the log starts anew only if, since its entries were looked at, nobody has reserved another. Slots that
 * are reserved and not filled stay so; to tell them from emptied ones, those have the number of the pass.
 */
#include <stddef.h>

#include "preload/record_chunks.h"
#include "preload/record_internal.h"
#include "preload/record_map.h"
#include "preload/record_tables.h"
#include "x86_64/local_add.h"

#define KEPT_SHIFT 26 /* 2^34 ticks in all: five seconds and more */
#define KEPT_MOST 256
#define ROUNDS_MOST 4

static void barrier(void)
{
	__asm__ volatile("" : : : "memory");
}

static uint32_t entry_index(uint64_t second, uint64_t first)
{
	return (uint32_t)(first & 0xffff) | (uint32_t)(second & 0xffff) << 16;
}

static void lower(uint64_t *at, uint64_t value)
{
	uint64_t there;

	do
		there = *(volatile uint64_t *)at;
	while ((there == 0 || value < there) && !sc_local_replace(at, there, value));
}

static void raise_to(uint64_t *at, uint64_t value)
{
	uint64_t there;

	do
		there = *(volatile uint64_t *)at;
	while (value > there && !sc_local_replace(at, there, value));
}

static void add(struct sc_record_times *times, uint64_t *bucket, uint64_t duration, uint64_t children)
{
	lower(&times->min, duration);
	raise_to(&times->max, duration);
	sc_local_add(&times->calls, 1);
	sc_local_add(&times->total, duration);
	sc_local_add(&times->self, duration > children ? duration - children : 0);
	if (bucket)
		sc_local_add(bucket, 1);
}

static void fold_direct(struct sc_record_region *region, uint64_t second, uint64_t first)
{
	struct sc_tables tables = { 0 };
	struct sc_record_times *times = sc_tables_times(&tables, region, entry_index(second, first));

	if (times)
		add(times, sc_tables_bucket(&tables, region, times, first >> 16), first >> 16, second >> 16);
	else
		sc_local_add(&region->untimed, 1);
}

/* Makes the slot what one is that was filled and is no longer: an entry of no duration, with the number of this
 * pass. False: it holds something else by now. */
static bool empty_slot(struct sc_record_region *region, struct sc_record_entry *entry, uint64_t first)
{
	return sc_local_replace(&entry->first, first, region->pass);
}

/* Moves the entry that a slot holds to where it adds up. */
static void fold_entry(struct sc_record_region *region, unsigned slot, uint64_t second, uint64_t first,
		       struct sc_tables *tables)
{
	struct sc_record_entry *entry = &sc_record_log(region)[slot];
	struct sc_record_times *times = sc_tables_times(tables, region, entry_index(second, first));
	uint64_t *bucket;

	if (!times) {
		if (empty_slot(region, entry, first))
			sc_local_add(&region->untimed, 1);
		return;
	}
	bucket = sc_tables_bucket(tables, region, times, first >> 16);
	region->fold_times = sc_tables_offset(tables, times);
	region->fold_first = first;
	region->fold_second = second;
	region->fold_calls = times->calls;
	region->fold_total = times->total;
	region->fold_self = times->self;
	region->fold_bucket = bucket ? *bucket : 0;
	barrier();
	region->fold_slot = (uint16_t)(slot + 1);
	if (empty_slot(region, entry, first))
		add(times, bucket, first >> 16, second >> 16);
	barrier();
	region->fold_slot = 0;
	barrier();
}

/* Whether a slot without an entry awaits one. If not, it was emptied by this pass, or by an earlier one after
 * which it was not given out again. */
static bool unfilled(struct sc_record_region *region, unsigned slot, uint64_t first)
{
	uint16_t pass = region->pass;

	if (first == pass)
		return false;
	if (slot >= region->kept || first != (uint16_t)(pass - 1))
		return true;
	empty_slot(region, &sc_record_log(region)[slot], first);
	return false;
}

/* Folds what is in the first `end` slots; returns how many of them must stay reserved: all up to the last one
 * whose owner, a call that a signal interrupted between reserving and filling, is still below us on the stack. */
static unsigned fold_slots(struct sc_record_region *region, unsigned end)
{
	const struct sc_record_entry *log = sc_record_log(region);
	struct sc_tables tables = { 0 };
	unsigned held = 0;

	for (unsigned slot = 0; slot < end; slot++) {
		uint64_t first = *(const volatile uint64_t *)&log[slot].first;
		uint64_t second = *(const volatile uint64_t *)&log[slot].second;

		if (first >> 16)
			fold_entry(region, slot, second, first, &tables);
		else if (unfilled(region, slot, first))
			held = slot + 1;
	}
	return held;
}

/*
 * An owner that a siglongjmp has abandoned looks like one that is interrupted, and would cost the thread its
 * log for ever. So after some seconds the slot is given up, and its call is one without a time.
 */
static unsigned give_up(struct sc_record_region *region, unsigned held)
{
	uint16_t now;

	if (held == 0)
		return 0;
	now = (uint16_t)(sc_record_ticks() >> KEPT_SHIFT);
	if (held != region->kept)
		region->kept_since = now;
	if ((uint16_t)(now - region->kept_since) < KEPT_MOST)
		return held;
	sc_local_add(&region->untimed, 1);
	return 0;
}

static void fold_log(struct sc_record_region *region)
{
	for (int round = 0; round < ROUNDS_MOST; round++) {
		uint64_t used = *(volatile uint64_t *)&region->log_used;
		uint16_t pass = region->pass;
		unsigned end = used < SC_RECORD_LOG_SIZE ? (unsigned)(used / sizeof(struct sc_record_entry))
							 : SC_RECORD_LOG_ENTRIES;
		unsigned held = give_up(region, fold_slots(region, end));

		if (*(volatile uint16_t *)&region->pass != pass) /* it started anew meanwhile */
			continue;
		if (sc_local_replace(&region->log_used, used, held * sizeof(struct sc_record_entry))) {
			region->kept = (uint16_t)held;
			barrier();
			region->pass = (uint16_t)(pass + 1);
			return;
		}
	}
}

static void append(struct sc_record_region *region, uint64_t second, uint64_t first)
{
	uint64_t at = sc_local_fetch_add(&region->log_used, sizeof(struct sc_record_entry));
	struct sc_record_entry *entry;

	if (at >= SC_RECORD_LOG_SIZE) {
		fold_direct(region, second, first);
		return;
	}
	entry = &sc_record_log(region)[at / sizeof(*entry)];
	entry->second = second;
	barrier();
	*(volatile uint64_t *)&entry->first = first;
}

/* The note of the entry that an interrupted fold of this thread was about (common/record.h). */
struct note {
	uint64_t times, first, second, calls, total, self, bucket;
	uint16_t slot;
};

static void note_save(const struct sc_record_region *region, struct note *note)
{
	note->slot = region->fold_slot;
	note->times = region->fold_times;
	note->first = region->fold_first;
	note->second = region->fold_second;
	note->calls = region->fold_calls;
	note->total = region->fold_total;
	note->self = region->fold_self;
	note->bucket = region->fold_bucket;
}

static void note_restore(struct sc_record_region *region, const struct note *note)
{
	if (note->slot == 0)
		return;
	region->fold_times = note->times;
	region->fold_first = note->first;
	region->fold_second = note->second;
	region->fold_calls = note->calls;
	region->fold_total = note->total;
	region->fold_self = note->self;
	region->fold_bucket = note->bucket;
	barrier();
	region->fold_slot = note->slot;
}

void sc_record_fold(struct sc_record_region *region, uint64_t second, uint64_t first)
{
	struct note note;

	if (sc_record_is_spare(region)) {
		region->log_used = 0;
		sc_record_spare_drain();
		return;
	}
	sc_chunks_enter();
	note_save(region, &note);
	fold_log(region);
	if (first)
		append(region, second, first);
	note_restore(region, &note);
	sc_chunks_leave();
	sc_record_stamp(false);
}
