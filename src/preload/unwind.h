/* SPDX-License-Identifier: MIT */
/*
 * Stacks: the return addresses that a call was made through, innermost first.
 *
 *	unwind_load.c	in the constructor: libstubcache-unwind.so, which asks libunwind
 *	unwind_rules.c	one address -> how its caller's registers are found; asked once, kept
 *	unwind.c	inside intercepted calls: a stack, address by address
 *
 * Inside intercepted calls, malloc and signal handlers included: no heap, no errno, no vector register, nothing that is
 * waited for but a thread that asks libunwind just now, and for that one not long. Memory is read
 * where it is there for certain, or by the kernel.
 */
#ifndef SC_PRELOAD_UNWIND_H
#define SC_PRELOAD_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the caller has right behind the call: pc is the return address, sp points behind the slot that held it, to where
 * there is a stack. Where a frame stub was called: frame->return_address, sc_frame_stack(frame), frame->rbx; the rest is in its
 * registers still. */
struct sc_unwind_start {
	uintptr_t pc, sp, rbx, rbp, r12, r13, r14, r15;
};

/* Loads what stacks need, once; in the constructor, or under the dl lock. What comes along is ours (modules.h). false:
 * it cannot be had, which was said; stacks then have one frame. */
bool sc_unwind_load(void);

/*
 * Writes up to `most` return addresses, the start's pc first, and returns how many: at least 1 when most is. Stubs, and
 * what else is libstubcache.so's, are left out. *cut: there were more, or what lies further out cannot be known. Any thread.
 */
size_t sc_unwind_stack(const struct sc_unwind_start *start, uintptr_t *frames, size_t most, bool *cut);

/* What is known of addresses in [start, end) is known no longer: something was unloaded from there. Any time. */
void sc_unwind_forget(uintptr_t start, uintptr_t end);

/* The same for all modules that the last look did not find any more (modules.h). Under the dl lock. */
void sc_unwind_forget_gone(void);

/* In the child of fork. */
void sc_unwind_forked(void);

#endif
