/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of what happens around a hooked call. Called by hook.S and leave.S inside intercepted calls: no lock, no
 * libc, no vector register. A signal handler may come in anywhere and make hooked calls itself.
 *
 *	hook.S  -> sc_hook_entered: which rules apply -> state, where something is due at the return
 *	                            count its stack -> trace -> clients -> inject
 *	leave.S -> sc_hook_left:    inject -> clients -> the time -> its stack -> trace -> the state is free
 */
#include "preload/hooks.h"

#include <stddef.h>

#include "common/sys.h"
#include "preload/hook_threads.h"
#include "preload/inject.h"
#include "preload/runtime.h"
#include "preload/stacks.h"
#include "preload/trace.h"
#include "preload/typed.h"
#include "preload/unwind.h"
#include "x86_64/layout.h"
#include "x86_64/tsc.h"

_Static_assert(offsetof(struct sc_hook_call, site) == SC_HOOK_REGISTERS, "hook.S");

static uint64_t now(void)
{
	return sc_runtime.clock ? sc_clock_monotonic() : sc_tsc_now();
}

static uint32_t index_of(uintptr_t site)
{
	const unsigned char *field = (const unsigned char *)site - (SC_HOOK_ENTER + 4) + SC_FRAME_NUMBER;

	uint32_t number = (uint32_t)field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16 |
			  (uint32_t)field[3] << 24;

	return number & ~(uint32_t)(SC_FRAME_KINDS | SC_FRAME_USED);
}

/* The actions that are wanted of a call from here, some of them by rules that look at the caller. */
static __attribute__((noinline)) unsigned wanted_from(const struct sc_hook *hook, uintptr_t caller)
{
	unsigned actions = hook->always;

	for (uint32_t i = 0; i < hook->count; i++) {
		const struct sc_hook_rule *rule = &hook->rules[i];

		if (!(actions & rule->action) && rule->from && sc_inject_comes_from(rule->from, caller))
			actions |= rule->action;
	}
	return actions;
}

static struct sc_hook_state *begin_state(const struct sc_hook *hook, const struct sc_hook_call *call,
					 struct sc_frame *frame, struct sc_hook_thread *hooks)
{
	struct sc_hook_state *state = sc_hook_state_take(hooks, frame);

	if (!state)
		return NULL;
	state->hook = hook;
	state->inject = NULL;
	state->stack = NULL;
	state->call = 0;
	state->typed = false;
	for (unsigned i = 0; hook->keeps && i < 6; i++)
		state->arguments[i] = call->arguments[i];
	return state;
}

static unsigned inject(struct sc_hook_stack *stack, struct sc_hook_call *call, struct sc_frame *frame,
		       struct sc_hook_thread *hooks)
{
	struct sc_hook_state *state = (struct sc_hook_state *)frame->rax;
	const struct sc_hook_rule *rule = sc_inject_decide(stack, hooks);

	if (!rule)
		return 0;
	if (rule->inject->faults & SC_RULE_DELAY_EXIT) {
		if (!state)
			state = begin_state(stack->hook, call, frame, hooks);
		if (state)
			state->inject = rule->inject;
	}
	sc_trace_inject(stack, rule, state, hooks);
	return sc_inject_fire(rule, call);
}

static uintptr_t word_at(const struct sc_hook_call *call, unsigned place)
{
	return place < SC_PLACE_STACK ? call->arguments[place] :
					((const uintptr_t *)(call + 1))[place - SC_PLACE_STACK];
}

/* How much the call asks for, where its function is an allocator. */
static uint64_t bytes_of(const struct sc_hook *hook, const struct sc_hook_call *call)
{
	uint64_t bytes = hook->bytes.times;

	for (unsigned i = 0; i < hook->bytes.place_count; i++) {
		uint64_t word = word_at(call, hook->bytes.places[i]);

		bytes *= hook->bytes.narrow >> i & 1 ? (uint32_t)word : word;
	}
	return bytes;
}

static void count_stack(struct sc_hook_stack *stack, struct sc_hook_state *state, struct sc_hook_thread *hooks)
{
	uint32_t depth = stack->hook->counted_depth;
	bool more;

	sc_hook_stack_walk(stack);
	more = stack->depth > depth;
	state->stack = sc_stacks_count(&hooks->stacks, stack->hook->index, stack->frames, more ? depth : stack->depth,
				       more || stack->cut, bytes_of(stack->hook, stack->call));
}

/* What hooks of clients do with it: whether the original is not to be called. */
static unsigned call_clients(const struct sc_hook *hook, struct sc_hook_call *call, struct sc_frame *frame,
			     struct sc_hook_thread *hooks)
{
	struct sc_hook_state *state = (struct sc_hook_state *)frame->rax;
	bool is_others = state, keep, skip;

	if (!state)
		state = begin_state(hook, call, frame, hooks);
	if (!state)
		return 0;
	skip = sc_typed_enter(hook->typed, call, state, hooks, &keep);
	if (!keep && !is_others)
		sc_hook_state_give(state);
	return skip;
}

/* What the rules do with a call, once the thread has what it needs for it. */
static inline __attribute__((always_inline)) unsigned act(struct sc_hook_stack *stack, unsigned actions,
							  struct sc_hook_call *call, struct sc_frame *frame,
							  struct sc_hook_thread *hooks)
{
	struct sc_hook_state *state = NULL;

	if (stack->hook->capture && (actions & (SC_ACTION_TRACE | SC_ACTION_STACK)))
		state = begin_state(stack->hook, call, frame, hooks);
	if (state && (actions & SC_ACTION_STACK)) {
		count_stack(stack, state, hooks);
		frame->start = now();
	}
	if (state && (actions & SC_ACTION_TRACE))
		sc_trace_enter(stack, frame, state, hooks, now);
	if (stack->hook->typed && call_clients(stack->hook, call, frame, hooks))
		return 1;
	return actions & SC_ACTION_INJECT ? inject(stack, call, frame, hooks) : 0;
}

/* With room for the stack's frames, of which most hooks need none: on the stack, unless they are many. */
static __attribute__((noinline)) unsigned act_with_stack(struct sc_hook_stack *stack, unsigned actions,
							 struct sc_hook_call *call, struct sc_frame *frame,
							 struct sc_hook_thread *hooks)
{
	uint32_t depth = stack->hook->depth, few = depth < SC_RULE_DEPTH ? depth : SC_RULE_DEPTH;
	uintptr_t frames[few], *many = depth > few ? sc_hook_frames_take(hooks) : NULL;
	unsigned skip;

	stack->frames = many ? many : frames;
	stack->room = many ? depth : few;
	skip = act(stack, actions, call, frame, hooks);
	if (many)
		sc_hook_frames_give(hooks, many);
	return skip;
}

unsigned sc_hook_entered(struct sc_hook_call *call, struct sc_frame *frame)
{
	const struct sc_hook *hook = sc_hooks_at(index_of(call->site));
	struct sc_hook_stack stack = { .hook = hook, .call = call, .frame = frame };
	struct sc_hook_thread *hooks;
	unsigned actions;

	frame->start = now();
	frame->rax = 0;
	/* In use from here on, as stub.S has it: a handler of ours that is left by longjmp leaves a frame behind. */
	__atomic_store_n(&frame->stack, (uintptr_t)(call + 1), __ATOMIC_RELEASE);
	hooks = hook ? sc_hook_thread_here() : NULL;
	if (!hooks)
		return 0;
	actions = hook->perhaps ? wanted_from(hook, frame->return_address) : hook->always;
	return hook->depth ? act_with_stack(&stack, actions, call, frame, hooks) :
			     act(&stack, actions, call, frame, hooks);
}

uint64_t sc_hook_left(struct sc_hook_state *state, uintptr_t returned[2])
{
	uint64_t time;

	if (!state)
		return now();
	if (state->inject)
		sc_inject_leave(state->inject);
	if (state->typed)
		sc_typed_leave(state, returned);
	time = now();
	if (state->stack)
		sc_stacks_returned(state->stack, time - state->frame->start);
	if (state->call) {
		struct sc_hook_thread *hooks = sc_hook_thread_here();

		if (hooks)
			sc_trace_leave(state, hooks, returned, time);
	}
	sc_hook_state_give(state);
	return time;
}

void sc_hooks_forked(void)
{
	struct sc_hook_thread *hooks = sc_tls.thread->hooks;

	sc_hook_threads_forked();
	sc_events_forked(hooks ? &hooks->events : NULL);
	sc_unwind_forked();
}
