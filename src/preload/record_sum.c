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

static void add_times(struct sc_record_sum *sum, uint32_t index, struct sc_record_times_chunk *chunk)
{
	const struct sc_record_times *times = &sc_record_table(chunk)[index];
	const struct sc_record_histogram *histogram;

	if (index >= chunk->backed || times->calls == 0)
		return;
	sum_range(sum, times->min, times->max);
	sum->returned += times->calls;
	sum->total += times->total;
	sum->self += times->self;
	if (!times->histogram)
		return;
	histogram = sc_chunks_at(times->histogram);
	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++)
		sum->histogram[i] += histogram->buckets[i];
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
			add_times(out, index, (struct sc_record_times_chunk *)chunk);
	}
	sc_chunks_leave();
}
