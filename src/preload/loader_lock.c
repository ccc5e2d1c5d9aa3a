/* SPDX-License-Identifier: MIT */
/*
 * Owns our hold on ld.so's lock. Called by dlwatch.c.
 *
 * ld.so has one recursive lock around dlopen, dlclose and dlsym, and no call to take it. dl_iterate_phdr takes
 * another one, and shows modules that are mapped but not relocated yet: whoever attaches those writes where ld.so is
 * about to, closes RELRO before it, and calls IFUNC resolvers too early. But dlsym calls the resolver of an indirect
 * function with the lock held. So there is such a function, and its resolver does the work.
 */
#include "preload/loader_lock.h"

#include <dlfcn.h>
#include <stddef.h>

#define NAME "stubcache_loader_lock"

/* One at a time: the dl lock. Volatile, since dlsym is declared as calling nothing back. */
static void (*volatile job)(void *);
static void *volatile job_argument;

static void nothing(void)
{
}

static void (*resolve(void))(void)
{
	void (*work)(void *) = job;

	job = NULL;
	if (work)
		work(job_argument);
	return nothing;
}

__attribute__((visibility("default"), ifunc("resolve"))) void stubcache_loader_lock(void);

void sc_loader_locked(void (*work)(void *), void *argument)
{
	job_argument = argument;
	job = work;
	dlsym(RTLD_DEFAULT, NAME);
	job = NULL;
}
