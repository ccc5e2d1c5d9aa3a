/* SPDX-License-Identifier: MIT */
/*
 * libifunc.so: a function whose definition a resolver picks when the program starts, and calls to it
 * from the library itself. The resolver's choice follows the processor, as libc's do.
 */
#include "ifunc.h"

static int with_avx(int x)
{
	return x * 3;
}

static int without_avx(int x)
{
	return x * 3;
}

static __attribute__((used)) int (*resolve(void))(int) /* clang does not see its use by name */
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx") ? with_avx : without_avx;
}

int ifunc_triple(int x) __attribute__((ifunc("resolve")));

int ifunc_triple_inside(int x)
{
	return ifunc_triple(x) + 1;
}
