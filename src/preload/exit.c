/* SPDX-License-Identifier: MIT */
/*
 * Owns the end of the process. exit() is seen by an exit handler that was registered before every other, so it runs
 * after them and after all destructors; _exit, quick_exit and abort by wrappers (wrappers.c). What the kernel kills
 * is not seen here: its record is, by `stubcache report`.
 *
 * A vfork child that ends is not our process: it is told by its pid.
 */
#include "preload/exit.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/sys.h"
#include "preload/client_events.h"
#include "preload/dlwatch.h"
#include "preload/fork.h"
#include "preload/generate.h"
#include "preload/own_stack.h"
#include "preload/record_map.h"
#include "preload/recording.h"
#include "preload/runtime.h"
#include "preload/summary.h"
#include "preload/hot.h"

extern int __cxa_atexit(void (*handler)(void *), void *argument, void *dso);

static int ended SC_HOT; /* once, whichever way the end comes */

/* Not for a user who has asked for nothing but clients. */
static bool has_summary(void)
{
	return sc_recording_started() && !sc_runtime.config.out && sc_runtime.rules_size > 0;
}

static void finish(void *may_merge)
{
	if (has_summary())
		sc_summary_write();
	if (*(bool *)may_merge && sc_dl_take()) {
		sc_generate_merge();
		sc_dl_give();
	}
	/* Last: a client may give up in them what it would need for a merge. */
	if (sc_runtime.clients)
		sc_client_events_run();
}

/* The host may end on a stack that is just large enough for that: in a signal handler on an alternate stack, in a
 * coroutine. The rest of our work gets one of its own, or is left undone. */
static void end(enum sc_record_state state)
{
	bool may_merge = state == SC_RECORD_ENDED;

	if (!sc_fork_noticed() || __atomic_exchange_n(&ended, 1, __ATOMIC_ACQ_REL))
		return;
	if (sc_recording_started())
		sc_record_end(state);
	may_merge = may_merge && sc_generate_to_merge();
	if (!may_merge && !has_summary() && !sc_runtime.clients)
		return;
	sc_own_stack_run(finish, &may_merge);
}

void sc_exit_forked(void)
{
	__atomic_store_n(&ended, 0, __ATOMIC_RELEASE);
}

static void at_exit(void *unused)
{
	(void)unused;
	end(SC_RECORD_ENDED);
}

void sc_exit_watch(void)
{
	__cxa_atexit(at_exit, NULL, NULL);
}

/* _exit may be called where nothing else may: in a signal handler, in a forked child of threads. Merging waits for
 * nobody and takes no lock but the dl lock, which it does not wait for. */
void sc_exit_wrap__exit(int status, void (*original)(int))
{
	end(SC_RECORD_ENDED);
	original(status);
	__builtin_unreachable();
}

/* Its handlers still run: the record goes on counting, the summary ends here. */
void sc_exit_wrap_quick_exit(int status, void (*original)(int))
{
	end(SC_RECORD_ENDED);
	original(status);
	__builtin_unreachable();
}

/* A handler of SIGABRT may still jump out of it; then the end is not here. */
void sc_exit_wrap_abort(void (*original)(void))
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { 0 };

	if (sc_syscall4(SYS_rt_sigaction, SIGABRT, NULL, &action, sizeof(action.mask)) == 0 &&
	    action.handler == SIG_DFL)
		end(SC_RECORD_ABORTED);
	original();
	__builtin_unreachable();
}
