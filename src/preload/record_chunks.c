/* SPDX-License-Identifier: MIT */
/*
 * Owns the segments of a record and the chain of its chunks (record_chunks.h has the picture). Does not
 * own the file (record_file.c) nor what chunks contain. Called by the record's other files, inside
 * intercepted calls.
 *
 * A claim at the end of the chain, where several threads and handlers may be at once:
 *
 *	storage for [end, end + backed)		harmless when another wins: it stays in the file unused
 *	chunk->size   0 -> size			who does this owns the chunk
 *	chunk->magic  0 -> CHNK			anyone
 *	header->used  end -> end + size		anyone
 */
#include "preload/record_chunks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/record_file.h"
#include "preload/record_internal.h"
#include "preload/hot.h"

#define LOCK_LOOKS 10000

__thread struct sc_record_self sc_record_self;

static struct {
	uint64_t page_size;
	/* Address, which is page aligned, + order: page_size << order bytes. 0: not there. */
	uintptr_t segments[SC_CHUNK_SEGMENTS];
	uint32_t lock; /* tid of who reserves storage, where turns are taken */
	bool closed;
} chunks SC_HOT;

static uint64_t segment_size(uintptr_t segment)
{
	return chunks.page_size << (segment & (chunks.page_size - 1));
}

static void *segment_address(uintptr_t segment)
{
	return (void *)(segment & ~(chunks.page_size - 1));
}

void *sc_chunks_map(int fd, uint64_t offset, uint64_t size)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;

	return sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, fd < 0 ? 0 : (off_t)offset);
}

static unsigned order_of(uint64_t size)
{
	unsigned order = 0;

	while (chunks.page_size << order < size)
		order++;
	return order;
}

static uintptr_t segment_map(int fd, uint64_t offset, uint64_t size)
{
	unsigned order = order_of(size);
	void *address = sc_chunks_map(fd, offset, chunks.page_size << order);

	return address == MAP_FAILED ? 0 : (uintptr_t)address + order;
}

int sc_chunks_start(int fd, uint64_t size, uint64_t page_size)
{
	uintptr_t segment;

	chunks.page_size = page_size;
	segment = segment_map(fd, 0, size);
	if (!segment)
		return -ENOMEM;
	chunks.segments[0] = segment;
	return 0;
}

bool sc_chunks_segment(unsigned n, struct sc_segment *out)
{
	uint64_t offset = 0;
	uintptr_t segment;

	for (unsigned i = 0; i < SC_CHUNK_SEGMENTS; i++) {
		segment = __atomic_load_n(&chunks.segments[i], __ATOMIC_ACQUIRE);
		if (!segment)
			return false;
		if (i == n) {
			*out = (struct sc_segment){ segment_address(segment), offset, segment_size(segment) };
			return true;
		}
		offset += segment_size(segment);
	}
	return false;
}

void sc_chunks_segment_of(uint64_t offset, struct sc_segment *out)
{
	const uintptr_t *at = chunks.segments;
	uint64_t start = 0;

	while (offset - start >= segment_size(*at))
		start += segment_size(*at++);
	*out = (struct sc_segment){ segment_address(*at), start, segment_size(*at) };
}

void *sc_chunks_at(uint64_t offset)
{
	struct sc_segment segment;

	sc_chunks_segment_of(offset, &segment);
	return (char *)segment.address + (offset - segment.offset);
}

/* Maps one more segment behind `end`, unless another does first. */
static int grow_from(int fd, uint64_t size, unsigned n, uint64_t end)
{
	uintptr_t none = 0, segment = segment_map(fd, end, size > end ? size : end);

	if (!segment)
		segment = segment_map(fd, end, size);
	if (!segment)
		return -ENOMEM;
	if (!__atomic_compare_exchange_n(&chunks.segments[n], &none, segment, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		sc_sys_munmap(segment_address(segment), segment_size(segment));
	return 0;
}

static int grow(uint64_t size, unsigned n, uint64_t end)
{
	int fd = -1, r;

	if (n == SC_CHUNK_SEGMENTS)
		return -ENOSPC;
	if (sc_record_file_present()) {
		fd = sc_record_file_open();
		if (fd < 0)
			return fd;
	}
	r = grow_from(fd, size, n, end);
	if (fd >= 0)
		sc_sys_close(fd);
	return r;
}

void sc_chunks_forked(int fd)
{
	struct sc_segment last = { 0 };
	unsigned n = 0;

	while (sc_chunks_segment(n, &last))
		n++;
	if (n < SC_CHUNK_SEGMENTS)
		grow_from(fd, chunks.page_size, n, last.offset + last.size);
}

/* Claims a chunk where the chain ended a moment ago; false: it does no longer. */
static bool place(uint64_t offset, uint64_t size)
{
	struct sc_record_chunk *chunk = sc_chunks_at(offset);
	uint64_t none = 0, end = offset;
	uint32_t unmarked = 0;
	bool ours = __atomic_compare_exchange_n(&chunk->size, &none, size, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);

	__atomic_compare_exchange_n(&chunk->magic, &unmarked, SC_RECORD_CHUNK_MAGIC, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	__atomic_compare_exchange_n(&sc_chunks_header()->used, &end, offset + chunk->size, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return ours;
}

static uint64_t claim(uint64_t size, uint64_t backed)
{
	for (;;) {
		uint64_t used = __atomic_load_n(&sc_chunks_header()->used, __ATOMIC_SEQ_CST), end = 0;
		struct sc_segment segment;
		unsigned n = 0;

		while (end <= used && sc_chunks_segment(n, &segment)) {
			end = segment.offset + segment.size;
			n++;
		}
		if (end < used + size && !sc_chunks_segment(n, &segment) && grow(size, n, end))
			return 0;
		if (end == used) /* there is a segment now, or another has moved on */
			continue;
		if (end < used + size) {
			/* No chunk lies in two segments; the rest of this one is filled up. */
			if (sc_record_file_reserve(used, SC_CHUNK_ALIGNMENT))
				return 0;
			if (place(used, end - used))
				sc_chunks_publish(used, SC_RECORD_PADDING);
			continue;
		}
		if (sc_record_file_reserve(used, backed))
			return 0;
		if (place(used, size))
			return used;
	}
}

uint64_t sc_chunks_claim(uint64_t size, uint64_t backed)
{
	uint64_t pending = sc_record_self.pending, offset = 0;

	sc_chunks_enter();
	sc_record_look();
	if (chunks.closed)
		goto out;
	if (pending < backed)
		sc_record_self.pending = backed;
	if (sc_chunks_lock()) {
		offset = claim(size, backed);
		sc_chunks_unlock();
	}
	sc_record_self.pending = pending;
out:
	sc_chunks_leave();
	return offset;
}

void sc_chunks_prepare(uint64_t bytes)
{
	uint64_t used, end = 0;
	struct sc_segment segment;
	unsigned n = 0;

	sc_chunks_enter();
	used = __atomic_load_n(&sc_chunks_header()->used, __ATOMIC_SEQ_CST);
	while (sc_chunks_segment(n, &segment)) {
		end = segment.offset + segment.size;
		n++;
	}
	/* What does not fit into the rest of a segment lies in the next. */
	if (end >= used + bytes)
		sc_record_file_prepare(used + bytes);
	else if (!chunks.closed && grow(bytes, n, end) == 0)
		sc_record_file_prepare(end + bytes);
	sc_chunks_leave();
}

void sc_chunks_close(void)
{
	chunks.closed = true;
}

void sc_chunks_publish(uint64_t offset, enum sc_record_chunk_kind kind)
{
	struct sc_record_chunk *chunk = sc_chunks_at(offset);

	__atomic_store_n(&chunk->kind, (uint32_t)kind, __ATOMIC_SEQ_CST);
}

/* Whether an offset lies in a segment of this process. In the child of fork the file still is the parent's, whose
 * other threads go on and may have made it longer than what the child has mapped. */
static bool mapped(uint64_t offset)
{
	struct sc_segment segment;

	for (unsigned n = 0; sc_chunks_segment(n, &segment); n++)
		if (offset < segment.offset + segment.size)
			return true;
	return false;
}

struct sc_record_chunk *sc_chunks_next(uint64_t *at)
{
	struct sc_record_chunk *chunk;

	if (*at >= __atomic_load_n(&sc_chunks_header()->used, __ATOMIC_ACQUIRE) || !mapped(*at))
		return NULL;
	chunk = sc_chunks_at(*at);
	*at += chunk->size;
	return chunk;
}

bool sc_chunks_lock(void)
{
	uint32_t tid, none;

	if (!sc_record_file_exclusive())
		return true;
	tid = (uint32_t)sc_sys_gettid();
	for (int i = 0; i < LOCK_LOOKS; i++) {
		none = 0;
		if (__atomic_compare_exchange_n(&chunks.lock, &none, tid, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		if (none == tid) /* we are a handler that interrupted the holder */
			return false;
		__builtin_ia32_pause();
	}
	return false;
}

void sc_chunks_unlock(void)
{
	if (sc_record_file_exclusive())
		__atomic_store_n(&chunks.lock, 0, __ATOMIC_RELEASE);
}
