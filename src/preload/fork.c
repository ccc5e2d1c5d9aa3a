/* SPDX-License-Identifier: MIT */
/*
 * Owns what happens to our state when the process is copied. Called by libc's fork in the child, and by threads.c.
 *
 * Copies made without libc's handlers (_Fork, clone) are noticed by a page that the kernel empties in a child which
 * does not share its parent's memory (MADV_WIPEONFORK, Linux 4.14); a vfork child, which does share it, keeps it and
 * must not touch what is its parent's.
 */
#include "preload/fork.h"

#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "common/persist.h"
#include "common/sys.h"
#include "preload/dlwatch.h"
#include "preload/record_map.h"
#include "preload/recording.h"
#include "preload/runtime.h"
#include "preload/threads.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* libc_nonshared.a's pthread_atfork passes the caller's dso handle so that dlclose unregisters; we are never closed. */
extern int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);

static volatile int *same_process; /* 0 in a child that has not been noticed yet; NULL: cannot be known */

static void forked(void)
{
	if (same_process)
		*same_process = 1;
	sc_runtime.pid = (uint32_t)sc_sys_getpid();
	sc_dl_forked();
	sc_persist_forked();
	sc_threads_fork_child();
	if (sc_recording_started())
		sc_record_fork_child();
}

void sc_fork_watch(void)
{
	size_t page = getauxval(AT_PAGESZ);
	void *memory = sc_sys_mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED && sc_sys_madvise(memory, page, MADV_WIPEONFORK) == 0) {
		same_process = memory;
		*same_process = 1;
	}
	__register_atfork(NULL, NULL, forked, NULL);
}

void sc_fork_noticed(void)
{
	if (same_process && !*same_process)
		forked();
}
