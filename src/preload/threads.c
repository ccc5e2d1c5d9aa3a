/* SPDX-License-Identifier: MIT */
/*
 * Owns the threads' state: making one for a thread's first intercepted call, adopting those of threads
 * that are gone, and the way past a stub when nothing can be had. Called from slow.S inside
 * intercepted calls, and at fork.
 */
#include "preload/threads.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/image.h"
#include "common/sys.h"
#include "preload/fork.h"
#include "preload/frame_memory.h"
#include "preload/hot.h"
#include "preload/record_map.h"
#include "preload/runtime.h"
#include "x86_64/layout.h"
#include "x86_64/local_add.h"

#define ADOPT_LOOKS 8	  /* threads looked at for adoption, at most, by each new thread */
#define THREAD_MEMORY SC_FRAME_MEMORY_LEAST /* its struct and its first frames: all of it is touched */

_Static_assert(offsetof(struct sc_tls, thread) == SC_TLS_THREAD, "stub.S");
_Static_assert(offsetof(struct sc_tls, region) == SC_TLS_REGION, "stub.S");
_Static_assert(offsetof(struct sc_thread, free) == SC_THREAD_FREE, "stub.S");
_Static_assert(offsetof(struct sc_thread, region) == SC_THREAD_REGION, "stub.S");
_Static_assert(offsetof(struct sc_frame, next) == SC_FRAME_NEXT, "stub.S");
_Static_assert(offsetof(struct sc_frame, stub) == SC_FRAME_STUB, "stub.S");
_Static_assert(offsetof(struct sc_frame, rbx) == SC_FRAME_RBX, "stub.S");
_Static_assert(offsetof(struct sc_frame, return_address) == SC_FRAME_RETURN, "stub.S");
_Static_assert(offsetof(struct sc_frame, stack) == SC_FRAME_STACK, "stub.S");
_Static_assert(offsetof(struct sc_frame, rax) == SC_FRAME_RAX, "stub.S");
_Static_assert(offsetof(struct sc_frame, start) == SC_FRAME_START, "stub.S");
_Static_assert(offsetof(struct sc_frame, children) == SC_FRAME_CHILDREN, "stub.S");
_Static_assert(offsetof(struct sc_frame, trampoline) == SC_FRAME_TRAMPOLINE, "stub.S");
_Static_assert(offsetof(struct sc_record_region, log_used) == SC_REGION_LOG_USED, "stub.S");
_Static_assert(offsetof(struct sc_record_region, children) == SC_REGION_CHILDREN, "stub.S");
_Static_assert(SC_RECORD_LOG_OFFSET == SC_REGION_LOG && SC_RECORD_LOG_SIZE == SC_REGION_LOG_SIZE, "leave.S");
_Static_assert(SC_RECORD_COUNTS_OFFSET == SC_REGION_COUNTS, "stub.S");

/* What every thread starts with: no frames, so its first call takes the slow path. Never written. */
static const struct sc_thread thread_none;

__thread struct sc_tls sc_tls = { .thread = &thread_none };

static struct sc_thread *threads SC_HOT; /* all, newest first */
static struct sc_thread *adopt_cursor SC_HOT;

intptr_t sc_threads_tls_offset(void)
{
	return (intptr_t)&sc_tls - (intptr_t)__builtin_thread_pointer();
}

/* Whether the thread that owned this state is gone. Its tid may have been given to a new thread, which only
 * means that the state is adopted later. */
static bool owner_gone(uint32_t tid)
{
	return tid == 0 || sc_sys_tgkill((pid_t)sc_runtime.pid, (pid_t)tid, 0) == -ESRCH;
}

static struct sc_thread *thread_adopt(uint32_t tid)
{
	struct sc_thread *at = __atomic_load_n(&adopt_cursor, __ATOMIC_ACQUIRE);

	for (int i = 0; i < ADOPT_LOOKS; i++) {
		uint32_t owner;

		if (!at)
			at = __atomic_load_n(&threads, __ATOMIC_ACQUIRE);
		if (!at)
			return NULL;
		owner = __atomic_load_n(&at->tid, __ATOMIC_ACQUIRE);
		__atomic_store_n(&adopt_cursor, at->next, __ATOMIC_RELEASE);
		if (owner != tid && owner_gone(owner) &&
		    __atomic_compare_exchange_n(&at->tid, &owner, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			at->owners++;
			at->region = sc_record_region_get(); /* not the old one: a fork may have dropped that */
			if (at->region)
				return at;
			__atomic_store_n(&at->tid, 0, __ATOMIC_RELEASE);
			return NULL;
		}
		at = at->next;
	}
	return NULL;
}

static struct sc_thread *thread_make(uint32_t tid)
{
	struct sc_record_region *region = sc_record_region_get();
	size_t size = THREAD_MEMORY;
	struct sc_thread *thread = region ? sc_frame_memory_take(&size) : NULL;
	struct sc_thread *head;

	if (!thread) {
		sc_record_region_unget(region);
		return NULL;
	}
	thread->region = region;
	thread->tid = tid;
	thread->owners = 1; /* not the 0 of a struct sc_hook_thread that is new */
	sc_frames_add(thread, (char *)thread + sizeof(struct sc_frame), size - sizeof(struct sc_frame));
	head = __atomic_load_n(&threads, __ATOMIC_RELAXED);
	do
		thread->next = head;
	while (!__atomic_compare_exchange_n(&threads, &head, thread, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	return thread;
}

_Static_assert(sizeof(struct sc_thread) <= sizeof(struct sc_frame), "it lies before the first chunk");

static struct sc_thread *thread_get(void)
{
	uint32_t tid = (uint32_t)sc_sys_gettid();
	struct sc_thread *thread = thread_adopt(tid);

	return thread ? thread : thread_make(tid);
}

/* For the thread's first call; whether it has a state now. */
static bool thread_start(void)
{
	const struct sc_thread *none = &thread_none;
	struct sc_thread *thread;

	if (!sc_making_begin(&sc_tls.making))
		return false;
	/* A child that is not known to be one: what it leaves here is the parent's, which must get a state of its own. */
	if (!sc_fork_noticed()) {
		sc_making_end(&sc_tls.making, 0);
		return false;
	}
	thread = thread_get();
	sc_making_end(&sc_tls.making, 0);
	if (!thread) {
		sc_tls.region = sc_record_spare();
		return false;
	}
	/* A signal handler may have been here meanwhile: the first to come stays. */
	if (!__atomic_compare_exchange_n(&sc_tls.thread, &none, thread, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
		sc_record_region_unget(thread->region);
		__atomic_store_n(&thread->tid, 0, __ATOMIC_RELEASE);
	}
	return true;
}

/* This thread's state, made when missing; NULL: none can be had. */
static struct sc_thread *thread_here(void)
{
	struct sc_thread *thread;

	if (sc_tls.thread == &thread_none && !thread_start())
		return NULL;
	thread = (struct sc_thread *)sc_tls.thread;
	sc_tls.region = thread->region;
	return thread;
}

static uint32_t field32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Counts the call as the stub would have, and finds its original where the stub would have: by the fields at these
 * offsets. */
static const void *pass_by(const unsigned char *stub, unsigned index, unsigned word, unsigned behind, bool timed)
{
	struct sc_record_region *region = sc_tls.region ? sc_tls.region : sc_record_spare();
	int32_t displacement = (int32_t)field32(stub + word);

	sc_local_add((uint64_t *)((char *)region + field32(stub + index)), 1);
	sc_local_add(&region->untimed, timed);
	return *(const void *const *)(stub + word + 4 + displacement + behind);
}

static const void *pass_by_frame(const unsigned char *stub)
{
	return pass_by(stub, SC_FRAME_INDEX, SC_FRAME_WORD, 0, true);
}

const void *sc_thread_ready_count(const unsigned char *stub)
{
	thread_here();
	if (sc_tls.region)
		return stub;
	if (stub[SC_CLOSURE_WORD - 3] == SC_CLOSURE_LEA)
		return pass_by(stub, SC_TAIL_INDEX, SC_CLOSURE_WORD, 8 * SC_IMAGE_CLOSURE_ORIGINAL, false);
	return pass_by(stub, SC_TAIL_INDEX, SC_TAIL_WORD, 0, false);
}

const void *sc_thread_ready_frame(const unsigned char *stub, uintptr_t stack)
{
	const struct sc_frame_call call = {
		.stack = stack,
		.return_address = ((const uintptr_t *)stack)[-1],
	};
	struct sc_thread *thread = thread_here();

	if (!thread)
		return pass_by_frame(stub);
	if (!sc_frames_any(thread) && sc_frames_provide(thread, &call) < 0)
		return pass_by_frame(stub);
	return stub;
}

bool sc_threads_is_ready(void)
{
	return sc_tls.thread != &thread_none;
}

bool sc_threads_any(bool (*test)(const struct sc_thread *thread))
{
	for (const struct sc_thread *at = __atomic_load_n(&threads, __ATOMIC_ACQUIRE); at; at = at->next)
		if (test(at) && !owner_gone(__atomic_load_n(&at->tid, __ATOMIC_ACQUIRE)))
			return true;
	return false;
}

void sc_threads_fork_child(void)
{
	struct sc_thread *thread = (struct sc_thread *)sc_tls.thread;

	if (thread != &thread_none) {
		thread->tid = (uint32_t)sc_sys_gettid();
		thread->owners++;
	}
}
