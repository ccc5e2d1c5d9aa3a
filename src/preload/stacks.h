/* SPDX-License-Identifier: MIT */
/*
 * Distinct stacks, in the record (event.h, SC_RECORD_STACKS): how often each was met, with how many bytes and ticks.
 *
 * A thread has a table of those it has met; a later thread that is given the word which leads to it goes on with it.
 * Inside intercepted calls: no lock, no heap, no errno, no vector register; a signal handler may come in anywhere and do
 * the same. Memory is never given back: what sc_stacks_count has returned stays valid, in the child of fork too, where
 * all counts are zero again.
 */
#ifndef SC_STACKS_H
#define SC_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

struct sc_stacks;

/* Counts one call of stub `index` from frames[0..depth), with `bytes` asked for. *table is the thread's, NULL at first:
 * a word that only this thread (and its signal handlers) changes. NULL: there is no storage, and the call is counted in
 * the header's `stackless`. */
struct sc_record_stack *sc_stacks_count(struct sc_stacks **table, uint32_t index, const uintptr_t *frames, size_t depth,
					bool cut, uint64_t bytes);

/* The call has returned after so many ticks. By the thread that counted it. NULL is ignored. */
void sc_stacks_returned(struct sc_record_stack *stack, uint64_t ticks);

#endif
