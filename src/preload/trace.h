/* SPDX-License-Identifier: MIT */
/*
 * What is recorded of single calls: an event at the entry, one at the return, one for an injected fault. Inside
 * intercepted calls: no lock, no libc, no vector register but those that are read; pointers may be anything.
 */
#ifndef SC_TRACE_H
#define SC_TRACE_H

#include "preload/hook_threads.h"

/* How many bytes of a string or buffer are recorded, at most. */
void sc_trace_limit(uint32_t bytes);

/* Fills in hook->enter_most and leave_most. */
void sc_trace_measure(struct sc_hook *hook);

/* The call begins. *frame has its start, which is taken anew when recording has taken long. Fills in the state's call, outer
 * and depth. */
void sc_trace_enter(const struct sc_hook_call *call, struct sc_frame *frame, struct sc_hook_state *state,
		    struct sc_hook_thread *hooks, uint64_t (*now)(void));
/* It has returned, at `now`. */
void sc_trace_leave(const struct sc_hook_state *state, struct sc_hook_thread *hooks, const uintptr_t returned[2],
		    uint64_t now);
/* A rule has fired for it. state: NULL when nothing else is recorded of the call. */
void sc_trace_inject(const struct sc_hook *hook, const struct sc_hook_rule *rule, const struct sc_frame *frame,
		     const struct sc_hook_state *state, struct sc_hook_thread *hooks);

#endif
