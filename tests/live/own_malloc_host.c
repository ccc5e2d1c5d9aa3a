/* SPDX-License-Identifier: MIT */
/*
 * A program that brings its own malloc, which calls intercepted functions itself and counts what it is asked
 * for: nobody but the program and its libraries may ask.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define ARENA (64u << 20)

static char arena[ARENA] __attribute__((aligned(16)));
static size_t used, asked, inside;

/* Each block is preceded by its size. */
static void *allocate(size_t size)
{
	size_t need = (size + 31) & ~(size_t)15, at = __atomic_fetch_add(&used, need, __ATOMIC_RELAXED);

	__atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&inside, probe_mix(size) & 1, __ATOMIC_RELAXED);
	if (at + need > ARENA)
		return NULL;
	memcpy(arena + at, &size, sizeof(size));
	return arena + at + 16;
}

void *malloc(size_t size)
{
	return allocate(size);
}

void free(void *block)
{
	if (block)
		getppid();
}

void *calloc(size_t count, size_t size)
{
	/* Never used before, so zero; and malloc with memset the compiler would make a call of calloc. */
	return allocate(count * size);
}

void *realloc(void *block, size_t size)
{
	void *larger = allocate(size);
	size_t old;

	if (larger && block) {
		memcpy(&old, (char *)block - 16, sizeof(old));
		memcpy(larger, block, old < size ? old : size);
	}
	return larger;
}

static void *in_thread(void *argument)
{
	int i;

	for (i = 0; i < 1000; i++)
		free(malloc((size_t)i));
	return argument;
}

int main(void)
{
	pthread_t threads[4];
	size_t before = asked;
	char *text;
	int i;

	for (i = 0; i < 4; i++)
		expect(pthread_create(&threads[i], NULL, in_thread, NULL) == 0);
	for (i = 0; i < 4; i++)
		expect(pthread_join(threads[i], NULL) == 0);
	text = strdup("a string");
	text = realloc(text, 100);
	expect(text && !strcmp(text, "a string"));
	/* Threads may ask for their own descriptors once, so the exact number is printed for the rest only. */
	expect(asked - before >= 4002);
	before = asked;
	for (i = 0; i < 10000; i++)
		free(malloc(16));
	printf("asked for: %zu\n", asked - before);
	return live_end("own_malloc");
}
