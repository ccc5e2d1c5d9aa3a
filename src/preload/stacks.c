/* SPDX-License-Identifier: MIT */
/*
 * Owns the distinct stacks of each thread. Called by hooks inside intercepted calls, with a stack that has been walked
 * (unwind.h).
 *
 *	function, frames -> hash -> slot in private memory -> struct sc_record_stack in the record
 *
 * A slot is one word, with an address and the upper bits of the hash, so that looking for a stack touches the record
 * only where it is. What is new is complete in the record before one store makes it reachable; a signal handler that
 * adds the same stack meanwhile, or to a table that is just being copied to a larger one, costs a second entry for that
 * stack, and no call.
 */
#include "preload/stacks.h"

#include <sys/mman.h>

#include "common/sys.h"
#include "preload/hot.h"
#include "preload/making.h"
#include "preload/record_chunks.h"
#include "x86_64/local_add.h"

#define SLOTS_FIRST 500 /* with the header before them they fill a page */
#define SLOTS_MOST (1u << 22)
#define TAG_SHIFT 48
#define POOL_FIRST 8192 /* bytes of the first chunk; each further one is twice as large, up to ... */
#define POOL_MOST (1u << 20)
#define REFUSALS 4096 /* calls until storage that was refused is asked for again */
#define ALL_MOST ((uint64_t)1 << 30) /* bytes of all threads: a record of twice that cannot be read any more */

static uint64_t all; /* bytes of chunks */

struct slots {
	uint64_t count, used;
	uint64_t slots[]; /* address | upper bits of the hash << TAG_SHIFT; 0: free */
};

struct sc_stacks {
	struct slots *slots;
	uint64_t pool; /* file offset of the chunk that is handed out from, or 0 */
	struct sc_making making; /* of either */
	uint64_t reserved;
	struct slots first;
};

static void *map(size_t size)
{
	void *memory = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static struct sc_stacks *make_table(struct sc_stacks **at)
{
	size_t size = sizeof(struct sc_stacks) + SLOTS_FIRST * sizeof(uint64_t);
	struct sc_stacks *table = map(size);

	if (!table)
		return NULL;
	table->slots = &table->first;
	table->first.count = SLOTS_FIRST;
	if (sc_local_replace((uint64_t *)at, 0, (uint64_t)table))
		return table;
	sc_sys_munmap(table, size);
	return *at;
}

/* Two sums by the step of FNV-1a (Fowler, Noll, Vo), by words, so that one need not wait for the other; then the finalizer
 * of SplitMix64 (Steele, Lea, Flood). */
static uint64_t hash_of(uint32_t index, const uintptr_t *frames, size_t depth, bool cut)
{
	uint64_t even = 0xcbf29ce484222325u ^ index, odd = depth << 1 | cut, hash;
	size_t i;

	for (i = 0; i + 1 < depth; i += 2) {
		even = (even ^ frames[i]) * 0x9e3779b97f4a7c15u;
		odd = (odd ^ frames[i + 1]) * 0xd6e8feb86659fd93u;
	}
	if (i < depth)
		even = (even ^ frames[i]) * 0x9e3779b97f4a7c15u;
	hash = even ^ (odd << 32 | odd >> 32);
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
	return hash ^ hash >> 31;
}

static struct sc_record_stack *stack_in(uint64_t slot)
{
	return (struct sc_record_stack *)(slot & (((uint64_t)1 << TAG_SHIFT) - 1));
}

static bool is_it(const struct sc_record_stack *stack, uint64_t hash, uint32_t index, const uintptr_t *frames,
		  size_t depth, bool cut)
{
	if (stack->hash != hash || stack->index != index || stack->depth != depth || stack->cut != cut)
		return false;
	for (size_t i = 0; i < depth; i++)
		if (stack->frames[i] != frames[i])
			return false;
	return true;
}

static struct sc_record_stack *find(const struct slots *slots, uint64_t hash, uint32_t index, const uintptr_t *frames,
				    size_t depth, bool cut)
{
	for (uint64_t i = hash % slots->count;; i = i + 1 < slots->count ? i + 1 : 0) {
		uint64_t slot = *(const volatile uint64_t *)&slots->slots[i];

		if (!slot)
			return NULL;
		if ((slot ^ hash) >> TAG_SHIFT == 0 && is_it(stack_in(slot), hash, index, frames, depth, cut))
			return stack_in(slot);
	}
}

/* false: it has no free slot to spare, and is given no more. */
static bool put(struct slots *slots, struct sc_record_stack *stack)
{
	uint64_t value = (uint64_t)stack | stack->hash >> TAG_SHIFT << TAG_SHIFT;

	if (sc_local_fetch_add(&slots->used, 1) >= slots->count / 4 * 3) {
		sc_local_add(&slots->used, (uint64_t)-1);
		return false;
	}
	for (uint64_t i = stack->hash % slots->count;; i = i + 1 < slots->count ? i + 1 : 0)
		if (sc_local_replace(&slots->slots[i], 0, value))
			return true;
}

/* The old ones stay: what a handler has interrupted may be looking at them. */
static bool replace_slots(struct sc_stacks *table, struct slots *old)
{
	uint64_t count = 2 * old->count;
	struct slots *slots = count <= SLOTS_MOST ? map(sizeof(*slots) + count * sizeof(uint64_t)) : NULL;

	if (!slots)
		return false;
	slots->count = count;
	for (uint64_t i = 0; i < old->count; i++) {
		uint64_t slot = *(volatile uint64_t *)&old->slots[i];

		if (slot)
			put(slots, stack_in(slot));
	}
	if (!sc_local_replace((uint64_t *)&table->slots, (uint64_t)old, (uint64_t)slots))
		sc_sys_munmap(slots, sizeof(*slots) + count * sizeof(uint64_t));
	return true;
}

static bool grow(struct sc_stacks *table, struct slots *old)
{
	bool grown = sc_making_begin(&table->making);

	if (grown) {
		grown = replace_slots(table, old);
		sc_making_end(&table->making, 0);
	}
	return grown;
}

/* A stack that finds no slot is counted, but not found again: it is there as often as it is met. */
static void remember(struct sc_stacks *table, struct sc_record_stack *stack)
{
	struct slots *slots;

	do
		slots = *(struct slots *volatile *)&table->slots;
	while (!put(slots, stack) && grow(table, slots));
}

/* A chunk to hand out from, in place of the one at `before`, with room for `size` bytes. */
static bool make_pool(struct sc_stacks *table, uint64_t before, uint64_t size)
{
	uint64_t room = POOL_FIRST, offset;

	if (!sc_making_begin(&table->making))
		return false;
	if (before)
		room = 2 * ((struct sc_record_chunk *)sc_chunks_at(before))->size;
	room = room < POOL_MOST ? room : POOL_MOST;
	while (room < sizeof(struct sc_record_pool) + size)
		room *= 2;
	offset = __atomic_load_n(&all, __ATOMIC_RELAXED) < ALL_MOST ? sc_chunks_claim(room, room) : 0;
	sc_making_end(&table->making, offset ? 0 : REFUSALS);
	if (!offset)
		return false;
	__atomic_fetch_add(&all, room, __ATOMIC_RELAXED);
	sc_chunks_publish(offset, SC_RECORD_STACKS);
	/* When a handler was quicker, ours lies unused: that is rare. */
	sc_local_replace(&table->pool, before, offset);
	return true;
}

static struct sc_record_stack *hand_out(struct sc_stacks *table, uint64_t size)
{
	uint64_t offset;

	do {
		offset = *(volatile uint64_t *)&table->pool;
		if (offset) {
			struct sc_record_pool *pool = sc_chunks_at(offset);
			uint64_t used = sc_local_fetch_add(&pool->used, size);

			if (sizeof(*pool) + used + size <= pool->chunk.size)
				return (struct sc_record_stack *)((char *)(pool + 1) + used);
		}
	} while (make_pool(table, offset, size));
	return NULL;
}

/* A stack that has not been met before, counted once. */
static struct sc_record_stack *add(struct sc_stacks *table, uint64_t hash, uint32_t index, const uintptr_t *frames,
				   size_t depth, bool cut, uint64_t bytes)
{
	uint64_t size = sizeof(struct sc_record_stack) + depth * sizeof(uint64_t);
	struct sc_record_stack *stack = hand_out(table, size);

	if (!stack)
		return NULL;
	__atomic_store_n(&stack->size, (uint32_t)size, __ATOMIC_RELEASE);
	stack->index = index;
	stack->hash = hash;
	stack->bytes = bytes;
	stack->depth = (uint32_t)depth;
	stack->cut = cut;
	for (size_t i = 0; i < depth; i++)
		stack->frames[i] = frames[i];
	__atomic_store_n(&stack->calls, 1, __ATOMIC_RELEASE);
	remember(table, stack);
	return stack;
}

static struct sc_record_stack *count(struct sc_stacks **at, uint32_t index, const uintptr_t *frames, size_t depth,
				     bool cut, uint64_t bytes)
{
	uint64_t hash = hash_of(index, frames, depth, cut);
	struct sc_stacks *table = *at ? *at : make_table(at);
	struct sc_record_stack *stack;

	if (!table)
		return NULL;
	stack = find(table->slots, hash, index, frames, depth, cut);
	if (!stack)
		return add(table, hash, index, frames, depth, cut, bytes);
	sc_local_add(&stack->calls, 1);
	sc_local_add(&stack->bytes, bytes);
	return stack;
}

struct sc_record_stack *sc_stacks_count(struct sc_stacks **table, uint32_t index, const uintptr_t *frames, size_t depth,
					bool cut, uint64_t bytes)
{
	struct sc_record_stack *stack;

	sc_chunks_enter();
	stack = count(table, index, frames, depth, cut, bytes);
	if (!stack)
		__atomic_fetch_add(&sc_chunks_header()->stackless, 1, __ATOMIC_RELAXED);
	sc_chunks_leave();
	return stack;
}

void sc_stacks_returned(struct sc_record_stack *stack, uint64_t ticks)
{
	if (stack)
		sc_local_add(&stack->ticks, ticks);
}
