/* SPDX-License-Identifier: MIT */
/*
 * libinterposer.so: another preload, of the usual kind. It defines probe_mix and malloc's family in
 * front of the real ones, finds those by RTLD_NEXT, and counts the calls that came through it.
 * interposed_host asks for the count by dlsym.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

unsigned long interposer_mixes, interposer_mallocs;

static void *(*next_malloc)(size_t size);
static unsigned long (*next_mix)(unsigned long x);

void *malloc(size_t size)
{
	if (!next_malloc)
		next_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	__atomic_fetch_add(&interposer_mallocs, 1, __ATOMIC_RELAXED);
	return next_malloc(size);
}

unsigned long probe_mix(unsigned long x)
{
	if (!next_mix)
		next_mix = (unsigned long (*)(unsigned long))dlsym(RTLD_NEXT, "probe_mix");
	__atomic_fetch_add(&interposer_mixes, 1, __ATOMIC_RELAXED);
	return next_mix(x);
}
