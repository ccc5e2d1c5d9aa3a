/* SPDX-License-Identifier: MIT */
/*
 * What each thread has for its hooked calls: a number, counters, the states of calls that run, and where it writes
 * events. Made page by page as it is needed. Everything here runs inside intercepted calls: no lock, no libc; a signal
 * handler may come in anywhere and do the same.
 */
#ifndef SC_HOOK_THREADS_H
#define SC_HOOK_THREADS_H

#include <stdint.h>

#include "preload/hooks.h"

/* Counters of a thread, by number, counted from its start. A page in all. */
#define SC_HOOK_PAGE 512
#define SC_HOOK_PAGES 495

struct sc_hook_thread {
	uint32_t owner;	 /* sc_thread.owners that it counts for */
	uint32_t number; /* of the thread, in the order of first calls, from 1 */
	uint64_t calls;	 /* recorded */
	struct sc_events events;
	struct sc_hook_state *free;
	struct sc_hook_state *current; /* the innermost recorded call, unless that was abandoned */
	void *states;	 /* pages of them, linked by their first word */
	void *sites;	 /* counts by stack: hook_stacks.c */
	struct sc_stacks *stacks; /* those that are recorded: stacks.h */
	uintptr_t inside, outermost; /* hooks of clients that run: typed_gate.c */
	void *blocks;	 /* where their calls get blocks: typed_calls.c */
	uintptr_t *frames; /* a page for those of a deep stack; NULL: there is none yet, or it is in use */
	uint64_t *pages[SC_HOOK_PAGES];
};

/* The same when it is not there yet, or another thread's. */
struct sc_hook_thread *sc_hook_thread_make(void);

/* The calling thread's, which has a shadow frame; NULL: there is no memory. */
static inline struct sc_hook_thread *sc_hook_thread_here(void)
{
	const struct sc_thread *thread = sc_tls.thread; /* it has a frame, so it is not the empty one */
	struct sc_hook_thread *hooks = thread->hooks;

	return hooks && hooks->owner == thread->owners ? hooks : sc_hook_thread_make();
}

/* Counts a call, and returns its number; 0: there is no memory to count. */
uint64_t sc_hook_thread_count(struct sc_hook_thread *hooks, uint32_t counter);

/* A state for the call that has this frame, whose hook word then leads to it; NULL: there is no memory. */
struct sc_hook_state *sc_hook_state_take(struct sc_hook_thread *hooks, struct sc_frame *frame);
/* Back, on whatever thread the call has returned. The frame's hook word is 0 then. */
void sc_hook_state_give(struct sc_hook_state *state);

/* Room for SC_HOOK_FRAMES frames of a stack, more than is good to have on the host's; NULL: there is no memory. */
#define SC_HOOK_FRAMES 512
uintptr_t *sc_hook_frames_take(struct sc_hook_thread *hooks);
void sc_hook_frames_give(struct sc_hook_thread *hooks, uintptr_t *frames);

/* In the child of fork: threads are numbered from 1 again. */
void sc_hook_threads_forked(void);

#endif
