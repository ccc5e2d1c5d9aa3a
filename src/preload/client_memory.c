/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory that clients take: none of it is the host's heap, which may not be usable yet, may be counted, or may
 * be what a client is about to look at. Called by clients.
 *
 *	up to 2048 bytes	a list of free cells for each power of two, cut from mappings of 64 KiB
 *	more			a mapping of its own
 */
#include "preload/client_memory.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "dr_api.h"

#define CHUNK_SIZE (64u << 10)
#define CELL_LEAST 16u
#define CELL_MOST 2048u
#define CLASSES 8 /* 16, 32, .. 2048 */

struct cell {
	struct cell *next;
};

static struct {
	int taken; /* for a few instructions at a time */
	struct cell *free[CLASSES];
	unsigned char *chunk;
	size_t left; /* of the chunk */
} heap;

static void take(void)
{
	while (__atomic_exchange_n(&heap.taken, 1, __ATOMIC_ACQUIRE))
		sc_syscall0(SYS_sched_yield);
}

static void give(void)
{
	__atomic_store_n(&heap.taken, 0, __ATOMIC_RELEASE);
}

void sc_client_memory_forked(void)
{
	give();
}

static unsigned class_of(size_t size)
{
	unsigned class = 0;

	while (CELL_LEAST << class < size)
		class++;
	return class;
}

/*
 * What is left of a chunk that is too small for a cell is not used again. The child of a fork, by another thread, has
 * what was written until then: after each of these stores, in this order, what is left of the chunk is free and ours.
 */
static void *cut(size_t size)
{
	unsigned char *chunk = heap.chunk;

	if (heap.left < size) {
		chunk = sc_sys_mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (chunk == MAP_FAILED)
			return NULL;
		__atomic_store_n(&heap.left, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&heap.chunk, chunk, __ATOMIC_RELEASE);
		__atomic_store_n(&heap.left, CHUNK_SIZE, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&heap.left, heap.left - size, __ATOMIC_RELEASE);
	__atomic_store_n(&heap.chunk, chunk + size, __ATOMIC_RELEASE);
	return chunk;
}

void *dr_global_alloc(size_t size)
{
	unsigned class;
	struct cell *cell;

	if (size == 0)
		return NULL;
	if (size > CELL_MOST) {
		void *mapped = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		return mapped == MAP_FAILED ? NULL : mapped;
	}
	class = class_of(size);
	take();
	cell = heap.free[class];
	if (cell)
		heap.free[class] = cell->next;
	else
		cell = cut(CELL_LEAST << class);
	give();
	return cell;
}

void dr_global_free(void *mem, size_t size)
{
	struct cell *cell = mem;
	unsigned class;

	if (!mem || size == 0)
		return;
	if (size > CELL_MOST) {
		sc_sys_munmap(mem, size);
		return;
	}
	class = class_of(size);
	take();
	cell->next = heap.free[class];
	heap.free[class] = cell;
	give();
}
