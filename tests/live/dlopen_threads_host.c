/* SPDX-License-Identifier: MIT */
/*
 * Threads that load and unload different libraries at the same time: no thread may look at, or write into, what
 * another one is just relocating or unmapping.
 */
#include "live.h"

#include <dlfcn.h>
#include <pthread.h>

LIVE_MAIN_STATE;

#define THREADS 6
#define ROUNDS 500

static const char *const paths[] = { LIVE_LIBDIR "/libheavy1.so", LIVE_LIBDIR "/libheavy2.so",
				     LIVE_LIBDIR "/libheavy3.so" };

static void *open_and_close(void *argument)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < ROUNDS; i++) {
		void *handle = dlopen(paths[((unsigned long)argument + i) % 3], RTLD_NOW);
		int (*run)(int) = handle ? (int (*)(int))dlsym(handle, "heavy_sum") : NULL;

		sum += run ? (unsigned long)run(1) : 0;
		if (handle)
			dlclose(handle);
	}
	return (void *)sum;
}

int main(void)
{
	pthread_t threads[THREADS];
	void *sum;

	for (unsigned long i = 0; i < THREADS; i++)
		expect(pthread_create(&threads[i], NULL, open_and_close, (void *)i) == 0);
	for (unsigned long i = 0; i < THREADS; i++) {
		expect(pthread_join(threads[i], &sum) == 0);
		expect((unsigned long)sum == 10 * ROUNDS);
	}
	return live_end("dlopen in threads");
}
