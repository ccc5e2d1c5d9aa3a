/* SPDX-License-Identifier: MIT */
/*
 * A thread that is not the first one executes the program anew, while others are inside intercepted calls: they are
 * gone, and what comes after begins like any program. Ten times; at last the first thread leaves by pthread_exit, and
 * another one ends the process.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define THREADS 8
#define TURNS 10

static sem_t busy;
static char **arguments;
static volatile unsigned long sink;

static void *call_forever(void *argument)
{
	for (unsigned long i = (unsigned long)argument;; i++) {
		sink += probe_mix(i);
		if (i == (unsigned long)argument + 1000)
			sem_post(&busy);
	}
	return NULL;
}

static void *execute(void *turn)
{
	char number[24];

	for (int i = 0; i < THREADS; i++)
		while (sem_wait(&busy))
			;
	printf("turn %ld\n", (long)turn);
	fflush(stdout);
	snprintf(number, sizeof(number), "%ld", (long)turn + 1);
	execl(arguments[0], arguments[0], number, (char *)NULL);
	return NULL;
}

static void *end_alone(void *first)
{
	void *result = NULL;

	expect(pthread_join(*(pthread_t *)first, &result) == 0);
	printf("the first thread has left with %ld\n", (long)result);
	exit(live_end("exec_threads"));
}

int main(int argc, char **argv)
{
	long turn = argc > 1 ? atol(argv[1]) : 0;
	static pthread_t first;
	pthread_t thread;

	arguments = argv;
	first = pthread_self();
	expect(sem_init(&busy, 0, 0) == 0);
	if (turn == TURNS) {
		expect(pthread_create(&thread, NULL, end_alone, &first) == 0);
		pthread_exit((void *)(long)(probe_mix(1) & 0xff));
	}
	for (long i = 0; i < THREADS; i++)
		expect(pthread_create(&thread, NULL, call_forever, (void *)(i << 32)) == 0);
	expect(pthread_create(&thread, NULL, execute, (void *)turn) == 0);
	pthread_join(thread, NULL);
	return 1;
}
