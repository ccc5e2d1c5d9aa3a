/* SPDX-License-Identifier: MIT */
/*
 * Reads the modules and stacks of a record (common/event.h). Nothing in the file is believed: what is damaged is left
 * out and named, the rest still counts. Thread safety: calls on different records may run concurrently.
 */
#ifndef SC_CMD_RECORD_STACKS_H
#define SC_CMD_RECORD_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sc_stack_module {
	uint64_t start, end, base;
	uint64_t loaded, unloaded; /* ticks; unloaded 0: not */
	uint8_t build_id[32];
	uint32_t build_id_size;
	const char *path;
};

struct sc_stack {
	uint32_t index; /* of the stub */
	uint64_t calls, bytes, ticks;
	const uint64_t *frames; /* innermost first */
	uint32_t depth;
	bool cut;
};

struct sc_record_stacks {
	struct sc_stack_module *modules; /* in the order they came */
	size_t module_count;
	struct sc_stack *stacks;
	size_t stack_count;
	uint64_t stackless;
	const char *damage; /* "modules", "stacks", or NULL */
	uint64_t *words;    /* what stacks and */
	char *paths;	    /* modules point to */
};

/* As sc_record_parse. */
int sc_record_stacks_parse(struct sc_record_stacks *out, const void *data, size_t size, const char **why);
/* Accepts NULL and what is zeroed. */
void sc_record_stacks_release(struct sc_record_stacks *stacks);

/*
 * The module that a return address is of; NULL: none. Where several have been there, one after the other, a stack, which
 * has no time, belongs to the last.
 */
const struct sc_stack_module *sc_record_stacks_module(const struct sc_record_stacks *stacks, uint64_t address);

#endif
