/* SPDX-License-Identifier: MIT */
/*
 * What the files that unwind have in common (unwind.h).
 */
#ifndef SC_PRELOAD_UNWIND_INTERNAL_H
#define SC_PRELOAD_UNWIND_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/unwind.h"

/* For unwind_rules.c, once: from then on rules can be had. work: memory for asking, SC_UNWIND_WORK bytes, zeros. */
#define SC_UNWIND_WORK 65536
void sc_unwind_rules_start(const struct sc_unwind_api *api, void *work);

/* What is kept of an address. */
struct sc_unwind_entry {
	uintptr_t at; /* stored last; 0: free */
	struct sc_unwind_rule rule;
	/*
	 * Of a simple rule: the CFA, which is the caller's rsp, is rsp or rbp + offset, the return address is at CFA - 8,
	 * and all registers that were saved are at CFA + their offset, none of them lower than CFA + lowest. The offset of
	 * one that was not saved is that of the return address.
	 */
	bool simple;
	uint8_t saved; /* 1 << register */
	int32_t lowest;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct sc_unwind_entry) == 64, "an entry is a cache line");

struct sc_unwind_table {
	uint32_t mask;
	uint32_t used;
	struct sc_unwind_entry entries[] __attribute__((aligned(64)));
};

/* The table of now; NULL: there are no rules. */
const struct sc_unwind_table *sc_unwind_table(void);

/* Where an address is, unless others have its place. Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3,
 * 6.4). */
static inline uint32_t sc_unwind_slot(const struct sc_unwind_table *table, uintptr_t at)
{
	return (uint32_t)((at * 0x9e3779b97f4a7c15u) >> 32) & table->mask;
}

/* For an address (of the calling instruction, or of one that a signal interrupted). NULL: it cannot be had now. It stays
 * valid as long as the address is in use. */
const struct sc_unwind_entry *sc_unwind_entry_of(uintptr_t at);

/* The step that no rule describes: 1: *state is the caller's; 0: there is none; negative: it cannot be known. */
int sc_unwind_step(uintptr_t at, struct sc_unwind_state *state, sc_unwind_peek *peek, void *context);

#endif
