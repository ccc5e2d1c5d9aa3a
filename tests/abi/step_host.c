/* SPDX-License-Identifier: MIT */
/*
 * What step_unwind and gdb_bt.sh single-step through: calls of intercepted functions between int3
 * instructions, each made by step_outer, then caller_a, then caller_b. Dies of the first int3 unless it is
 * traced.
 *
 * Windows: a thread's first calls (slow path), calls that return at once, a call out of a callback (the
 * callers then lie behind a frame stub), enough calls to fill the log (the slow way of leaving), and the
 * first calls of a new thread.
 */
#include "../live/probe.h"
#include "frames.h"

#include <pthread.h>
#include <stddef.h>

#define window_mark() __asm__ volatile("int3" ::: "memory")

static volatile unsigned long sink;

static own_frame void caller_b(unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		sink += probe_mix(i);
		sink += probe_mix_odd(i);
		sink += (unsigned long)probe_errno(0, 1);
	}
	keep_frame();
}

static own_frame long caller_b_called_back(void *count)
{
	caller_b((unsigned long)count);
	keep_frame();
	return 0;
}

static own_frame void caller_a(unsigned long count, int through_stub)
{
	if (through_stub)
		sink += (unsigned long)probe_call(caller_b_called_back, (void *)count);
	else
		caller_b(count);
	keep_frame();
}

static own_frame void *step_outer(void *count)
{
	/* Begun and ended here, so that the whole of the calls lies between the two marks. */
	window_mark();
	caller_a((unsigned long)count, 0);
	caller_a((unsigned long)count, 1);
	window_mark();
	keep_frame();
	return NULL;
}

int main(void)
{
	pthread_t thread;

	step_outer((void *)3);
	step_outer((void *)350);
	if (pthread_create(&thread, NULL, step_outer, (void *)3) || pthread_join(thread, NULL))
		return 1;
	return 0;
}
