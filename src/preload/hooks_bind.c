/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of hooks, by number of the stub, and what of the rules can be worked out ahead of the calls. Called by
 * generator.c when an image with hook stubs is resurrected; read by hooks.c. The rules are parsed for it, which other
 * warm starts are spared.
 */
#include "preload/hooks.h"

#include <errno.h>
#include <string.h>

#include "common/arena.h"
#include "common/hash.h"
#include "common/site.h"
#include "preload/hook_returns.h"
#include "preload/hook_stacks.h"
#include "preload/hook_threads.h"
#include "preload/log.h"
#include "preload/module_names.h"
#include "preload/peek.h"
#include "preload/reason.h"
#include "preload/record_modules.h"
#include "preload/runtime.h"
#include "preload/trace.h"
#include "preload/typed.h"
#include "preload/unwind.h"

#define RECORDED ((unsigned)(SC_ACTION_TRACE | SC_ACTION_STACK))
#define HOOKED (RECORDED | SC_ACTION_INJECT)
#define CHUNK 1024
#define CHUNKS 4096

/* Read without a lock: entries are complete before they are found. */
static const struct sc_hook **chunks[CHUNKS];
static uint32_t counters; /* given out */
static intptr_t errno_offset;

const struct sc_hook *sc_hooks_at(uint32_t index)
{
	const struct sc_hook **chunk =
		index / CHUNK < CHUNKS ? __atomic_load_n(&chunks[index / CHUNK], __ATOMIC_ACQUIRE) : NULL;

	return chunk ? __atomic_load_n(&chunk[index % CHUNK], __ATOMIC_ACQUIRE) : NULL;
}

int *sc_hooks_errno(void)
{
	return (int *)((char *)__builtin_thread_pointer() + errno_offset);
}

/* Libc is there from the start, so its thread-local variables have one place in all threads. */
static void find_errno(void)
{
	if (!errno_offset)
		errno_offset = (intptr_t)&errno - (intptr_t)__builtin_thread_pointer();
}

static bool applies(const struct sc_rule *rule, const struct sc_module *module, const char *function,
		    const char *version)
{
	const struct sc_library_names names = sc_module_names(module);

	return (rule->action & HOOKED) && sc_rule_selects(rule, function, version, &names);
}

static uint64_t salt_of(const struct sc_module *module, const char *function, const char *version)
{
	return sc_hash64(function, strlen(function)) ^ 3 * sc_hash64(version, strlen(version)) ^
	       5 * sc_hash64(module->name, strlen(module->name));
}

static uint64_t site_of(const struct sc_module *module, const char *function)
{
	return sc_site_text(sc_site_text(sc_site_begin(function), "@"), sc_hook_stack_module(module));
}

/* How it says that it has failed: as its prototype has it, else by its name. */
static enum sc_hook_returns returns_of(const char *function, const struct sc_capture *capture)
{
	switch (capture ? capture->error : SC_ERROR_NONE) {
	case SC_ERROR_MINUS_ONE:
	case SC_ERROR_NEGATIVE:
	case SC_ERROR_NONZERO:
		return SC_RETURNS_MINUS_ONE;
	case SC_ERROR_NULL:
		return SC_RETURNS_ZERO;
	case SC_ERROR_RETURNED:
		return SC_RETURNS_ERROR;
	default:
		return sc_hook_returns(function);
	}
}

/* errno of another namespace's libc is not known to us. */
static void work_out_fault(struct sc_hook_rule *out, const struct sc_rule *rule, const struct sc_module *module,
			   const char *function, const struct sc_capture *capture)
{
	const struct sc_rule_inject *inject = &rule->inject;
	bool error = inject->faults & SC_RULE_ERROR, retval = inject->faults & SC_RULE_RETVAL;
	enum sc_hook_returns returns = returns_of(function, capture);

	out->inject = inject;
	out->counter = counters++;
	out->skips = error || retval;
	out->sets_errno = error && (retval || returns != SC_RETURNS_ERROR) && module->space == 0;
	if (retval)
		out->result = inject->retval;
	else if (returns == SC_RETURNS_ERROR)
		out->result = (uint64_t)inject->error;
	else if (returns == SC_RETURNS_MINUS_ONE)
		out->result = UINT64_MAX;
}

static void work_out(struct sc_hook_rule *out, const struct sc_rule *rule, const struct sc_module *module,
		     const char *function, const struct sc_capture *capture)
{
	*out = (struct sc_hook_rule){ .action = rule->action, .from = rule->from, .depth = rule->depth,
				      .origin = (uint16_t)rule->origin };
	if (rule->action == SC_ACTION_INJECT)
		work_out_fault(out, rule, module, function, capture);
}

/* A program of our own memory: the image's goes when its last module has gone. */
static const struct sc_capture *keep_capture(const struct sc_capture *capture)
{
	size_t size = sc_capture_size(capture);
	void *copy = sc_arena_alloc(&sc_runtime.arena, size);

	return copy ? memcpy(copy, capture, size) : NULL;
}

/* Recording needs a record that somebody can read. */
static bool is_recorded(const struct sc_hook *hook)
{
	static bool told;
	bool wanted = false;

	for (uint32_t i = 0; i < hook->count; i++)
		wanted = wanted || (hook->rules[i].action & RECORDED);
	if (!wanted || sc_runtime.config.out)
		return wanted;
	if (!told)
		sc_log(SC_LOG_ERROR, "nothing is traced, no stacks are taken: give a directory for records in STUBCACHE_OUT");
	told = true;
	return false;
}

static void configure(void)
{
	static bool done;

	if (!done && !sc_trace_configure(sc_runtime.config.trace))
		sc_log(SC_LOG_ERROR, "STUBCACHE_TRACE=%s is not like strings=32,stacks=16,buffer=256M: not used",
		       sc_runtime.config.trace);
	done = true;
}

/* How much of the stack is needed, by any of its rules; and what walks it. A fault is recorded with its stack. */
static void find_depth(struct sc_hook *hook)
{
	for (uint32_t i = 0; i < hook->count; i++) {
		const struct sc_hook_rule *rule = &hook->rules[i];
		uint32_t depth = rule->depth;

		if (rule->action == SC_ACTION_TRACE || (rule->action == SC_ACTION_STACK && !hook->capture))
			depth = hook->capture ? sc_trace_depth() : 0;
		else if (rule->action == SC_ACTION_INJECT && !rule->inject->per_stack && !rule->inject->site &&
			 !sc_runtime.config.out)
			depth = 0;
		hook->depth = depth > hook->depth ? depth : hook->depth;
		if (rule->action == SC_ACTION_STACK && depth > hook->counted_depth)
			hook->counted_depth = depth;
	}
	if (hook->depth) {
		sc_peek_start((uintptr_t)sc_runtime.program);
		sc_unwind_load();
	}
}

static struct sc_hook *make(const struct sc_module *module, const char *function, const char *version,
			    const struct sc_capture *capture)
{
	unsigned count = 0;
	struct sc_hook *hook;

	if (!sc_runtime_rules())
		return NULL;
	for (unsigned i = 0; i < sc_runtime.rules.rule_count; i++)
		count += applies(&sc_runtime.rules.rules[i], module, function, version);
	if (counters + count > SC_HOOK_PAGE * SC_HOOK_PAGES)
		return NULL;
	hook = sc_arena_alloc(&sc_runtime.arena, sizeof(*hook) + count * sizeof(hook->rules[0]));
	if (!hook)
		return NULL;
	*hook = (struct sc_hook){ .salt = salt_of(module, function, version), .site = site_of(module, function) };
	for (unsigned i = 0; i < sc_runtime.rules.rule_count; i++)
		if (applies(&sc_runtime.rules.rules[i], module, function, version))
			work_out(&hook->rules[hook->count++], &sc_runtime.rules.rules[i], module, function, capture);
	hook->typed = sc_typed_bind(module, function, version);
	if (capture && is_recorded(hook)) {
		configure();
		sc_peek_start((uintptr_t)sc_runtime.program);
		hook->capture = keep_capture(capture);
	}
	if (hook->capture) {
		hook->bytes = hook->capture->bytes;
		sc_trace_measure(hook);
	}
	for (uint32_t i = 0; i < hook->count; i++)
		*(hook->rules[i].from ? &hook->perhaps : &hook->always) |= hook->rules[i].action;
	hook->perhaps &= ~hook->always;
	find_depth(hook);
	if (sc_runtime.config.out && (hook->depth || hook->capture))
		sc_record_modules_update();
	return hook;
}

/* So that a run can be repeated. Once. */
static void tell_seeds(void)
{
	static bool told;

	for (unsigned i = 0; i < sc_runtime.rules.rule_count && !told; i++) {
		const struct sc_rule *rule = &sc_runtime.rules.rules[i];

		if (rule->action == SC_ACTION_INJECT && rule->inject.chance != SC_RULE_ALWAYS)
			sc_log(SC_LOG_INFO, "rule %u '%s': seed %llu", rule->origin + 1, rule->text,
			       (unsigned long long)rule->inject.seed);
	}
	told = true;
}

void sc_hooks_bind(uint32_t index, const struct sc_module *module, const char *function, const char *version,
		   const struct sc_capture *capture)
{
	const struct sc_hook *known = sc_hooks_at(index);
	struct sc_hook *made;
	const struct sc_hook **chunk;

	/* Unloaded meanwhile, and back. */
	if (known && known->salt == salt_of(module, function, version))
		return;
	find_errno();
	known = made = make(module, function, version, capture);
	if (made)
		made->index = index;
	tell_seeds();
	chunk = index / CHUNK < CHUNKS ? chunks[index / CHUNK] : NULL;
	if (!chunk && index / CHUNK < CHUNKS && known) {
		chunk = sc_arena_array(&sc_runtime.arena, CHUNK, sizeof(*chunk));
		__atomic_store_n(&chunks[index / CHUNK], chunk, __ATOMIC_RELEASE);
	}
	if (!known || !chunk)
		sc_reason(SC_LOG_INFO, "no hook for '%s': no memory", function);
	if (chunk)
		__atomic_store_n(&chunk[index % CHUNK], known, __ATOMIC_RELEASE);
}
