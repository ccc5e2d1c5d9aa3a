/* SPDX-License-Identifier: MIT */
/*
 * What allocators.sh links with one allocator after the other: blocks of all sizes and alignments, on threads that hand
 * them to each other, in children; no byte of one may be lost.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 512
#define ROUNDS 40
#define THREADS 6

static unsigned char *blocks[THREADS][BLOCKS];
static size_t sizes[THREADS][BLOCKS];
static unsigned long wrong;

static unsigned char mark(size_t thread, size_t i)
{
	return (unsigned char)(thread * 37 + i);
}

static void make(size_t thread, size_t i, size_t round)
{
	size_t size = (i * i * 7 + round * 131) % (i % 50 ? 3000 : 300000) + 1;
	void *aligned = NULL;

	switch (i % 5) {
	case 0:
		blocks[thread][i] = malloc(size);
		break;
	case 1:
		blocks[thread][i] = calloc(size, 1);
		break;
	case 2:
		if (posix_memalign(&aligned, 64 << i % 7, size) == 0)
			blocks[thread][i] = aligned;
		break;
	case 3:
		blocks[thread][i] = realloc(malloc(size / 2 + 1), size);
		break;
	default:
		blocks[thread][i] = memalign(256, size);
	}
	sizes[thread][i] = size;
	if (!blocks[thread][i] || malloc_usable_size(blocks[thread][i]) < size)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	else
		memset(blocks[thread][i], mark(thread, i), size);
}

/* Another thread's. */
static void drop(size_t thread, size_t i)
{
	for (size_t at = 0; blocks[thread][i] && at < sizes[thread][i]; at++)
		if (blocks[thread][i][at] != mark(thread, i))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	free(blocks[thread][i]);
	blocks[thread][i] = NULL;
}

static pthread_barrier_t turn;

static void *work(void *argument)
{
	size_t thread = (size_t)argument;

	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < BLOCKS; i++)
			make(thread, i, round);
		pthread_barrier_wait(&turn);
		for (size_t i = 0; i < BLOCKS; i++)
			drop((thread + round) % THREADS, i);
		pthread_barrier_wait(&turn);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	int status = -1;
	pid_t child;

	pthread_barrier_init(&turn, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 1;
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	child = fork();
	if (child == 0) {
		for (size_t i = 0; i < BLOCKS; i++)
			make(0, i, 1);
		for (size_t i = 0; i < BLOCKS; i++)
			drop(0, i);
		_exit(wrong != 0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		wrong++;
	printf("wrong: %lu\n", wrong);
	return wrong != 0;
}
