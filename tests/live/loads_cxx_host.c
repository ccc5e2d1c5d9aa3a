/* SPDX-License-Identifier: MIT */
/*
 * A program in C, without libstdc++, that loads a library in C++, lets it throw past the program's own frames, and
 * unloads it: again and again, on several threads, so that the C++ run time comes and goes.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <pthread.h>

LIVE_MAIN_STATE;

#define ROUNDS 20
#define THREADS 4

static const char path[] = LIVE_LIBDIR "/libloaded_cxx.so";

/* loaded_cxx_lib.cc's. */
typedef int catching(int (*callback)(int number), int number);
typedef int throwing(int number);

static throwing *thrower;

/* A frame of C between the throw and the catch. */
static int between(int number)
{
	return thrower(number) + (int)(probe_mix((unsigned long)number) & 1);
}

static void *work(void *argument)
{
	long sum = 0;
	int i;

	for (i = 0; i < 200; i++) {
		void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
		catching *catcher = handle ? (catching *)dlsym(handle, "loaded_catch") : NULL;

		sum = sum * 31 + (catcher ? catcher(between, i) : 0);
		if (handle)
			dlclose(handle);
	}
	return (void *)(sum + (long)argument);
}

int main(void)
{
	pthread_t threads[THREADS];
	void *handle, *result;
	long sum = 0;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		catching *nested;

		handle = dlopen(path, i % 2 ? RTLD_NOW : RTLD_LAZY);
		expect(handle);
		if (!handle)
			return 1;
		thrower = (throwing *)dlsym(handle, "loaded_throw");
		nested = (catching *)dlsym(handle, "loaded_catch");
		for (j = 0; j < 50; j++)
			sum = sum * 31 + nested(between, i + j);
		printf("%d: %ld\n", i, sum);
		expect(dlclose(handle) == 0);
	}
	handle = dlopen(path, RTLD_NOW);
	expect(handle);
	thrower = handle ? (throwing *)dlsym(handle, "loaded_throw") : NULL;
	for (i = 0; i < THREADS; i++)
		expect(pthread_create(&threads[i], NULL, work, (void *)(long)i) == 0);
	for (i = 0; i < THREADS; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		printf("thread: %ld\n", (long)result);
	}
	expect(dlclose(handle) == 0);
	return live_end("loads_cxx");
}
