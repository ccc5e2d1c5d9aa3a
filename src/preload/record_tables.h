/* SPDX-License-Identifier: MIT */
/*
 * Where the times of a thread's calls add up: found by a function's index, made when first asked for. Shared by
 * record_fold.c and record_tables.c. For the thread that owns the region, and handlers that interrupt it.
 */
#ifndef SC_RECORD_TABLES_H
#define SC_RECORD_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/record.h"
#include "preload/record_chunks.h"

/* What was found last, where the next is looked for first. Start with {0}; keep it no longer than one fold: it
 * may be behind, which does no harm but to cost memory. */
struct sc_tables {
	uint32_t *references; /* of the index */
	uint32_t capacity;
	struct sc_segment times;
	struct sc_segment histogram;
};

/* For the two below, which are on the way of each folded call: what they look for exists afterwards. False: there is no
 * such function, or no storage. */
__attribute__((cold)) bool sc_tables_make_times(struct sc_tables *tables, struct sc_record_region *region,
						uint32_t index);
__attribute__((cold)) bool sc_tables_make_group(struct sc_record_region *region, uint32_t *at, uint32_t number);

/* The times of a function, or NULL. References are read once: in the child of a handler that forks, one that was there
 * a moment ago is gone. */
static inline struct sc_record_times *sc_tables_times(struct sc_tables *tables, struct sc_record_region *region,
						      uint32_t index)
{
	uint32_t there;

	while (index >= tables->capacity || !(there = *(volatile uint32_t *)&tables->references[index]))
		if (!sc_tables_make_times(tables, region, index))
			return NULL;
	return sc_chunks_near(sc_record_referred(there), &tables->times);
}

/* The bucket of a duration in the histogram of those times, or NULL. New groups come last in their list, so those of
 * the usual durations, which came soon, are found soon. */
static inline uint64_t *sc_tables_bucket(struct sc_tables *tables, struct sc_record_region *region,
					 struct sc_record_times *times, uint64_t duration)
{
	unsigned bucket = sc_histogram_bucket(duration), number = bucket / SC_RECORD_GROUP;
	uint32_t *reference = &times->groups[number % SC_RECORD_LISTS], there;

	for (;;) {
		struct sc_record_group *group;

		while (!(there = *(volatile uint32_t *)reference))
			if (!sc_tables_make_group(region, reference, number))
				return NULL;
		group = sc_chunks_near(sc_record_referred(there), &tables->histogram);
		if (group->number == number)
			return &group->buckets[bucket % SC_RECORD_GROUP];
		reference = &group->next;
	}
}

/* The file offset of times that sc_tables_times returned last. */
static inline uint64_t sc_tables_offset(const struct sc_tables *tables, const struct sc_record_times *times)
{
	return tables->times.offset + (uint64_t)((const char *)times - (const char *)tables->times.address);
}

/* In the child of fork: storage may be had again. */
void sc_tables_forked(void);

#endif
