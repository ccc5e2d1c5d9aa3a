/* SPDX-License-Identifier: MIT */
/*
 * inject_host WHAT...: makes calls in which inject.sh injects faults, and prints what came of them. What is printed
 * never depends on the clock or on how threads are scheduled.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

#define CALLS_MOST 1000
#define THREADS_MOST 8

static unsigned calls;
static volatile sig_atomic_t handled;

/* A call that fails with EBADF by itself: '.' then, 'E' with ENOENT, else '?'. */
static char one_call(void)
{
	int result;

	errno = 0;
	result = fchdir(-1);
	if (result != -1)
		return '?';
	return errno == EBADF ? '.' : errno == ENOENT ? 'E' : '?';
}

static void pattern(char *out)
{
	for (unsigned i = 0; i < calls; i++)
		out[i] = one_call();
	out[calls] = 0;
}

static void show_pattern(void)
{
	char text[CALLS_MOST + 1];

	pattern(text);
	puts(text);
}

static char patterns[THREADS_MOST][CALLS_MOST + 1];
static pthread_barrier_t begun, all;

/* Threads make their first calls one after the other, and the others at the same time. */
static void *thread_main(void *text)
{
	char *out = text;

	out[0] = one_call();
	pthread_barrier_wait(&begun);
	pthread_barrier_wait(&all);
	for (unsigned i = 1; i < calls; i++)
		out[i] = one_call();
	return NULL;
}

static void show_threads(unsigned count)
{
	pthread_t threads[THREADS_MOST];

	pthread_barrier_init(&begun, NULL, 2);
	pthread_barrier_init(&all, NULL, count + 1);
	for (unsigned i = 0; i < count; i++) {
		if (pthread_create(&threads[i], NULL, thread_main, patterns[i]))
			exit(2);
		pthread_barrier_wait(&begun);
	}
	pthread_barrier_wait(&all);
	for (unsigned i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		puts(patterns[i]);
	}
}

static void show_fork(void)
{
	pid_t child;

	show_pattern();
	fflush(stdout);
	child = fork();
	show_pattern();
	if (child == 0)
		exit(0);
	waitpid(child, NULL, 0);
}

static void on_signal(int signo)
{
	(void)signo;
	handled++;
}

static void show_signals(void)
{
	char text[CALLS_MOST + 1];

	signal(SIGUSR1, on_signal);
	pattern(text);
	printf("%s %d\n", text, (int)handled);
}

static sigjmp_buf back;

static void on_signal_jump(int signo)
{
	(void)signo;
	siglongjmp(back, 1);
}

/* Calls that are left from within: volatile, since setjmp comes back. */
static void show_jumps(void)
{
	volatile unsigned jumped = 0, i;

	signal(SIGUSR1, on_signal_jump);
	for (i = 0; i < calls; i++) {
		if (sigsetjmp(back, 1))
			jumped++;
		else
			fchdir(-1);
	}
	printf("jumped %u of %u\n", jumped, calls);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Whether a call lasts for 50 ms at least, with a timer that goes off every millisecond. */
static void show_delay(void)
{
	struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
	double start;

	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &timer, NULL);
	start = now();
	fchdir(-1);
	printf("%s\n", now() - start >= 0.05 ? "late" : "at once");
}

static long call_back(void *called)
{
	*(int *)called = 1;
	return 5;
}

static void show_results(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	char byte = 0;
	int called = 0, result;
	void *memory;
	FILE *file;

	errno = 0;
	memory = malloc(10);
	printf("malloc %s %d\n", memory ? "yes" : "NULL", memory ? 0 : errno);
	errno = 0;
	file = fopen("/dev/null", "r");
	printf("fopen %s %d\n", file ? "yes" : "NULL", file ? 0 : errno);
	errno = 0;
	result = pthread_mutex_lock(&mutex);
	printf("pthread_mutex_lock %d %d\n", result, errno);
	errno = 0;
	result = (int)write(1, &byte, 0);
	printf("write %d %d\n", result, errno);
	errno = 0;
	result = (int)probe_call(call_back, &called);
	printf("probe_call %d %d %s\n", result, errno, called ? "called" : "not called");
	if (file)
		fclose(file);
	free(memory);
}

static void show_callers(void)
{
	printf("raise %d %d\n", raise(0), probe_raise(0));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	calls = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
	if (calls > CALLS_MOST)
		return 2;
	if (!strcmp(what, "pattern"))
		show_pattern();
	else if (!strcmp(what, "threads"))
		show_threads(THREADS_MOST);
	else if (!strcmp(what, "fork"))
		show_fork();
	else if (!strcmp(what, "signals"))
		show_signals();
	else if (!strcmp(what, "jumps"))
		show_jumps();
	else if (!strcmp(what, "delay"))
		show_delay();
	else if (!strcmp(what, "results"))
		show_results();
	else if (!strcmp(what, "callers"))
		show_callers();
	else
		return 2;
	return 0;
}
