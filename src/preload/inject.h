/* SPDX-License-Identifier: MIT */
/*
 * Faults: which rule fires for a call, and what it then does. Inside intercepted calls: no lock, no libc; errno is
 * written only where a rule says so.
 */
#ifndef SC_INJECT_H
#define SC_INJECT_H

#include "preload/hook_stacks.h"

/* The first rule that fires for this call, or NULL. All that look at the call count it. */
const struct sc_hook_rule *sc_inject_decide(struct sc_hook_stack *stack, struct sc_hook_thread *hooks);

/* What is due at the entry. Returns 0, or that call->rax is to be returned. */
unsigned sc_inject_fire(const struct sc_hook_rule *rule, struct sc_hook_call *call);

/* What is due at the return. */
void sc_inject_leave(const struct sc_rule_inject *inject);

/* Whether a return address lies in a module that the glob names. */
bool sc_inject_comes_from(const char *glob, uintptr_t caller);

#endif
