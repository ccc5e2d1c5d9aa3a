/* SPDX-License-Identifier: MIT */
/*
 * Owns the chunks that name programs which are not observed, one a program and reason. Called by exec_program.c. The
 * header has the number for each reason, which needs no room: in another root the record cannot grow.
 */
#include "preload/record_unobserved.h"

#include <string.h>

#include "common/sys.h"
#include "preload/record_chunks.h"
#include "preload/record_internal.h"

static uint64_t find(enum sc_unobserved reason, const char *path)
{
	uint64_t at = SC_CHUNKS_FIRST, offset = at;
	const struct sc_record_chunk *chunk;

	while ((chunk = sc_chunks_next(&at))) {
		const struct sc_record_unobserved *known = (const struct sc_record_unobserved *)chunk;

		if (__atomic_load_n(&chunk->kind, __ATOMIC_ACQUIRE) == SC_RECORD_UNOBSERVED &&
		    known->reason == (uint32_t)reason && strcmp((const char *)(known + 1), path) == 0)
			return offset;
		offset = at;
	}
	return 0;
}

static uint64_t make(enum sc_unobserved reason, const char *path)
{
	size_t length = strlen(path) + 1;
	uint64_t size = (sizeof(struct sc_record_unobserved) + length + SC_CHUNK_ALIGNMENT - 1) &
			~(uint64_t)(SC_CHUNK_ALIGNMENT - 1);
	uint64_t offset = sc_chunks_claim(size, size);
	struct sc_record_unobserved *out;

	if (!offset)
		return 0;
	out = sc_chunks_at(offset);
	out->reason = (uint32_t)reason;
	memcpy(out + 1, path, length);
	sc_chunks_publish(offset, SC_RECORD_UNOBSERVED);
	return offset;
}

static void count(enum sc_unobserved reason, uint32_t executor, uint32_t more)
{
	struct sc_record_header *header = sc_chunks_header();

	__atomic_store_n(&header->executor, executor, __ATOMIC_RELAXED);
	__atomic_fetch_add(&header->unobserved[reason - 1], more, __ATOMIC_RELAXED);
}

uint64_t sc_record_unobserved(enum sc_unobserved reason, const char *path)
{
	uint64_t offset;

	sc_chunks_enter();
	sc_record_look();
	count(reason, (uint32_t)sc_sys_getpid(), 1);
	offset = find(reason, path);
	if (!offset)
		offset = make(reason, path);
	if (offset)
		__atomic_fetch_add(&((struct sc_record_unobserved *)sc_chunks_at(offset))->times, 1, __ATOMIC_RELAXED);
	sc_chunks_leave();
	return offset;
}

void sc_record_unobserved_undo(enum sc_unobserved reason, uint64_t noted)
{
	count(reason, 0, (uint32_t)-1);
	if (noted)
		__atomic_fetch_sub(&((struct sc_record_unobserved *)sc_chunks_at(noted))->times, 1, __ATOMIC_RELAXED);
}
