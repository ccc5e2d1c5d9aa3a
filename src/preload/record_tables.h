/* SPDX-License-Identifier: MIT */
/*
 * Where the times of a thread's calls add up: found by a function's index, made when first asked for. Shared by
 * record_fold.c and record_tables.c. For the thread that owns the region, and handlers that interrupt it.
 */
#ifndef SC_RECORD_TABLES_H
#define SC_RECORD_TABLES_H

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

/* The times of a function; NULL: there is no such function, or no storage. */
struct sc_record_times *sc_tables_times(struct sc_tables *tables, struct sc_record_region *region, uint32_t index);

/* The bucket of a duration in the histogram of those times; NULL: no storage. */
uint64_t *sc_tables_bucket(struct sc_tables *tables, struct sc_record_region *region, struct sc_record_times *times,
			   uint64_t duration);

/* The file offset of times that sc_tables_times returned last. */
static inline uint64_t sc_tables_offset(const struct sc_tables *tables, const struct sc_record_times *times)
{
	return tables->times.offset + (uint64_t)((const char *)times - (const char *)tables->times.address);
}

/* In the child of fork: storage may be had again. */
void sc_tables_forked(void);

#endif
