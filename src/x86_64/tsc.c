/* SPDX-License-Identifier: MIT */
/*
 * Owns the choice of clock on this processor. Called once, in the constructor.
 */
#include "x86_64/tsc.h"

#include <sys/platform/x86.h>

/* Weak, so that libstubcache.so needs libc alone: it is ld.so's, and there since glibc 2.33. */
#pragma weak __x86_get_cpuid_feature_leaf

uint64_t sc_tsc_read(void)
{
	return sc_tsc_now();
}

bool sc_tsc_invariant(void)
{
	return &__x86_get_cpuid_feature_leaf && CPU_FEATURE_PRESENT(INVARIANT_TSC);
}
