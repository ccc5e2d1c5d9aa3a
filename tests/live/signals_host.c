/* SPDX-License-Identifier: MIT */
/*
 * A loop of intercepted calls under a 60 us timer whose handler calls the same functions: a signal on
 * any instruction of a stub must change no result. By setitimer, by timer_create with two timers that
 * interrupt each other, on an alternate stack, and in several threads.
 */
#define _GNU_SOURCE
#include "live.h"
#include "probe.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define CALLS 1000000ul /* the first argument, if there is one */
#define SIGNALS 2000    /* at least, while functions are called */
#define NESTED_MOST 100

static unsigned long call_count = CALLS;

static volatile sig_atomic_t handled, wrong_in_handler;
static volatile sig_atomic_t once; /* the timer is for one signal, after which the handler sets it again */
static volatile sig_atomic_t nested;
static unsigned long expected[8];

static long inside(void *closure)
{
	return (long)(probe_mix((unsigned long)closure) == expected[(unsigned long)closure]);
}

static const struct itimerval one = { { 0, 0 }, { 0, 60 } };

/* A signal a period would, on a machine where a handler takes longer than that, nest until the stack is full. So handlers
 * that may interrupt themselves ask for the next signal, and so many deep they do not. */
static void handler(int signo)
{
	unsigned long i = (unsigned long)handled % 8;
	struct timespec now;
	int saved = errno;

	if (once && ++nested < NESTED_MOST)
		setitimer(ITIMER_REAL, &one, NULL);
	handled++;
	if (probe_mix(i) != expected[i] || probe_call_deep(inside, (void *)i) != 3 ||
	    clock_gettime(CLOCK_MONOTONIC, &now) || getpid() < 1)
		wrong_in_handler = signo;
	if (once && nested-- == NESTED_MOST)
		setitimer(ITIMER_REAL, &one, NULL);
	errno = saved;
}

static void install(int signo, int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	expect(sigaction(signo, &action, NULL) == 0);
}

/* Both templates on both sides: mix has no frame of its own in the library, call has. */
static unsigned long loop(unsigned long calls)
{
	unsigned long i, sum = 0;

	for (i = 0; i < calls; i++) {
		sum += probe_mix(i);
		if (i % 16 == 0)
			sum += (unsigned long)probe_call(inside, (void *)(i % 8));
	}
	return sum;
}

static void run(const char *what)
{
	printf("%s: %lu\n", what, loop(call_count));
}

static void run_signalled(const char *what)
{
	run(what);
	while (handled < SIGNALS)
		loop(1000);
}

static void under_itimer(int flags, const char *what)
{
	struct itimerval timer = { { 0, 60 }, { 0, 60 } }, none = { { 0, 0 }, { 0, 0 } };

	install(SIGALRM, SA_RESTART | flags);
	handled = 0;
	once = (flags & SA_NODEFER) != 0;
	setitimer(ITIMER_REAL, once ? &one : &timer, NULL);
	run_signalled(what);
	once = 0;
	setitimer(ITIMER_REAL, &none, NULL);
}

static void under_two_timers(void)
{
	struct itimerspec period = { { 0, 60000 }, { 0, 60000 } };
	struct sigevent event;
	timer_t timers[2];
	int i;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	handled = 0;
	for (i = 0; i < 2; i++) {
		/* Each may interrupt the other's handler, which is then inside a stub. */
		install(SIGRTMIN + i, SA_RESTART);
		event.sigev_signo = SIGRTMIN + i;
		expect(timer_create(CLOCK_MONOTONIC, &event, &timers[i]) == 0);
		period.it_interval.tv_nsec = period.it_value.tv_nsec = 60000 + 7000 * i;
		expect(timer_settime(timers[i], 0, &period, NULL) == 0);
	}
	run_signalled("two timers");
	for (i = 0; i < 2; i++)
		timer_delete(timers[i]);
}

static void *loop_in_thread(void *calls)
{
	return (void *)loop((unsigned long)calls);
}

static void with_threads(void)
{
	struct itimerval timer = { { 0, 60 }, { 0, 60 } }, none = { { 0, 0 }, { 0, 0 } };
	pthread_t threads[4];
	void *result;
	int i;

	setitimer(ITIMER_REAL, &timer, NULL);
	for (i = 0; i < 4; i++)
		expect(pthread_create(&threads[i], NULL, loop_in_thread, (void *)(call_count / 4)) == 0);
	for (i = 0; i < 4; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		printf("thread: %lu\n", (unsigned long)result);
	}
	setitimer(ITIMER_REAL, &none, NULL);
}

int main(int argc, char **argv)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	unsigned long i;

	if (argc > 1)
		call_count = strtoul(argv[1], NULL, 10);
	for (i = 0; i < 8; i++)
		expected[i] = probe_mix(i);
	run("no signals");
	under_itimer(0, "setitimer");
	under_itimer(SA_NODEFER, "setitimer, nested");
	expect(sigaltstack(&stack, NULL) == 0);
	under_itimer(SA_ONSTACK, "alternate stack");
	under_two_timers();
	with_threads();
	expect(!wrong_in_handler);
	return live_end("signals");
}
