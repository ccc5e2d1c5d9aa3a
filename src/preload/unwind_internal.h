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

/* The rule for an address (of the calling instruction, or of one that a signal interrupted). NULL: it cannot be had now.
 * It stays valid as long as the address is in use. */
const struct sc_unwind_rule *sc_unwind_rule(uintptr_t at);

/* The step that no rule describes: 1: *state is the caller's; 0: there is none; negative: it cannot be known. */
int sc_unwind_step(uintptr_t at, struct sc_unwind_state *state, bool (*peek)(uintptr_t address, uintptr_t *word));

#endif
