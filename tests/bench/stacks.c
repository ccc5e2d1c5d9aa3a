/* SPDX-License-Identifier: MIT */
/*
 * stacks DEPTH THOUSANDS: times so many calls of an empty function from that deep, and prints lines of nanoseconds a call,
 * the least of several runs:
 *
 *	bare	a function that no rule names
 *	one	one that stacks are taken of, or not, as the environment says
 *	unwind	what unw_backtrace takes there
 *
 * Called by bench.py.
 */
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "leaf.h"

#define RUNS 20
#define FRAMES_MOST 256

static long calls;
static volatile int sink;

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void call_bare(void)
{
	bare();
}

static void call_one(void)
{
	leaf_123();
}

static void call_unwind(void)
{
	void *frames[FRAMES_MOST];

	sink += unw_backtrace(frames, FRAMES_MOST);
}

static double measure(void (*call)(void))
{
	double least = 0;

	for (int run = 0; run < RUNS; run++) {
		double before = now_ns(), cost;

		for (long i = 0; i < calls; i++)
			call();
		cost = (now_ns() - before) / (double)calls;
		least = run == 0 || cost < least ? cost : least;
	}
	return least;
}

static __attribute__((noinline)) int measure_all(void)
{
	printf("bare %.3f\n", measure(call_bare));
	printf("one %.3f\n", measure(call_one));
	printf("unwind %.3f\n", measure(call_unwind));
	return 0;
}

/* One frame more than it calls itself. */
static __attribute__((noinline)) int deeper(int depth)
{
	volatile char here[32];

	here[0] = (char)depth;
	return (depth > 0 ? deeper(depth - 1) : measure_all()) + here[0] - (char)depth;
}

int main(int argc, char **argv)
{
	void *frames[FRAMES_MOST];
	int depth = argc > 2 ? atoi(argv[1]) - unw_backtrace(frames, FRAMES_MOST) - 4 : -1;

	calls = argc > 2 ? atol(argv[2]) * 1000 / RUNS : 0;
	if (depth < 0 || calls <= 0)
		return 2;
	return deeper(depth);
}
