/* SPDX-License-Identifier: MIT */
/* Owns the bytes of string tables and finds what is already there. Called by image_write*.c. */
#include "engine/strings.h"

#include <errno.h>
#include <string.h>

#include "common/hash.h"

int sc_strings_start(struct sc_strings *strings, struct sc_arena *arena, uint64_t count, uint64_t bytes)
{
	uint32_t room = 64;

	if (bytes >= UINT32_MAX || count >= UINT32_MAX / 4)
		return -E2BIG;
	while (room < 2 * count)
		room *= 2;
	strings->text = sc_arena_alloc(arena, bytes + 1);
	strings->index = sc_arena_array(arena, room, sizeof(*strings->index));
	if (!strings->text || !strings->index)
		return -ENOMEM;
	strings->size = 1;
	strings->room = (uint32_t)bytes + 1;
	strings->index_room = room;
	return 0;
}

uint32_t sc_strings_add(struct sc_strings *strings, const char *text)
{
	size_t size = strlen(text) + 1;
	uint32_t at = (uint32_t)sc_hash64(text, size);

	if (size == 1 || size > strings->room - strings->size)
		return 0;
	for (;; at++) {
		uint32_t *offset = &strings->index[at & (strings->index_room - 1)];

		if (*offset == 0) {
			*offset = strings->size;
			memcpy(strings->text + strings->size, text, size);
			strings->size += (uint32_t)size;
			return *offset;
		}
		if (strcmp(strings->text + *offset, text) == 0)
			return *offset;
	}
}
