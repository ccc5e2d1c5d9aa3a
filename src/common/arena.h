/* SPDX-License-Identifier: MIT */
/*
 * A bump allocator on anonymous mappings, so that nothing of ours touches the host's heap: the
 * host may have replaced malloc, may be inside it, or may be counting what it hands out.
 *
 * Memory is zeroed, 16-byte aligned, lives until sc_arena_release, and never moves. Not thread
 * safe: an arena belongs to whoever holds the lock of the thing it is part of.
 */
#ifndef SC_ARENA_H
#define SC_ARENA_H

#include <stddef.h>

struct sc_arena_block;

struct sc_arena {
	struct sc_arena_block *blocks; /* newest first; NULL: empty, which {0} is */
};

/* size bytes, or NULL when the kernel refuses memory or size is absurd. */
void *sc_arena_alloc(struct sc_arena *arena, size_t size);
/* count * size bytes, or NULL; the product is checked. */
void *sc_arena_array(struct sc_arena *arena, size_t count, size_t size);
/* A terminated copy of text[0..length), or NULL. */
char *sc_arena_string(struct sc_arena *arena, const char *text, size_t length);
/* Gives everything back; the arena is empty and usable again. */
void sc_arena_release(struct sc_arena *arena);

#endif
