/* SPDX-License-Identifier: MIT */
/*
 * libversions.so: one name in two versions, as libc has for pthread_cond_init and memcpy. Each says
 * which it is, so that a slot bound to the wrong one is seen.
 */
#include "versions.h"

int versions_first(int x)
{
	return x + 1000;
}

int versions_second(int x)
{
	return x + 2000;
}

__asm__(".symver versions_first, versions_which@VERSIONS_1");
__asm__(".symver versions_second, versions_which@@VERSIONS_2");
