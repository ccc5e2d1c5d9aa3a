/* SPDX-License-Identifier: MIT */
/*
 * longjmp and siglongjmp past intercepted functions: out of qsort's callback, out of nested callbacks
 * of a library, out of handlers of signals that came from inside an intercepted call or from a timer.
 * What the abandoned calls left behind must not disturb those that follow.
 */
#include "live.h"
#include "probe.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static jmp_buf out;
static sigjmp_buf signal_out;
static int countdown;
static volatile sig_atomic_t caught;

static int compare(const void *left, const void *right)
{
	if (--countdown == 0)
		longjmp(out, 5);
	return *(const int *)left - *(const int *)right;
}

static long qsort_round(int after)
{
	int numbers[] = { 9, 3, 7, 1, 8, 2, 6, 4 };
	int code;

	countdown = after;
	code = setjmp(out);
	if (code == 0)
		qsort(numbers, 8, sizeof(numbers[0]), compare);
	return code * 100 + (code ? 0 : numbers[0] * 10 + numbers[7]);
}

static long descend(void *closure)
{
	int depth = *(int *)closure;

	if (depth == 0)
		longjmp(out, 7);
	depth--;
	return probe_call(descend, &depth);
}

/* Abandons `depth` frames, then uses as many in order again. */
static long nested_round(int depth)
{
	volatile int code = setjmp(out);

	if (code == 0)
		probe_call(descend, &depth);
	return code;
}

static long ascend(void *closure)
{
	int depth = *(int *)closure;

	if (depth == 0)
		return 0;
	depth--;
	return probe_call(ascend, &depth);
}

static void handler(int signo)
{
	caught = signo;
	siglongjmp(signal_out, signo);
}

static void from_raise(void)
{
	volatile int i, right = 0;

	signal(SIGUSR1, handler);
	for (i = 0; i < 20000; i++) {
		if (sigsetjmp(signal_out, 1) == 0) {
			probe_raise(SIGUSR1);
			expect(!"raise returned");
		} else {
			right += caught == SIGUSR1;
		}
	}
	printf("out of raise: %d\n", right);
}

static void from_fault(void)
{
	volatile int i, right = 0;

	signal(SIGSEGV, handler);
	for (i = 0; i < 2000; i++) {
		/* strlen faults inside libc, under a stub. The length keeps the compiler from knowing. */
		const char *volatile nowhere = (const char *)8;

		if (sigsetjmp(signal_out, 1) == 0)
			expect(strlen(nowhere) == 0);
		else
			right += caught == SIGSEGV;
	}
	signal(SIGSEGV, SIG_DFL);
	printf("out of a fault in strlen: %d\n", right);
}

/* The timer's handler leaves whatever intercepted call, stub or handler it came in. */
static void from_timer(void)
{
	struct itimerval timer = { { 0, 200 }, { 0, 200 } }, none = { { 0, 0 }, { 0, 0 } };
	volatile int rounds = 0;
	volatile unsigned long i, wrong = 0;

	signal(SIGALRM, handler);
	sigsetjmp(signal_out, 1);
	if (++rounds == 1)
		setitimer(ITIMER_REAL, &timer, NULL);
	if (rounds <= 2000) {
		for (i = 0;; i++)
			wrong += probe_mix(i) != (probe_mix_odd(i) ^ 1);
	}
	setitimer(ITIMER_REAL, &none, NULL);
	signal(SIGALRM, SIG_IGN);
	printf("out of a timer: wrong results: %lu\n", wrong);
}

int main(void)
{
	long sum = 0;
	int i, depth;

	for (i = 0; i < 100000; i++)
		sum = sum * 7 + qsort_round(i % 24 + 1);
	printf("out of qsort: %ld\n", sum);
	for (sum = i = 0; i < 2000; i++) {
		depth = i % 50;
		sum += nested_round(depth) + probe_call(ascend, &depth);
	}
	printf("out of nested callbacks: %ld\n", sum);
	from_raise();
	from_fault();
	from_timer();
	for (sum = i = 0; i < 1000; i++) {
		depth = i;
		sum += probe_call(ascend, &depth);
	}
	printf("afterwards: %ld\n", sum);
	return live_end("jumps");
}
