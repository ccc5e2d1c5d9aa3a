/* SPDX-License-Identifier: MIT */
/*
 * Read-modify-write of a thread's own memory in one instruction without a lock prefix: a signal
 * handler of the same thread comes before it or after it, never between. Other threads may only read.
 * A fifth of the price of the locked form, which matters on the way of every call.
 */
#ifndef SC_X86_64_LOCAL_ADD_H
#define SC_X86_64_LOCAL_ADD_H

#include <stdbool.h>
#include <stdint.h>

static inline void sc_local_add(uint64_t *at, uint64_t value)
{
	__asm__ volatile("addq %1, %0" : "+m"(*at) : "er"(value) : "cc", "memory");
}

/* Adds, and returns what was there before. */
static inline uint64_t sc_local_fetch_add(uint64_t *at, uint64_t value)
{
	__asm__ volatile("xaddq %0, %1" : "+r"(value), "+m"(*at) : : "cc", "memory");
	return value;
}

/* Stores `value` when `expected` is there; whether it did. */
static inline bool sc_local_replace(uint64_t *at, uint64_t expected, uint64_t value)
{
	bool done;

	__asm__ volatile("cmpxchgq %3, %1" : "=@ccz"(done), "+m"(*at), "+a"(expected) : "r"(value) : "memory");
	return done;
}

static inline bool sc_local_replace_32(uint32_t *at, uint32_t expected, uint32_t value)
{
	bool done;

	__asm__ volatile("cmpxchgl %3, %1" : "=@ccz"(done), "+m"(*at), "+a"(expected) : "r"(value) : "memory");
	return done;
}

#endif
