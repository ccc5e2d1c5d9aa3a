/* SPDX-License-Identifier: MIT */
/*
 * Owns the injection of faults: whether a rule fires, and what it then does. Called by hooks.c.
 *
 * A thread counts its calls for itself, as strace counts those of each tracee: which call fails does not depend on
 * other threads. Nor does chance: it is drawn by hashing seed, function, number of the thread and number of the call.
 */
#include "preload/inject.h"

#include <errno.h>
#include <time.h>

#include "common/site.h"
#include "common/sys.h"
#include "preload/module_names.h"
#include "preload/modules.h"

static bool is_due(const struct sc_rule_when *when, uint64_t call)
{
	if (call < when->first || (when->last && call > when->last))
		return false;
	return call == when->first || (when->step && (call - when->first) % when->step == 0);
}

static bool is_drawn(const struct sc_rule_inject *inject, uint64_t salt, uint32_t thread, uint64_t call)
{
	uint64_t of_rule = sc_site_mix(sc_site_mix(inject->seed + 0x9e3779b97f4a7c15u) + salt);
	uint64_t x = sc_site_mix(of_rule + thread) + call * 0x9e3779b97f4a7c15u;

	return inject->chance == SC_RULE_ALWAYS || sc_site_mix(x) >> 32 < inject->chance;
}

bool sc_inject_comes_from(const char *glob, uintptr_t caller)
{
	const struct sc_module *module = sc_modules_at(caller);
	struct sc_library_names names;

	if (!module)
		return false;
	names = sc_module_names(module);
	return sc_rule_library_matches(glob, &names);
}

/* The number of the call among those that the rule counts; 0: it is none of them, or there is no memory to count. */
static uint64_t number_of(const struct sc_hook_rule *rule, struct sc_hook_stack *stack, struct sc_hook_thread *hooks)
{
	if (rule->from && !sc_inject_comes_from(rule->from, stack->frame->return_address))
		return 0;
	if (rule->inject->site && sc_hook_stack_site(stack, rule->depth) != rule->inject->site)
		return 0;
	if (rule->inject->per_stack)
		return sc_hook_stack_count(stack, hooks, rule->counter, rule->depth);
	return sc_hook_thread_count(hooks, rule->counter);
}

const struct sc_hook_rule *sc_inject_decide(struct sc_hook_stack *stack, struct sc_hook_thread *hooks)
{
	const struct sc_hook *hook = stack->hook;
	const struct sc_hook_rule *fires = NULL;

	for (uint32_t i = 0; i < hook->count; i++) {
		const struct sc_hook_rule *rule = &hook->rules[i];
		uint64_t call = rule->action == SC_ACTION_INJECT ? number_of(rule, stack, hooks) : 0;

		if (!fires && call && is_due(&rule->inject->when, call) &&
		    is_drawn(rule->inject, hook->salt, hooks->number, call))
			fires = rule;
	}
	return fires;
}

static void wait_for(uint64_t ns)
{
	struct timespec until = { 0, 0 };

	sc_sys_clock_gettime(CLOCK_MONOTONIC, &until);
	ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(ns / 1000000000u);
	until.tv_nsec = (long)(ns % 1000000000u);
	/* An absolute time: what a signal handler interrupts goes on for the rest. */
	while (sc_syscall4(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == -EINTR)
		;
}

unsigned sc_inject_fire(const struct sc_hook_rule *rule, struct sc_hook_call *call)
{
	const struct sc_rule_inject *inject = rule->inject;

	if (inject->faults & SC_RULE_DELAY_ENTER)
		wait_for(inject->delay_enter);
	if (inject->faults & SC_RULE_SIGNAL)
		sc_sys_tgkill(sc_sys_getpid(), sc_sys_gettid(), inject->signal);
	if (rule->sets_errno)
		*sc_hooks_errno() = inject->error;
	if (rule->skips)
		call->rax = rule->result;
	return rule->skips;
}

void sc_inject_leave(const struct sc_rule_inject *inject)
{
	wait_for(inject->delay_exit);
}
