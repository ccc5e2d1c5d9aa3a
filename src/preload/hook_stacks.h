/* SPDX-License-Identifier: MIT */
/*
 * The stack of a hooked call: walked when something first asks, and what is made of it. Inside intercepted calls.
 */
#ifndef SC_HOOK_STACKS_H
#define SC_HOOK_STACKS_H

#include "preload/hook_threads.h"

/* A call, and its stack once it was asked for. frames is the caller's memory, of `room` entries. */
struct sc_hook_stack {
	const struct sc_hook *hook;
	const struct sc_hook_call *call;
	const struct sc_frame *frame;
	uintptr_t *frames; /* return addresses, innermost first */
	uint32_t room;
	uint32_t depth;	   /* 0: not walked yet */
	bool cut;
};

/* Walks it, once. */
void sc_hook_stack_walk(struct sc_hook_stack *stack);

/* The number of this call among the thread's calls that `counter` counts and that have the same innermost `most` frames,
 * from 1; 0: there is no memory to count. */
uint64_t sc_hook_stack_count(struct sc_hook_stack *stack, struct sc_hook_thread *hooks, uint32_t counter, uint32_t most);

/* The thread begins anew: its counts by stack are zero. */
void sc_hook_stack_forget(struct sc_hook_thread *hooks);

/* What sites call a module. The first call for the program looks for its file: before hooks run, or in a hook. */
const char *sc_hook_stack_module(const struct sc_module *module);

/* The call site (common/site.h) of its innermost `most` frames. */
uint64_t sc_hook_stack_site(struct sc_hook_stack *stack, uint32_t most);

#endif
