/* SPDX-License-Identifier: MIT */
/*
 * Owns what happens to our state when the process is copied. Called by libc's fork in the child, by wrappers.S, by
 * threads.c and by exit.c.
 *
 * Copies made without libc's handlers (_Fork, clone) are noticed later, by the pid. A vfork child has another pid,
 * too, but shares its parent's memory and must not touch what is its parent's: kcmp(2) tells them apart.
 */
#include "preload/fork.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stddef.h>

#include "common/persist.h"
#include "common/sys.h"
#include "preload/clients.h"
#include "preload/dlwatch.h"
#include "preload/exit.h"
#include "preload/generate.h"
#include "preload/hooks.h"
#include "preload/log.h"
#include "preload/record_map.h"
#include "preload/recording.h"
#include "preload/runtime.h"
#include "preload/threads.h"

/* libc_nonshared.a's pthread_atfork passes the caller's dso handle so that dlclose unregisters; we are never closed. */
extern int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);

static void forked(void)
{
	sc_runtime.pid = (uint32_t)sc_sys_getpid();
	sc_generate_forked();
	sc_exit_forked();
	sc_log_forked();
	sc_dl_forked();
	sc_persist_forked();
	if (sc_runtime.clients)
		sc_clients_forked();
	sc_threads_fork_child();
	sc_hooks_forked();
	if (sc_recording_started())
		sc_record_fork_child();
}

void sc_fork_watch(void)
{
	__register_atfork(NULL, NULL, forked, NULL);
}

bool sc_fork_noticed(void)
{
	pid_t now = sc_sys_getpid();
	long compared;

	if ((uint32_t)now == sc_runtime.pid)
		return true;
	/* 0: the same memory. -ESRCH: whose memory it was is gone, and a vfork child's parent waits for it. Any other
	 * error: cannot be known, so nothing is touched. */
	compared = sc_syscall6(SYS_kcmp, sc_runtime.pid, now, KCMP_VM, 0, 0, 0);
	if (compared <= 0 && compared != -ESRCH)
		return false;
	forked();
	return true;
}

pid_t sc_fork_wrap_fork(pid_t (*original)(void))
{
	pid_t child = original();

	if (child == 0 && (uint32_t)sc_sys_getpid() != sc_runtime.pid)
		forked();
	return child;
}
