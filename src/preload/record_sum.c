/* SPDX-License-Identifier: MIT */
/*
 * Owns reading this process's own record, for the summary. Other threads may still count; what they do
 * meanwhile is in or not. Does not change anything. Called when the process ends.
 */
#include "preload/record_chunks.h"
#include "preload/record_internal.h"
#include "preload/record_map.h"

static void sum_clear(struct sc_record_sum *sum)
{
	sum->calls = sum->returned = sum->total = sum->self = sum->min = sum->max = 0;
	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++)
		sum->histogram[i] = 0;
}

static void sum_range(struct sc_record_sum *sum, uint64_t min, uint64_t max)
{
	if (sum->returned == 0 || min < sum->min)
		sum->min = min;
	if (max > sum->max)
		sum->max = max;
}

static void add_entry(struct sc_record_sum *sum, uint32_t index, uint64_t second, uint64_t first)
{
	uint64_t duration = first >> 16, children = second >> 16;

	if (duration == 0 || ((first & 0xffff) | (second & 0xffff) << 16) != index)
		return;
	sum_range(sum, duration, duration);
	sum->returned++;
	sum->total += duration;
	sum->self += duration > children ? duration - children : 0;
	sum->histogram[sc_histogram_bucket(duration)]++;
}

static void add_log(struct sc_record_sum *sum, uint32_t index, struct sc_record_region *region)
{
	uint64_t used = __atomic_load_n(&region->log_used, __ATOMIC_ACQUIRE);
	const struct sc_record_entry *log = sc_record_log(region);

	if (used > SC_RECORD_LOG_SIZE)
		used = SC_RECORD_LOG_SIZE;
	for (uint64_t i = 0; i < used / sizeof(*log); i++) {
		uint64_t first = __atomic_load_n(&log[i].first, __ATOMIC_ACQUIRE);

		add_entry(sum, index, log[i].second, first);
	}
}

static void add_groups(struct sc_record_sum *sum, uint32_t reference)
{
	while (reference) {
		const struct sc_record_group *group = sc_chunks_at(sc_record_referred(reference));

		for (unsigned i = 0; i < SC_RECORD_GROUP; i++)
			sum->histogram[group->number * SC_RECORD_GROUP + i] += group->buckets[i];
		reference = __atomic_load_n(&group->next, __ATOMIC_ACQUIRE);
	}
}

static void add_times(struct sc_record_sum *sum, uint32_t index, const struct sc_record_pool *pool)
{
	const struct sc_record_times *times = (const struct sc_record_times *)(pool + 1);
	uint64_t count = sc_record_pool_count(pool, __atomic_load_n(&pool->used, __ATOMIC_ACQUIRE), sizeof(*times));

	for (; count > 0; count--, times++) {
		if (times->index != index || times->calls == 0)
			continue;
		sum_range(sum, times->min, times->max);
		sum->returned += times->calls;
		sum->total += times->total;
		sum->self += times->self;
		for (unsigned i = 0; i < SC_RECORD_LISTS; i++)
			add_groups(sum, __atomic_load_n(&times->groups[i], __ATOMIC_ACQUIRE));
	}
}

static uint64_t add_counts(uint32_t index)
{
	struct sc_record_chunk *chunk;
	uint64_t at = SC_CHUNKS_FIRST, calls = 0;

	while ((chunk = sc_chunks_next(&at))) {
		struct sc_record_region *region = (struct sc_record_region *)chunk;

		if (chunk->kind == SC_RECORD_REGION && index < region->backed)
			calls += sc_record_counts(region)[index];
	}
	return calls;
}

void sc_record_sum(uint32_t index, struct sc_record_sum *out)
{
	struct sc_record_chunk *chunk;
	uint64_t at = SC_CHUNKS_FIRST;

	sum_clear(out);
	sc_chunks_enter();
	out->calls = add_counts(index);
	/* Most functions were never called; for them the logs need not be searched. */
	while (out->calls && (chunk = sc_chunks_next(&at))) {
		if (chunk->kind == SC_RECORD_REGION)
			add_log(out, index, (struct sc_record_region *)chunk);
		else if (chunk->kind == SC_RECORD_TIMES)
			add_times(out, index, (const struct sc_record_pool *)chunk);
	}
	sc_chunks_leave();
}
