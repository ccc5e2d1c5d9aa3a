/* SPDX-License-Identifier: MIT */
/*
 * Hooks: what the rules do with a call of a hook stub, and when. Found by the number of the stub.
 *
 *	hooks_bind.c	at activation: rules and a function -> struct sc_hook; may take its time
 *	hooks.c		inside intercepted calls: struct sc_hook -> what becomes of this call
 */
#ifndef SC_HOOKS_H
#define SC_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/module.h"
#include "common/rules.h"
#include "preload/threads.h"

/* One rule for one function. */
struct sc_hook_rule {
	const struct sc_rule_inject *inject;
	const char *from; /* glob of the calling module, or NULL */
	uint32_t counter; /* where each thread counts the calls: struct sc_hook_thread */
	bool sets_errno;
	bool skips;	  /* the original is not called */
	uint64_t result;  /* what is returned then */
};

/* A function. Never changes once it is found, and stays. */
struct sc_hook {
	uint64_t salt; /* of the function's names: functions of one rule fail at different calls */
	uint32_t count;
	struct sc_hook_rule rules[]; /* in the order given */
};

/* Counters of a thread, by number, counted from its start; pages of them are made when needed. A page in all. */
#define SC_HOOK_PAGE 512
#define SC_HOOK_PAGES 511

struct sc_hook_thread {
	uint32_t owner;	 /* sc_thread.owners that it counts for */
	uint32_t number; /* of the thread, in the order of first calls, from 1 */
	uint64_t *pages[SC_HOOK_PAGES];
};

/* What hook.S saves, and where it was called from. */
struct sc_hook_call {
	uintptr_t arguments[6]; /* rdi rsi rdx rcx r8 r9 */
	uintptr_t chain;	/* r10 */
	uintptr_t rax;
	uintptr_t site; /* in the stub */
};

/* From hook.S: 0, or that call->rax is to be returned. */
unsigned sc_hook_entered(struct sc_hook_call *call, struct sc_frame *frame);
/* From leave.S, with what sc_hook_entered has left in the frame: the time of the return, in the record's ticks. */
uint64_t sc_hook_left(uintptr_t decision);

/*
 * Works out what the rules do to a function and makes it the hook of stub number `index`; what another image had under
 * this number is forgotten. version "": none. In the constructor, later under the dl lock. What there is no memory for
 * is not injected.
 */
void sc_hooks_bind(uint32_t index, const struct sc_module *module, const char *function, const char *version);

/* The hook of a stub, or NULL. Any time. */
const struct sc_hook *sc_hooks_at(uint32_t index);
/* How to find errno from the thread pointer, once something was bound. */
intptr_t sc_hooks_errno_offset(void);

/* In the child of fork: its threads are numbered from 1 again. */
void sc_hooks_forked(void);

#endif
