/* SPDX-License-Identifier: MIT */
/*
 * What one would write by hand to count the calls of libleaf.so: a preload that defines every function,
 * counts in thread-local memory and calls on through a pointer found at start. The benchmarks compare
 * stubs with it.
 */
#include <dlfcn.h>
#include <stddef.h>

#include "leaf.h"

#define LEAF_NUMBER(number) LEAF_AT_##number,
enum { LEAVES(LEAF_NUMBER) LEAF_COUNT };

static __thread unsigned long counts[LEAF_COUNT] __attribute__((tls_model("initial-exec")));
static void (*next[LEAF_COUNT])(void);

#define LEAF_WRAP(number)                     \
	void leaf_##number(void)              \
	{                                     \
		counts[LEAF_AT_##number]++;   \
		next[LEAF_AT_##number]();     \
	}
LEAVES(LEAF_WRAP)

#define LEAF_NAME(number) "leaf_" #number,
static const char *const names[] = { LEAVES(LEAF_NAME) };

static void __attribute__((constructor)) find_next(void)
{
	for (size_t i = 0; i < LEAF_COUNT; i++)
		next[i] = (void (*)(void))dlsym(RTLD_NEXT, names[i]);
}
