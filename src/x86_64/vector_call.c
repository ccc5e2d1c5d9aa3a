/* SPDX-License-Identifier: MIT */
/*
 * Owns what the processor has of vector registers, as vector_call.S must know it. Called when a client registers a hook.
 */
#include "x86_64/vector_call.h"

#include <cpuid.h>
#include <stddef.h>

/* Of xsave's area, where AVX-512's last registers end at 2688 and nothing is saved behind them; and what alignment takes. */
#define AREA_SIZE (2688 + 64)

uint32_t sc_vector_call_have __attribute__((visibility("hidden")));
uint32_t sc_vector_call_mask __attribute__((visibility("hidden")));
const uint64_t sc_vector_call_size __attribute__((visibility("hidden"))) = AREA_SIZE;

_Static_assert(offsetof(struct sc_vectors_x87, count) == SC_X87_COUNT, "vector_call.S");

static uint32_t enabled(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

void sc_vector_call_look(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(enabled() & 4))
		return;
	sc_vector_call_mask = enabled() & (SC_VECTORS_UPPER | SC_VECTORS_LOW);
	sc_vector_call_have = SC_VECTORS_XSAVE;
	__cpuid_count(0xd, 1, a, b, c, d);
	if (a & 2)
		sc_vector_call_have |= SC_VECTORS_XSAVEC;
	if (a & 4)
		sc_vector_call_have |= SC_VECTORS_IN_USE;
}
