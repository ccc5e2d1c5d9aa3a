/* SPDX-License-Identifier: MIT */
/*
 * The plain functions of libprobe.so. Owns no state. Called by the hosts of this directory, directly,
 * through function pointers and through dlsym.
 */
#include "probe.h"

#include <errno.h>
#include <signal.h>

unsigned long probe_mix(unsigned long x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ul;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebul;
	return x ^ x >> 31;
}

unsigned long (*probe_mix_address(void))(unsigned long x)
{
	return probe_mix;
}

unsigned long probe_mix_odd(unsigned long x)
{
	return probe_mix(x) ^ 1;
}

long probe_call(long (*callback)(void *closure), void *closure)
{
	return callback(closure) + 1;
}

long probe_call_deep(long (*callback)(void *closure), void *closure)
{
	return probe_call(callback, closure) + 1;
}

int probe_raise(int signo)
{
	int result = raise(signo);

	/* Keeps this frame on the stack while the handler runs. */
	__asm__ volatile("" ::: "memory");
	return result;
}

int probe_errno(int error, int result)
{
	errno = error;
	return result;
}
