/* SPDX-License-Identifier: MIT */
/*
 * Hooks: what the rules do with a call of a hook stub, and when. Found by the number of the stub.
 *
 *	hooks_bind.c	at activation: rules and a function -> struct sc_hook; may take its time
 *	hooks.c		inside intercepted calls: what begins and ends with the call
 *	hook_threads.c	what of it each thread has for itself
 *	inject.c	which fault a call gets, if any
 *	trace.c		what is recorded of it
 */
#ifndef SC_HOOKS_H
#define SC_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/capture.h"
#include "common/module.h"
#include "common/rules.h"
#include "preload/events.h"
#include "preload/threads.h"

/* One rule for one function. */
struct sc_hook_rule {
	enum sc_action action;
	const char *from; /* glob of the calling module, or NULL */
	uint32_t depth;	  /* frames of the stack that it looks at */
	/* Of SC_ACTION_INJECT: */
	const struct sc_rule_inject *inject;
	uint32_t counter; /* where each thread counts the calls: struct sc_hook_thread */
	bool sets_errno;
	bool skips;	  /* the original is not called */
	uint16_t origin;  /* of the rule */
	uint64_t result;  /* what is returned then */
};

/* A function. Never changes once it is found, and stays. */
struct sc_hook {
	uint64_t salt; /* of the function's names: functions of one rule fail at different calls */
	uint64_t site; /* what its call sites begin with (common/site.h) */
	uint32_t index; /* of the stub */
	uint32_t count;
	const struct sc_capture *capture; /* what is recorded of a call; NULL where nothing is */
	uint32_t enter_most; /* bytes that its events take at most */
	uint32_t leave_most;
	uint32_t depth; /* frames that any of its rules looks at; 0: no stack is needed */
	uint32_t counted_depth; /* those of them by which calls are counted */
	struct sc_capture_measure bytes; /* what its calls ask for, of allocators */
	unsigned always; /* actions (enum sc_action) that are wanted of every call */
	unsigned perhaps; /* those that depend on the caller */
	uint32_t enter_head; /* kind, general, vector and stack of an event at the entry, as they lie there */
	bool keeps;	/* arguments are looked at again at the return */
	struct sc_typed_function *typed; /* hooks of clients, or NULL */
	struct sc_hook_rule rules[]; /* in the order given */
};

/* What hook.S saves, and where it was called from. */
struct sc_hook_call {
	uintptr_t preserved[5]; /* r15 r14 r13 r12 rbp, of the caller */
	uintptr_t arguments[6]; /* rdi rsi rdx rcx r8 r9 */
	uintptr_t chain;	/* r10 */
	uintptr_t rax;
	uintptr_t frame, rbx; /* the caller's rbx */
	uintptr_t site; /* in the stub */
};

struct sc_hook_thread;
struct sc_typed_function;

/* A call, from its entry to its return: what the frame has no room for. */
struct sc_hook_state {
	struct sc_hook_state *next;  /* while free */
	struct sc_hook_state *outer; /* the recorded call around it */
	struct sc_frame *frame;	     /* whose hook word leads here while the call runs */
	const struct sc_hook *hook;
	const struct sc_rule_inject *inject; /* what waits for the return; or NULL */
	uint64_t call;		     /* number in the thread, from 1; 0: nothing is recorded of it */
	uintptr_t arguments[6];
	struct sc_record_stack *stack; /* that counts it, or NULL */
	struct sc_hook_thread *owner; /* whose states it is among */
	uint32_t depth;
	uint16_t block_units; /* size of the block in cache lines */
	bool typed;	      /* hooks of clients want the return, */
	void *block;	      /* with what is here (typed_calls.c); kept from call to call */
};

/* From hook.S: 0, or that call->rax is to be returned. */
unsigned sc_hook_entered(struct sc_hook_call *call, struct sc_frame *frame);
/* From leave.S, with what sc_hook_entered has left in the frame and rdx and rax, which it may change: the time of the
 * return, in the record's ticks. */
uint64_t sc_hook_left(struct sc_hook_state *state, uintptr_t returned[2]);

/*
 * Works out what the rules do to a function and makes it the hook of stub number `index`; what another image had under
 * this number is forgotten. version "": none. capture: the image's, checked; or NULL. In the constructor, later under
 * the dl lock. What there is no memory for is not done.
 */
void sc_hooks_bind(uint32_t index, const struct sc_module *module, const char *function, const char *version,
		   const struct sc_capture *capture);

/* The hook of a stub, or NULL. Any time. */
const struct sc_hook *sc_hooks_at(uint32_t index);
/* errno of the calling thread, once something was bound: libc's function for it would take vector registers. */
int *sc_hooks_errno(void);

/* In the child of fork: its threads are numbered from 1 again. */
void sc_hooks_forked(void);

#endif
