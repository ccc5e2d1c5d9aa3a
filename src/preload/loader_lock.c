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

struct job {
	void (*work)(void *);
	void *argument;
};

/* Volatile, since dlsym is declared as calling nothing back. */
static __thread const struct job *volatile job __attribute__((tls_model("initial-exec")));

static void nothing(void)
{
}

static __attribute__((used)) void (*resolve(void))(void) /* only by name, below */
{
	const struct job *mine = job;

	job = NULL; /* only once, whoever else asks for the symbol */
	if (mine)
		mine->work(mine->argument);
	return nothing;
}

__attribute__((visibility("default"), ifunc("resolve"))) void stubcache_loader_lock(void);

void sc_loader_locked(void (*work)(void *), void *argument)
{
	const struct job mine = { work, argument };

	job = &mine;
	dlsym(RTLD_DEFAULT, NAME);
	job = NULL;
}
