/* SPDX-License-Identifier: MIT */
/*
 * Reading what the host's arguments point to. A pointer may be anything: nothing here can fault.
 *
 * What is certainly there is read as it is: the caller's own stack, and read-only segments of modules of the start
 * (string literals), which a program neither unmaps nor protects. All else is read by a system call.
 *
 * Any thread, inside intercepted calls, signal handlers too; no libc, no errno, no vector register.
 */
#ifndef SC_PEEK_H
#define SC_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

/* Where a call looks from. */
struct sc_peek {
	uintptr_t stack; /* the caller's rsp: what lies above it on its page, and on the main stack, is there */
	bool slow;	 /* out: a system call was needed */
};

/* Notes the modules of the start, once; stack_top: an address near the top of the main stack. In the constructor, or
 * under the dl lock. */
void sc_peek_start(uintptr_t stack_top);

/* From now on no system call may be made, for the kernel would kill us (seccomp): what needs one is unreadable. */
void sc_peek_confine(void);
bool sc_peek_confined(void);

/* Copies bytes up to `size`, or up to the first that cannot be read; returns how many. */
size_t sc_peek_bytes(struct sc_peek *peek, void *out, uintptr_t address, size_t size);

/* Copies up to `most` bytes of a string, without its NUL; returns how many, and how it ended (SC_BLOB_WHOLE, CUT, UNREADABLE
 * (not one byte), ENDLESS). */
size_t sc_peek_string(struct sc_peek *peek, char *out, uintptr_t address, size_t most, enum sc_blob_state *state);

#endif
