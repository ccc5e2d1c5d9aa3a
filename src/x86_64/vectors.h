/* SPDX-License-Identifier: MIT */
/*
 * Saving what general registers are not: x87, SSE, AVX and AVX-512 state, for code inside intercepted calls that does use
 * vector registers.
 */
#ifndef SC_X86_64_VECTORS_H
#define SC_X86_64_VECTORS_H

#include <cpuid.h>
#include <stdint.h>

#define SC_VECTORS_SIZE 4096 /* of an area: more than the state takes, aligned to 64 */

/* How the state is to be saved: 0, or what XSAVE is to save. Ask once: on a virtual machine it takes long. XSAVE itself leaves
 * out what the system has not enabled. AMX tiles and protection keys are not touched, and not saved. */
static inline uint32_t sc_vectors_parts(void)
{
	uint32_t a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return 0;
	return 0xe7; /* x87, SSE, AVX, opmask, ZMM_Hi256, Hi16_ZMM */
}

/* area: zeros, or what an earlier sc_vectors_save has left there. Any thread, any signal handler; one area for each call
 * that is between the two. */
__attribute__((visibility("hidden"))) void sc_vectors_save(void *area, uint32_t parts);
__attribute__((visibility("hidden"))) void sc_vectors_restore(void *area, uint32_t parts);

#endif
