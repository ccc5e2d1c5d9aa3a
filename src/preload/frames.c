/* SPDX-License-Identifier: MIT */
/*
 * Owns the shadow frames: their memory, and finding those whose call will never return.
 *
 * A frame is taken by a stub and given back by leave.S. Between them it is found through rbx, not through a
 * stack of frames, so calls may end in any order (coroutines). A call that ends by longjmp or by an
 * exception never gives its frame back. Such a frame is known by its stack word: the address at
 * which the original's return address was pushed. Two live calls cannot have pushed theirs at the same
 * address, so when a later call begins at, or a later frame holds, the same stack word, the earlier
 * one is dead, on whatever stack it was. Addresses alone prove nothing more: a stack may lie inside
 * another one (sigaltstack, makecontext on an array), so "below the stack pointer" is not "dead".
 *
 * That bounds what is abandoned by the number of different stack depths at which it happens.
 *
 * Called from threads.c, inside intercepted calls.
 */
#include "preload/threads.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "common/sys.h"

#define CHUNK_FIRST 4096
#define PAIRS_FROM 512 /* frames, from which on duplicates among frames are looked for */

struct sc_frame_chunk {
	struct sc_frame_chunk *next;
	size_t count;
	size_t reserved[6]; /* frames are aligned to cache lines */
	struct sc_frame frames[];
};

_Static_assert(sizeof(struct sc_frame) == 64, "a frame is a cache line");
_Static_assert(sizeof(struct sc_frame_chunk) == 64, "frames are aligned to cache lines");

/* A signal handler may take and give back frames between any two of our instructions; all that is relied
 * upon is that `first`..`last` are ours and that the head is the one last->next names. */
static void list_push(struct sc_thread *thread, struct sc_frame *first, struct sc_frame *last)
{
	struct sc_frame *head = __atomic_load_n(&thread->free, __ATOMIC_RELAXED);

	do
		last->next = head;
	while (!__atomic_compare_exchange_n(&thread->free, &head, first, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
}

void sc_frames_add(struct sc_thread *thread, void *memory, size_t size)
{
	struct sc_frame_chunk *chunk = memory;
	struct sc_frame_chunk *head = __atomic_load_n(&thread->chunks, __ATOMIC_RELAXED);

	chunk->count = (size - sizeof(*chunk)) / sizeof(chunk->frames[0]);
	for (size_t i = 0; i + 1 < chunk->count; i++)
		chunk->frames[i].next = &chunk->frames[i + 1];
	do
		chunk->next = head;
	while (!__atomic_compare_exchange_n(&thread->chunks, &head, chunk, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	__atomic_fetch_add(&thread->frames, (uint32_t)chunk->count, __ATOMIC_RELAXED);
	list_push(thread, &chunk->frames[0], &chunk->frames[chunk->count - 1]);
}

int sc_frames_grow(struct sc_thread *thread)
{
	size_t size = thread->frames * sizeof(struct sc_frame);
	void *memory;

	size = size < CHUNK_FIRST ? CHUNK_FIRST : (size + CHUNK_FIRST - 1) & ~(size_t)(CHUNK_FIRST - 1);
	memory = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	sc_frames_add(thread, memory, size);
	return 0;
}

/* Compare-and-swap, since a signal handler may be reclaiming, too: each frame is freed once. */
static bool frame_free(struct sc_thread *thread, struct sc_frame *frame, uintptr_t stack)
{
	if (!__atomic_compare_exchange_n(&frame->stack, &stack, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	list_push(thread, frame, frame);
	return true;
}

static size_t reclaim_at(struct sc_thread *thread, uintptr_t stack)
{
	size_t freed = 0;

	for (struct sc_frame_chunk *chunk = thread->chunks; chunk; chunk = chunk->next)
		for (size_t i = 0; i < chunk->count; i++)
			if (chunk->frames[i].stack == stack)
				freed += frame_free(thread, &chunk->frames[i], stack);
	return freed;
}

/* Of two frames with the same stack word, frees the one that started earlier. `table` has a power of two of
 * entries, more than there are frames. */
static size_t reclaim_pairs(struct sc_thread *thread, struct sc_frame **table, size_t entries)
{
	size_t freed = 0;

	for (struct sc_frame_chunk *chunk = thread->chunks; chunk; chunk = chunk->next) {
		for (size_t i = 0; i < chunk->count; i++) {
			struct sc_frame *frame = &chunk->frames[i];
			uintptr_t stack = frame->stack;
			size_t at = (stack >> 3) * 0x9e3779b97f4a7c15u >> 20 & (entries - 1);

			if (!stack)
				continue;
			while (table[at] && table[at]->stack != stack)
				at = (at + 1) & (entries - 1);
			if (!table[at]) {
				table[at] = frame;
			} else if (table[at]->start < frame->start) {
				struct sc_frame *older = table[at];

				table[at] = frame;
				freed += frame_free(thread, older, stack);
			} else if (frame->start < table[at]->start) {
				freed += frame_free(thread, frame, stack);
			}
		}
	}
	return freed;
}

size_t sc_frames_reclaim(struct sc_thread *thread, uintptr_t stack)
{
	size_t freed = reclaim_at(thread, stack);
	size_t entries = 2 * PAIRS_FROM;
	void *table;

	if (freed || thread->frames < PAIRS_FROM)
		return freed;
	while (entries < 2 * (size_t)thread->frames)
		entries *= 2;
	table = sc_sys_mmap(NULL, entries * sizeof(struct sc_frame *), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		return 0;
	freed = reclaim_pairs(thread, table, entries);
	sc_sys_munmap(table, entries * sizeof(struct sc_frame *));
	return freed;
}
