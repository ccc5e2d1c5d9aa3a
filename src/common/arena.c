/* SPDX-License-Identifier: MIT */
/*
 * Owns the blocks of bump allocators. Called by rules, the preload's cold paths and the engine;
 * never on the way of an intercepted call.
 */
#include "common/arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"

#define BLOCK_SIZE ((size_t)256 * 1024) /* untouched pages cost nothing */

struct sc_arena_block {
	struct sc_arena_block *older;
	size_t size; /* of the mapping, header included */
	size_t used; /* header included */
};

static struct sc_arena_block *block_map(size_t need, struct sc_arena_block *older)
{
	size_t size = need > BLOCK_SIZE / 4 ? need + BLOCK_SIZE : BLOCK_SIZE;
	struct sc_arena_block *block;

	size = (size + 65535) & ~(size_t)65535;
	block = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	block->older = older;
	block->size = size;
	block->used = (sizeof(*block) + 15) & ~(size_t)15;
	return block;
}

void *sc_arena_alloc(struct sc_arena *arena, size_t size)
{
	struct sc_arena_block *block = arena->blocks;
	void *out;

	if (size > SIZE_MAX / 4)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - block->used < size) {
		block = block_map(size, block);
		if (!block)
			return NULL;
		arena->blocks = block;
	}
	out = (char *)block + block->used;
	block->used += size;
	return out;
}

void *sc_arena_array(struct sc_arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return sc_arena_alloc(arena, total);
}

char *sc_arena_string(struct sc_arena *arena, const char *text, size_t length)
{
	char *copy = sc_arena_alloc(arena, length + 1);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

void sc_arena_release(struct sc_arena *arena)
{
	struct sc_arena_block *block = arena->blocks;

	arena->blocks = NULL;
	while (block) {
		struct sc_arena_block *older = block->older;

		sc_sys_munmap(block, block->size);
		block = older;
	}
}
