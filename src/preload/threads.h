/* SPDX-License-Identifier: MIT */
/*
 * What a thread needs so that its stubs can run: a region of the record, and shadow frames.
 *
 * A struct sc_thread belongs to one thread at a time and outlives it: a later thread adopts it with
 * its frames and its free list, once the kernel says that its owner is gone; regions are handed on likewise
 * (record_map.h). So no thread-exit hook is needed, whose order among the host's own could never be right.
 *
 * Everything here runs inside intercepted calls: no lock, no libc, no errno, no vector register; a
 * signal handler may come in anywhere and do the same.
 */
#ifndef SC_THREADS_H
#define SC_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/record.h"
#include "preload/making.h"

/* Lies where frame_memory.h says, with its return trampoline. */
struct sc_frame {
	union {
		struct sc_frame *next; /* while free */
		uint64_t stub;	       /* while in use: its number, the kind of frame, SC_FRAME_USED: negative */
	};
	uintptr_t rbx;		/* the caller's, until the trampoline has it */
	uintptr_t return_address;
	uintptr_t stack;	/* sc_frame_stack; 0: not in use, or not yet */
	uintptr_t rax;		/* scratch at entry; of a hook stub then what hooks.c wants at the return */
	uint64_t start;		/* ticks */
	uint64_t children;	/* of the caller, until now */
	uintptr_t trampoline;
};

/* The highest byte of the stack word marks what a look for abandoned frames has found alive. */
#define SC_FRAME_MARK_SHIFT 56

/* rsp behind the slot that held the return address. */
static inline uintptr_t sc_frame_stack(const struct sc_frame *frame)
{
	return *(const volatile uintptr_t *)&frame->stack & (((uintptr_t)1 << SC_FRAME_MARK_SHIFT) - 1);
}

struct sc_frame_chunk;
struct sc_hook_thread;

struct sc_thread {
	struct sc_frame *free;
	struct sc_record_region *region;
	struct sc_thread *next; /* of all, never unlinked */
	struct sc_frame_chunk *chunks;
	uint32_t tid; /* owner; claimed by compare-and-swap */
	uint32_t frames; /* in all chunks */
	uint32_t looks;	 /* for abandoned frames, so far */
	uint32_t refused; /* calls that are not timed before the next of them */
	struct sc_hook_thread *hooks; /* hooks.h; NULL: none yet */
	uint32_t owners; /* threads that have had it, and forks: what counts calls starts anew with each */
	uint32_t searching; /* whether a look for abandoned frames is under way, or was left */
};

/* Whether there is a free frame. A word that is negative is no frame's address: SC_FRAME_USED. */
static inline bool sc_frames_any(const struct sc_thread *thread)
{
	return (intptr_t)__atomic_load_n(&thread->free, __ATOMIC_RELAXED) > 0;
}

/* Initial-exec: stubs know its offset from the thread pointer. */
struct sc_tls {
	const struct sc_thread *thread;	 /* never NULL: a thread without one has an empty one with no free frame */
	struct sc_record_region *region; /* NULL: this thread has made no intercepted call yet */
	struct sc_making making; /* of both */
};

extern __thread struct sc_tls sc_tls __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* The offset of sc_tls from the thread pointer, for stubs. */
intptr_t sc_threads_tls_offset(void);

/* From slow.S. Both return the address to go on at: the stub, or, when no region or frame can be had, its original (the
 * call is counted, or lost, and not timed). */
const void *sc_thread_ready_count(const unsigned char *stub);
/* stack: rsp as it will be when the stub has entered. */
const void *sc_thread_ready_frame(const unsigned char *stub, uintptr_t stack);

/* Whether the calling thread has a struct sc_thread. */
bool sc_threads_is_ready(void);
/* Whether `test` holds for any thread that is alive. Any thread; what happens meanwhile is seen or not. */
bool sc_threads_any(bool (*test)(const struct sc_thread *thread));

/* In the child of fork: this thread is the only one, under a new tid. */
void sc_threads_fork_child(void);

/* A call that is about to begin and has no frame yet. */
struct sc_frame_call {
	uintptr_t stack, return_address;
};

/* Gives the thread, which has no free frame, at least one: such as no live call can hold, given the call that is about to begin
 * (frames.c says why that is sound), or new ones. 0 or -ENOMEM. */
int sc_frames_provide(struct sc_thread *thread, const struct sc_frame_call *call);
/* Makes memory[0..size), which is frame memory, a chunk of the thread. */
void sc_frames_add(struct sc_thread *thread, void *memory, size_t size);

#endif
