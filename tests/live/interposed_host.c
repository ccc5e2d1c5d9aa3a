/* SPDX-License-Identifier: MIT */
/*
 * With another preload before or after ours (compare.sh sees to it): each of the host's calls passes
 * the other interposer exactly once, and reaches the real function once.
 */
#define _GNU_SOURCE
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <stdlib.h>

LIVE_MAIN_STATE;

int main(void)
{
	unsigned long *mixes = dlsym(RTLD_DEFAULT, "interposer_mixes");
	unsigned long *mallocs = dlsym(RTLD_DEFAULT, "interposer_mallocs");
	unsigned long before = mixes ? *mixes : 0, i, sum = 0;
	unsigned long (*found)(unsigned long);
	void *blocks[10];

	for (i = 0; i < 1000; i++)
		sum += probe_mix(i);
	found = (unsigned long (*)(unsigned long))dlsym(RTLD_DEFAULT, "probe_mix");
	for (i = 0; i < 10; i++)
		sum += found ? found(i) : 0;
	for (i = 0; i < 10; i++)
		blocks[i] = malloc(100);
	for (i = 0; i < 10; i++)
		free(blocks[i]);
	printf("sum: %lu\n", sum);
	if (mixes)
		printf("through the interposer: %lu, allocations seen: %s\n", *mixes - before,
		       *mallocs >= 10 ? "yes" : "no");
	return live_end("interposed");
}
