/* SPDX-License-Identifier: MIT */
/*
 * What is recorded of single calls: an event at the entry, one at the return, one for an injected fault. Inside
 * intercepted calls: no lock, no libc, no vector register but those that are read; pointers may be anything.
 */
#ifndef SC_TRACE_H
#define SC_TRACE_H

#include "preload/hook_stacks.h"

/* Reads STUBCACHE_TRACE: "strings=N,stacks=N,buffer=SIZE", any of them. NULL: the defaults. false: it makes no sense, and
 * the defaults hold. */
bool sc_trace_configure(const char *text);

/* Frames of the stack that every recorded call has with it; 0: none has. */
uint32_t sc_trace_depth(void);

/* Fills in hook->enter_most and leave_most. */
void sc_trace_measure(struct sc_hook *hook);

/* The call begins. *frame has its start, which is taken anew when recording has taken long. Fills in the state's call, outer
 * and depth. */
void sc_trace_enter(struct sc_hook_stack *stack, struct sc_frame *frame, struct sc_hook_state *state,
		    struct sc_hook_thread *hooks, uint64_t (*now)(void));
/* It has returned, at `now`. */
void sc_trace_leave(const struct sc_hook_state *state, struct sc_hook_thread *hooks, const uintptr_t returned[2],
		    uint64_t now);
/* A rule has fired for it. state: NULL when nothing else is recorded of the call. */
void sc_trace_inject(struct sc_hook_stack *stack, const struct sc_hook_rule *rule, const struct sc_hook_state *state,
		     struct sc_hook_thread *hooks);

#endif
