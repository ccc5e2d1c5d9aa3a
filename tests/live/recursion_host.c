/* SPDX-License-Identifier: MIT */
/*
 * 100,000 intercepted calls active at once on one thread, each returning to where it was called from,
 * twice over; and 1,000 deep on 50 threads at once.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <stdlib.h>

LIVE_MAIN_STATE;

struct level {
	long depth;
	unsigned long sum;
};

static long descend(void *closure)
{
	struct level *level = closure, next = { level->depth - 1, 0 };
	long below = 0;

	if (level->depth > 0)
		below = probe_call(descend, &next);
	/* Worked out after the return, so that every frame matters. */
	level->sum = next.sum * 3 + probe_mix((unsigned long)level->depth);
	return below + 1;
}

static void *run(void *depth)
{
	struct level top = { (long)depth, 0 };
	long result = probe_call(descend, &top);

	expect(result == 2 * (long)depth + 2);
	return (void *)top.sum;
}

static unsigned long on_threads(int count, long depth)
{
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));
	pthread_attr_t attributes;
	unsigned long sum = 0;
	void *result;
	int i;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 1 << 20 | (size_t)depth * 512);
	for (i = 0; i < count; i++)
		expect(pthread_create(&threads[i], &attributes, run, (void *)depth) == 0);
	for (i = 0; i < count; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		sum += (unsigned long)result;
	}
	pthread_attr_destroy(&attributes);
	free(threads);
	return sum;
}

int main(void)
{
	printf("100,000 frames: %lu\n", on_threads(1, 100000));
	printf("100,000 frames again: %lu\n", on_threads(1, 100000));
	printf("50 threads of 1,000: %lu\n", on_threads(50, 1000));
	printf("main thread: %lu\n", (unsigned long)run((void *)20000));
	return live_end("recursion");
}
