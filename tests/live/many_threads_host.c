/* SPDX-License-Identifier: MIT */
/*
 * 10,000 threads in all, 200 at a time, that end in every order; the memory of those that are gone serves
 * those that come.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

LIVE_MAIN_STATE;

#define AT_ONCE 200
#define ROUNDS 50

static long resident(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (statm && fscanf(statm, "%*s %ld", &pages) != 1)
		pages = 0;
	if (statm)
		fclose(statm);
	return pages;
}

static long work(void *argument)
{
	return (long)(probe_mix((unsigned long)argument) & 0xffff);
}

static void *body(void *argument)
{
	return (void *)probe_call(work, argument);
}

int main(void)
{
	static pthread_t threads[AT_ONCE];
	unsigned long sum = 0, i, round;
	pthread_attr_t attributes;
	void *result;
	long before = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < AT_ONCE; i++)
			expect(pthread_create(&threads[i], &attributes, body, (void *)(round * AT_ONCE + i)) == 0);
		for (i = 0; i < AT_ONCE; i++) {
			expect(pthread_join(threads[(i * 7) % AT_ONCE], &result) == 0);
			sum += (unsigned long)result;
		}
		if (round == ROUNDS / 5)
			before = resident();
	}
	printf("sum: %lu\n", sum);
	/* 8 MiB: far less than 8,000 threads with a page each. */
	expect(resident() - before < 2048);
	return live_end("many_threads");
}
