/* SPDX-License-Identifier: MIT */
/*
 * Owns the times and histograms of each thread, and the chunks they are handed out from. Does not own what is added
 * to them (record_fold.c). Called inside intercepted calls, by folding.
 *
 *	region -> index [function] -> times -> group -> group ...	of buckets that have been used
 *
 * All of it is handed out as calls come, from chunks that the thread shares with nobody: a process that calls a
 * hundred functions of five thousand touches a few pages.
 *
 * A signal handler may come in anywhere and do the same. Whatever is handed out is complete before one
 * compare-and-swap makes it reachable; who loses that leaves his unused in the chunk, where it adds nothing. An index
 * that has become too small is copied, and what a handler puts into the old one meanwhile is forgotten: then
 * a function has times twice, and who reads adds up all there are.
 */
#include "preload/record_tables.h"

#include "preload/hot.h"
#include "preload/record_internal.h"
#include "preload/record_map.h"
#include "x86_64/local_add.h"

#define POOL_FIRST 8192 /* bytes of the first chunk of a kind; each further one is twice as large, up to ... */
#define POOL_MOST 65536
#define REFUSALS 4096 /* about a log full of entries, each of which may ask several times */

/* What was refused, for a full disk say, is not asked for again at each call. */
static uint32_t refusals SC_HOT;

void sc_tables_forked(void)
{
	refusals = 0;
}

static void refuse(void)
{
	__atomic_store_n(&refusals, REFUSALS, __ATOMIC_RELAXED);
}

static uint64_t claim(uint64_t size)
{
	uint32_t left = __atomic_load_n(&refusals, __ATOMIC_RELAXED);
	uint64_t offset;

	if (left) {
		__atomic_store_n(&refusals, left - 1, __ATOMIC_RELAXED);
		return 0;
	}
	offset = sc_chunks_claim(size, size);
	/* What no reference reaches stays unused. */
	if (offset && offset + size <= SC_RECORD_REFERENCE_MOST)
		return offset;
	refuse();
	return 0;
}

/* A chunk to take from, in place of the one at `before`. */
static bool pool_make(uint64_t *at, uint64_t before, enum sc_record_chunk_kind kind)
{
	uint64_t size = POOL_FIRST, offset;

	if (before)
		size = 2 * ((struct sc_record_chunk *)sc_chunks_at(before))->size;
	if (size > POOL_MOST)
		size = POOL_MOST;
	offset = claim(size);
	if (!offset)
		return false;
	sc_chunks_publish(offset, kind);
	/* When a handler was quicker, ours lies unused: that is rare. */
	sc_local_replace(at, before, offset);
	return true;
}

/* A reference to `size` zero bytes from the chunk that *at says; 0: there are none to be had. */
static uint32_t take(uint64_t *at, enum sc_record_chunk_kind kind, uint64_t size)
{
	uint64_t offset, used;

	do {
		offset = *(volatile uint64_t *)at;
		if (offset) {
			struct sc_record_pool *pool = sc_chunks_at(offset);

			used = sc_local_fetch_add(&pool->used, size);
			if (sizeof(*pool) + used + size <= pool->chunk.size)
				return sc_record_reference(offset + sizeof(*pool) + used);
		}
	} while (pool_make(at, offset, kind));
	return 0;
}

static uint32_t *references_of(struct sc_record_index *index)
{
	return (uint32_t *)(index + 1);
}

/* An index that has room for all functions there are now, and for some more. */
static bool index_make(struct sc_record_region *region, uint64_t before)
{
	uint32_t count = sc_record_stub_count();
	uint64_t size = sizeof(struct sc_record_index) + (count + count / 4) * sizeof(uint32_t);
	struct sc_record_index *index, *old;
	uint64_t offset;

	size = (size + SC_CHUNK_ALIGNMENT - 1) & ~(uint64_t)(SC_CHUNK_ALIGNMENT - 1);
	offset = claim(size);
	if (!offset)
		return false;
	index = sc_chunks_at(offset);
	index->capacity = (uint32_t)((size - sizeof(*index)) / sizeof(uint32_t));
	sc_chunks_publish(offset, SC_RECORD_INDEX);
	if (before) {
		old = sc_chunks_at(before);
		index->times = old->times;
		index->histograms = old->histograms;
		for (uint32_t i = 0; i < old->capacity && i < index->capacity; i++)
			if (references_of(old)[i]) /* else its page need not be touched */
				references_of(index)[i] = references_of(old)[i];
	}
	/* When a handler was quicker, its own is as good. */
	sc_local_replace(&region->index, before, offset);
	return true;
}

static struct sc_record_index *index_at(struct sc_record_region *region)
{
	return sc_chunks_at(region->index);
}

/* Whether tables->references reaches a function. */
static bool find_index(struct sc_tables *tables, struct sc_record_region *region, uint32_t number)
{
	do {
		if (region->index) {
			struct sc_record_index *index = index_at(region);

			tables->references = references_of(index);
			tables->capacity = index->capacity;
			if (number < index->capacity)
				return true;
		}
	} while (number < sc_record_stub_count() && index_make(region, region->index));
	return false;
}

bool sc_tables_make_times(struct sc_tables *tables, struct sc_record_region *region, uint32_t index)
{
	uint32_t reference;

	if (index >= tables->capacity)
		return find_index(tables, region, index);
	reference = take(&index_at(region)->times, SC_RECORD_TIMES, sizeof(struct sc_record_times));
	if (!reference)
		return false;
	((struct sc_record_times *)sc_chunks_at(sc_record_referred(reference)))->index = index;
	sc_local_replace_32(&tables->references[index], 0, reference);
	return true;
}

bool sc_tables_make_group(struct sc_record_region *region, uint32_t *at, uint32_t number)
{
	uint32_t reference = take(&index_at(region)->histograms, SC_RECORD_HISTOGRAMS, sizeof(struct sc_record_group));

	if (!reference)
		return false;
	((struct sc_record_group *)sc_chunks_at(sc_record_referred(reference)))->number = number;
	sc_local_replace_32(at, 0, reference);
	return true;
}
