/* SPDX-License-Identifier: MIT */
/*
 * A table of terminated strings as ELF and images have them: offset 0 is "", equal strings are stored once. One
 * thread. Memory is the arena's.
 */
#ifndef SC_ENGINE_STRINGS_H
#define SC_ENGINE_STRINGS_H

#include <stdint.h>

#include "common/arena.h"

struct sc_strings {
	char *text;
	uint32_t size;	/* bytes in use, the terminators included */
	uint32_t room;
	uint32_t *index; /* by hash: offset of a string; 0: free */
	uint32_t index_room;
};

/* For at most `count` strings of at most `bytes` in all, terminators included. 0, -ENOMEM, or -E2BIG past 4 GiB. */
int sc_strings_start(struct sc_strings *strings, struct sc_arena *arena, uint64_t count, uint64_t bytes);

/* The string's offset. Never fails: the room was asked for. */
uint32_t sc_strings_add(struct sc_strings *strings, const char *text);

#endif
