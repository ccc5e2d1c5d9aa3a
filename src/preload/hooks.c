/* SPDX-License-Identifier: MIT */
/*
 * Owns what happens to a call of a hook stub: whether a rule fires, and what it then does. Called by hook.S and leave.S
 * inside intercepted calls: no lock, no libc, no vector register; errno is written only where a rule says so. A signal
 * handler may come in anywhere and make hooked calls itself.
 *
 * A thread counts its calls for itself, as strace counts those of each tracee: which call fails does not depend on
 * other threads. Nor does chance: it is drawn by hashing seed, function, number of the thread and number of the call.
 */
#include "preload/hooks.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <time.h>

#include "common/sys.h"
#include "preload/module_names.h"
#include "preload/modules.h"
#include "preload/runtime.h"
#include "x86_64/layout.h"
#include "x86_64/local_add.h"
#include "x86_64/syscall.h"
#include "x86_64/tsc.h"

#define PAGE_SIZE 4096

_Static_assert(sizeof(struct sc_hook_thread) == PAGE_SIZE, "it is mapped as a page");
_Static_assert(SC_HOOK_PAGE * sizeof(uint64_t) == PAGE_SIZE, "so are its counters");
_Static_assert(offsetof(struct sc_hook_call, site) == SC_HOOK_REGISTERS, "hook.S");

static uint32_t threads; /* numbers given out */

static void *map_page(void)
{
	void *page = sc_sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

/* What *at points to, made when missing; a signal handler may make it first, and then its is the one. */
static void *page_at(void **at)
{
	void *page = __atomic_load_n(at, __ATOMIC_ACQUIRE), *none = NULL;

	if (page)
		return page;
	page = map_page();
	if (page && !__atomic_compare_exchange_n(at, &none, page, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		sc_sys_munmap(page, PAGE_SIZE);
		page = none;
	}
	return page;
}

/* The thread is a new one, which has adopted the state of another: it starts from zero. */
static void start_over(struct sc_hook_thread *hooks, uint32_t owner)
{
	for (unsigned i = 0; i < SC_HOOK_PAGES; i++) {
		uint64_t *page = __atomic_exchange_n(&hooks->pages[i], NULL, __ATOMIC_ACQ_REL);

		if (page)
			sc_sys_munmap(page, PAGE_SIZE);
	}
	hooks->number = __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&hooks->owner, owner, __ATOMIC_RELEASE);
}

static struct sc_hook_thread *hooks_here(void)
{
	struct sc_thread *thread = (struct sc_thread *)sc_tls.thread; /* it has a frame, so it is not the empty one */
	struct sc_hook_thread *hooks = page_at((void **)&thread->hooks);

	if (hooks && hooks->owner != thread->owners)
		start_over(hooks, thread->owners);
	return hooks;
}

/* Counts the call, and returns its number; 0: there is no memory to count. */
static uint64_t count(struct sc_hook_thread *hooks, uint32_t counter)
{
	uint64_t *page = page_at((void **)&hooks->pages[counter / SC_HOOK_PAGE]);

	return page ? sc_local_fetch_add(&page[counter % SC_HOOK_PAGE], 1) + 1 : 0;
}

static bool is_due(const struct sc_rule_when *when, uint64_t call)
{
	if (call < when->first || (when->last && call > when->last))
		return false;
	return call == when->first || (when->step && (call - when->first) % when->step == 0);
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static bool is_drawn(const struct sc_rule_inject *inject, uint64_t salt, uint32_t thread, uint64_t call)
{
	uint64_t x = mix(mix(mix(inject->seed + 0x9e3779b97f4a7c15u) + salt) + thread) + call * 0x9e3779b97f4a7c15u;

	return inject->chance == SC_RULE_ALWAYS || mix(x) >> 32 < inject->chance;
}

static bool comes_from(const char *glob, uintptr_t caller)
{
	const struct sc_module *module = sc_modules_at(caller);
	struct sc_library_names names;

	if (!module)
		return false;
	names = sc_module_names(module);
	return sc_rule_library_matches(glob, &names);
}

/* The first rule that fires, or NULL. All that look at the call count it. */
static const struct sc_hook_rule *decide(const struct sc_hook *hook, uintptr_t caller)
{
	struct sc_hook_thread *hooks = hooks_here();
	const struct sc_hook_rule *fires = NULL;

	for (uint32_t i = 0; hooks && i < hook->count; i++) {
		const struct sc_hook_rule *rule = &hook->rules[i];
		uint64_t call;

		if (rule->from && !comes_from(rule->from, caller))
			continue;
		call = count(hooks, rule->counter);
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

static uint64_t now(void)
{
	return sc_runtime.clock ? sc_clock_monotonic() : sc_tsc_now();
}

static unsigned fire(const struct sc_hook_rule *rule, struct sc_hook_call *call)
{
	const struct sc_rule_inject *inject = rule->inject;

	if (inject->faults & SC_RULE_DELAY_ENTER)
		wait_for(inject->delay_enter);
	if (inject->faults & SC_RULE_SIGNAL)
		sc_sys_tgkill(sc_sys_getpid(), sc_sys_gettid(), inject->signal);
	if (rule->sets_errno)
		*(int *)((char *)__builtin_thread_pointer() + sc_hooks_errno_offset()) = inject->error;
	if (rule->skips)
		call->rax = rule->result;
	return rule->skips;
}

static uint32_t index_of(uintptr_t site)
{
	const unsigned char *field = (const unsigned char *)site - (SC_HOOK_ENTER + 4) + SC_FRAME_NUMBER;

	return (uint32_t)field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16 | (uint32_t)field[3] << 24;
}

unsigned sc_hook_entered(struct sc_hook_call *call, struct sc_frame *frame)
{
	const struct sc_hook *hook = sc_hooks_at(index_of(call->site));
	const struct sc_hook_rule *rule;

	frame->start = now();
	frame->rax = 0;
	/* In use from here on, as stub.S has it: a handler of ours that is left by longjmp leaves a frame behind. */
	__atomic_store_n(&frame->stack, (uintptr_t)(call + 1), __ATOMIC_RELEASE);
	rule = hook ? decide(hook, frame->return_address) : NULL;
	if (!rule)
		return 0;
	if (rule->inject->faults & SC_RULE_DELAY_EXIT)
		frame->rax = (uintptr_t)rule->inject;
	return fire(rule, call);
}

uint64_t sc_hook_left(uintptr_t decision)
{
	const struct sc_rule_inject *inject = (const struct sc_rule_inject *)decision;

	if (inject)
		wait_for(inject->delay_exit);
	return now();
}

void sc_hooks_forked(void)
{
	threads = 0;
}
