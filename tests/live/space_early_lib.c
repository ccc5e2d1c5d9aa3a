/* SPDX-License-Identifier: MIT */
/*
 * libspace_early.so: linked to spaces_host, makes a namespace in its constructor, before main.
 */
#include <dlfcn.h>

__attribute__((visibility("default"))) void *space_early;

__attribute__((constructor)) static void begin(void)
{
	unsigned long (*run)(unsigned long);

	space_early = dlmopen(LM_ID_NEWLM, LIVE_LIBDIR "/libspace.so", RTLD_NOW);
	run = space_early ? (unsigned long (*)(unsigned long))dlsym(space_early, "space_run") : 0;
	if (run)
		run(10);
}
