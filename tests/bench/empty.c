/* SPDX-License-Identifier: MIT */
/*
 * An empty preload: what everybody who preloads anything pays. One function, nothing needed but libc, nothing
 * done at start. Preloaded by the benchmarks as the thing to compare with.
 */
#include <unistd.h>

int bench_empty(void);

int bench_empty(void)
{
	return (int)getpid();
}
