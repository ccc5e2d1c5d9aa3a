/* SPDX-License-Identifier: MIT */
/*
 * 10,000 threads that are all there at the same time, inside an intercepted call each. Exits with 77 where so many are
 * not to be had.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <stdlib.h>

LIVE_MAIN_STATE;

#define THREADS 10000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned long arrived, wanted = THREADS;

static long wait_for_all(void *argument)
{
	long number = (long)argument;

	pthread_mutex_lock(&lock);
	arrived++;
	pthread_cond_broadcast(&changed);
	while (arrived < wanted)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return (long)(probe_mix((unsigned long)number) & 0xffff);
}

static void *body(void *number)
{
	return (void *)(probe_call(wait_for_all, number) + (long)(probe_mix_odd((unsigned long)number) & 0xff));
}

int main(void)
{
	pthread_t *threads = calloc(THREADS, sizeof(*threads));
	pthread_attr_t attributes;
	unsigned long sum = 0, i, made;
	void *result;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 32768);
	for (made = 0; made < THREADS; made++)
		if (pthread_create(&threads[made], &attributes, body, (void *)made))
			break;
	pthread_mutex_lock(&lock);
	wanted = made;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (i = 0; i < made; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		sum += (unsigned long)result;
	}
	pthread_attr_destroy(&attributes);
	free(threads);
	if (made < THREADS) {
		printf("only %lu threads at once are to be had\n", made);
		return 77;
	}
	printf("%lu threads at once: %lu\n", made, sum);
	return live_end("threads_at_once");
}
