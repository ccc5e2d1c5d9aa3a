/* SPDX-License-Identifier: MIT */
/*
 * calls MILLIONS WAY...: times so many calls of empty functions through the PLT in each of these ways, and
 * prints lines WAY NANOSECONDS, a call each, medians of many short runs that take turns:
 *
 *	bare	a function that no rule names
 *	rdtsc	the same between two rdtsc
 *	one	a function that is counted, timed or neither, as the environment says
 *	many	a thousand such functions in rotation
 *	traced	one with three arguments, one of them a string
 *
 * What interception adds is one - bare, in one process and so on one clock frequency. Called by bench.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "leaf.h"

#define RUNS 40
#define ROTATION 1000

static volatile unsigned long long ticks;

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Ten calls an iteration, so that the loop itself is small beside them. */
#define TEN_TIMES(call) call call call call call call call call call call

static void call_bare(long calls)
{
	for (long i = 0; i < calls; i += 10) {
		TEN_TIMES(bare();)
	}
}

static void call_rdtsc(long calls)
{
	unsigned long long total = 0, start;

	for (long i = 0; i < calls; i += 10) {
		TEN_TIMES(start = __rdtsc(); bare(); total += __rdtsc() - start;)
	}
	ticks = total;
}

static void call_one(long calls)
{
	for (long i = 0; i < calls; i += 10) {
		TEN_TIMES(leaf_123();)
	}
}

#define LEAF_CALL(number) leaf_##number();
static void call_many(long calls)
{
	for (long i = 0; i < calls; i += ROTATION) {
		LEAVES(LEAF_CALL)
	}
}

static void call_traced(long calls)
{
	for (long i = 0; i < calls; i += 10) {
		TEN_TIMES(traced(3, &calls, "/etc/hostname");)
	}
}

static const struct way {
	const char *name;
	void (*calls)(long calls);
} ways[] = {
	{ "bare", call_bare },
	{ "rdtsc", call_rdtsc },
	{ "one", call_one },
	{ "many", call_many },
	{ "traced", call_traced },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static int compare(const void *left, const void *right)
{
	double l = *(const double *)left, r = *(const double *)right;

	return (l > r) - (l < r);
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(values[0]), compare);
	return (values[RUNS / 2 - 1] + values[RUNS / 2]) / 2;
}

static const struct way *find_way(const char *name)
{
	for (size_t i = 0; i < WAYS; i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	fprintf(stderr, "calls: no way '%s'\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	static double costs[WAYS][RUNS];
	const struct way *chosen[WAYS];
	long calls = argc > 1 ? atol(argv[1]) * 1000000 / RUNS / ROTATION * ROTATION : 0;
	int count = argc - 2;

	if (calls <= 0 || count < 1 || count > (int)WAYS)
		return 2;
	for (int i = 0; i < count; i++) {
		chosen[i] = find_way(argv[i + 2]);
		chosen[i]->calls(ROTATION); /* lazy binding */
	}
	for (int run = 0; run < RUNS; run++) {
		for (int i = 0; i < count; i++) {
			double before = now_ns();

			chosen[i]->calls(calls);
			costs[i][run] = (now_ns() - before) / (double)calls;
		}
	}
	for (int i = 0; i < count; i++)
		printf("%s %.3f\n", chosen[i]->name, median(costs[i]));
	return 0;
}
