/* SPDX-License-Identifier: MIT */
/*
 * What the record's files know of each other, beyond its memory (record_chunks.h).
 * Signal and thread safety as in record_map.h.
 */
#ifndef SC_RECORD_INTERNAL_H
#define SC_RECORD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/record.h"

/* Indexes that may be in use, and that may ever be: sc_record_extend moves the first one up. */
uint32_t sc_record_stub_count(void);
uint32_t sc_record_capacity(void);

static inline struct sc_record_entry *sc_record_log(struct sc_record_region *region)
{
	return (struct sc_record_entry *)((char *)region + SC_RECORD_LOG_OFFSET);
}

static inline uint64_t *sc_record_counts(struct sc_record_region *region)
{
	return (uint64_t *)((char *)region + SC_RECORD_COUNTS_OFFSET);
}

/* Sizes of chunks. */
uint64_t sc_record_region_size(void);
static inline uint64_t sc_record_region_backed(uint32_t counts)
{
	return SC_RECORD_COUNTS_OFFSET + 8 * (uint64_t)counts;
}

/* Gives counts[0..count) of a region in the chain storage. */
int sc_record_region_back(struct sc_record_region *region, uint64_t offset, uint32_t count);
/* Makes a region's fields those of one that nobody owns yet, but for the chunk. */
void sc_record_region_init(struct sc_record_region *region, uint32_t tid, uint32_t backed);
/* In the child of fork: the spare is empty. */
void sc_record_spare_forked(void);
/* Moves what was counted in the spare to the header's lost calls. */
void sc_record_spare_drain(void);
/* Whether this is the spare, which several threads write to at once. */
bool sc_record_is_spare(const struct sc_record_region *region);

/* Writes when the record begins, in each of its clocks. The difference of two of them tells what boot it is of, so that
 * a child of fork has these anew, too. */
void sc_record_begin(struct sc_record_header *header, uint64_t realtime);
/* Takes a new pair of clocks for the header; unless `now`, only when the last is old. */
void sc_record_stamp(bool now);

/* Whoever was copied without libc's handlers gets a record of its own here, before it can take anything from its
 * parent's. */
void sc_record_look(void);

/* The clock of the header. */
uint64_t sc_record_ticks(void);
/* CLOCK_REALTIME or CLOCK_MONOTONIC, ns. */
uint64_t sc_record_clock_ns(int clock);

#endif
