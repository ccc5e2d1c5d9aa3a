/* SPDX-License-Identifier: MIT */
/*
 * Reading what the host's arguments point to. A pointer may be anything: nothing here can fault.
 *
 * What is certainly there is read as it is: the thread's own stack, and read-only segments of modules of the start
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

/* A word has a zero byte when (word - ONES) & ~word & HIGHS is not 0; the lowest bit of that is in the first. */
#define SC_PEEK_ONES 0x0101010101010101u
#define SC_PEEK_HIGHS 0x8080808080808080u

/* Where a call looks from. */
struct sc_peek {
	uintptr_t stack; /* the caller's rsp: what lies above it is there, up to sc_peek_stack_end */
	bool slow;	 /* out: a system call was needed */
};

/* Notes the modules of the start, once; stack_top: an address near the top of the main stack. In the constructor, or
 * under the dl lock. */
void sc_peek_start(uintptr_t stack_top);

/*
 * A live address of the calling thread's stack (its rsp, say): up to where there is stack for certain. On the thread's own
 * stack, as libc has made it or was given it, that is all of it; on one that the program switches to by itself only the
 * page, for what lies behind that may have been unmapped since anybody looked.
 */
uintptr_t sc_peek_stack_end(uintptr_t stack);

/* What lies at the address and does not cross a page of 4 KiB: size, or 0. A system call. */
size_t sc_peek_copy(void *out, uintptr_t address, size_t size);

struct sc_peek_range {
	uintptr_t start, end;
};

/* The read-only segment where something was found last, by any thread; for sc_peek_literal. */
extern const struct sc_peek_range *sc_peek_latest __attribute__((visibility("hidden")));

/* The same as sc_peek_string for a string that begins in the latest segment, as literals mostly do, and ends there within
 * `most` bytes: its length. Otherwise -1, and some of `out` may be written. */
static inline long sc_peek_literal(char *out, uintptr_t address, size_t most)
{
	const struct sc_peek_range *range = __atomic_load_n(&sc_peek_latest, __ATOMIC_RELAXED);
	size_t room = range->end - address;

	if (address - range->start >= range->end - range->start)
		return -1;
	room = room < most ? room : most;
	for (size_t i = 0; i + 8 <= room; i += 8) {
		uint64_t word;

		__builtin_memcpy(&word, (const char *)address + i, 8);
		__builtin_memcpy(out + i, &word, 8);
		word = (word - SC_PEEK_ONES) & ~word & SC_PEEK_HIGHS;
		if (word)
			return (long)(i + (size_t)__builtin_ctzll(word) / 8);
	}
	return -1;
}

/* Copies bytes up to `size`, or up to the first that cannot be read; returns how many. */
size_t sc_peek_bytes(struct sc_peek *peek, void *out, uintptr_t address, size_t size);

/* Copies up to `most` bytes of a string, without its NUL; returns how many, and how it ended (SC_BLOB_WHOLE, CUT, UNREADABLE
 * (not one byte), ENDLESS). */
size_t sc_peek_string(struct sc_peek *peek, char *out, uintptr_t address, size_t most, enum sc_blob_state *state);

#endif
