/* SPDX-License-Identifier: MIT */
/*
 * A call as hooks have it: what typed_bind.c lays out, typed_calls.c fills and typed_api.c answers from.
 */
#ifndef SC_TYPED_CALLS_H
#define SC_TYPED_CALLS_H

#include "preload/typed.h"

#define SC_TYPED_BLOCK_MOST (1u << 20)

/* The start of a call's block. */
struct stubcache_call {
	const struct sc_typed_function *function;
	const struct sc_typed_binding *binding; /* whose turn it is */
	struct sc_hook_thread *hooks;		/* of the thread whose turn it is */
	uintptr_t caller;
	uintptr_t *stack; /* the arguments that lie there */
	uint64_t ran;	  /* bit i: the enter of binding i has */
	const struct sc_typed_binding *skipped_by;
	int error;	  /* errno */
	bool entering;
	uintptr_t hidden; /* rdi at the entry: where a struct goes that is returned in memory */
	uint64_t general[6];
	uint64_t vectors[8][2] __attribute__((aligned(16)));
	uint64_t ret[4] __attribute__((aligned(16)));	  /* what a hook is shown */
	uint64_t skipped[4] __attribute__((aligned(16))); /* what is returned instead */
	uint64_t saved[6 + 16]; /* registers, as va_arg looks for them */
	uint64_t on_stack[];
};

static inline void **sc_typed_args(struct stubcache_call *call)
{
	return (void **)((char *)call + call->binding->pointers);
}

#endif
