/* SPDX-License-Identifier: MIT */
/*
 * The time stamp counter: reading it, and whether it can be trusted as a clock (Intel SDM 18.17.1, AMD APM 3.4:
 * CPUID 8000_0007h EDX bit 8, invariant TSC).
 */
#ifndef SC_X86_64_TSC_H
#define SC_X86_64_TSC_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t sc_tsc_now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* The same as a function, for those who want a pointer. */
uint64_t sc_tsc_read(void);

/* Asks ld.so's copy of what CPUID says: the instruction itself costs tens of microseconds in a virtual machine. */
bool sc_tsc_invariant(void);

#endif
