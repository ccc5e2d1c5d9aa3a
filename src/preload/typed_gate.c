/* SPDX-License-Identifier: MIT */
/*
 * Owns who may run code of clients: no hook inside a hook, and none at all while an image is generated
 * (doc/persistence.md). Called by typed_calls.c inside intercepted calls, by libstubcache-typed.so for closures, and by
 * the generate files.
 *
 *	sc_hook_thread.inside	 the hook that runs now: a stack address, 0 while it calls its original
 *	sc_hook_thread.outermost the outermost hook or closure that has not returned
 *
 * A hook notes itself, then looks whether the gate is closed; who closes the gate closes it, then looks for notes: one of
 * the two sees the other, and gives way. Nobody waits. For that a memory barrier belongs between the two steps of each.
 * A hook's would cost as much as all else of the gate ten times over, so who closes, which is rare, has the kernel make
 * them all (membarrier).
 *
 * A signal handler of the program's may leave a hook by longjmp, and an exception a closure. Then the note stays, until
 * the thread makes a call at the same height of its stack or above: what it is below of cannot be running any more.
 * That does not hold on an alternate stack, which may lie above: a handler there has interrupted something.
 */
#include <linux/membarrier.h>
#include <signal.h>

#include "common/sys.h"
#include "preload/hook_threads.h"
#include "preload/threads.h"
#include "preload/typed.h"

static int closed;
static bool kernel_does; /* the hooks' barriers */

void sc_typed_gate_start(void)
{
	kernel_does = sc_syscall2(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0) == 0;
}

static bool barriers(void)
{
	if (!kernel_does || sc_syscall2(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0) == 0)
		return true;
	kernel_does = false; /* it is forbidden by now: from the next time on it is done without */
	return false;
}

static bool is_on_alternate_stack(void)
{
	stack_t stack;

	return sc_syscall2(SYS_sigaltstack, NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK);
}

/* Whether what is noted may be running, seen from here. */
static bool is_within(uintptr_t noted, uintptr_t here)
{
	return noted && (here < noted || is_on_alternate_stack());
}

static bool note(struct sc_hook_thread *hooks, uintptr_t here)
{
	if (is_within(hooks->outermost, here))
		return false;
	__atomic_store_n(&hooks->outermost, here, __ATOMIC_RELEASE);
	if (kernel_does)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	else
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return true;
}

static void unnote(struct sc_hook_thread *hooks)
{
	__atomic_store_n(&hooks->outermost, 0, __ATOMIC_RELEASE);
}

static bool is_inside(const struct sc_hook_thread *hooks, uintptr_t here)
{
	return is_within(hooks->inside, here);
}

bool sc_typed_gate_begin(struct sc_hook_thread *hooks, uintptr_t here, uintptr_t *mark)
{
	if (is_inside(hooks, here))
		return false;
	*mark = note(hooks, here);
	if (__atomic_load_n(&closed, __ATOMIC_SEQ_CST)) {
		if (*mark)
			unnote(hooks);
		return false;
	}
	hooks->inside = here;
	return true;
}

void sc_typed_gate_end(struct sc_hook_thread *hooks, uintptr_t mark)
{
	hooks->inside = 0;
	if (mark)
		unnote(hooks);
}

static struct sc_hook_thread *thread_here(void)
{
	return sc_threads_is_ready() ? sc_hook_thread_here() : NULL;
}

/* A thread that there is no memory for goes unnoticed. */
static bool begin_closure(uintptr_t *mark)
{
	struct sc_hook_thread *hooks = thread_here();
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	*mark = 0;
	if (hooks && is_inside(hooks, here))
		return false;
	*mark = hooks && note(hooks, here);
	if (!__atomic_load_n(&closed, __ATOMIC_SEQ_CST))
		return true;
	if (*mark)
		unnote(hooks);
	return false;
}

static void end_closure(uintptr_t mark)
{
	if (mark)
		unnote(thread_here());
}

const struct sc_typed_host sc_typed_host = { .begin = begin_closure, .end = end_closure };

static bool is_noted(const struct sc_thread *thread)
{
	const struct sc_hook_thread *hooks = __atomic_load_n(&thread->hooks, __ATOMIC_ACQUIRE);

	return hooks && __atomic_load_n(&hooks->outermost, __ATOMIC_SEQ_CST);
}

bool sc_typed_gate_close(void)
{
	if (!sc_typed_hooks())
		return true;
	__atomic_exchange_n(&closed, 1, __ATOMIC_SEQ_CST);
	if (barriers() && !sc_threads_any(is_noted))
		return true;
	sc_typed_gate_open();
	return false;
}

void sc_typed_gate_open(void)
{
	__atomic_store_n(&closed, 0, __ATOMIC_SEQ_CST);
}
