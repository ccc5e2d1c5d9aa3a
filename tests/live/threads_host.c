/* SPDX-License-Identifier: MIT */
/*
 * Many threads call one function at once; every one of the calls must be counted and every result be
 * right. Then many short threads, one after the other, so that what a thread leaves is used again.
 * Arguments: threads, calls a thread, short threads.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <stdlib.h>

LIVE_MAIN_STATE;

static unsigned long calls_each = 1000000;
static pthread_barrier_t start;

static void *many_calls(void *first)
{
	unsigned long i, sum = 0;

	pthread_barrier_wait(&start);
	for (i = 0; i < calls_each; i++)
		sum += probe_mix((unsigned long)first + i);
	return (void *)sum;
}

static void *one_call(void *argument)
{
	return (void *)probe_mix((unsigned long)argument);
}

int main(int argc, char **argv)
{
	unsigned long threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 64, i, sum = 0;
	unsigned long short_threads = argc > 3 ? strtoul(argv[3], NULL, 10) : 2000;
	pthread_t *ids = calloc(threads, sizeof(*ids));
	void *result;

	if (argc > 2)
		calls_each = strtoul(argv[2], NULL, 10);
	pthread_barrier_init(&start, NULL, (unsigned)threads);
	for (i = 0; i < threads; i++)
		expect(pthread_create(&ids[i], NULL, many_calls, (void *)(i << 32)) == 0);
	for (i = 0; i < threads; i++) {
		expect(pthread_join(ids[i], &result) == 0);
		sum += (unsigned long)result;
	}
	printf("%lu threads: %lu\n", threads, sum);
	for (sum = i = 0; i < short_threads; i++) {
		expect(pthread_create(&ids[0], NULL, one_call, (void *)i) == 0);
		expect(pthread_join(ids[0], &result) == 0);
		sum += (unsigned long)result;
	}
	printf("%lu short threads: %lu\n", short_threads, sum);
	free(ids);
	return live_end("threads");
}
