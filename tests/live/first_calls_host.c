/* SPDX-License-Identifier: MIT */
/*
 * A thread's first intercepted call, interrupted before a system call that is made for it by a handler that makes
 * calls itself, and may be interrupted likewise: they must not go on to interrupt each other without end. (A timer that is
 * quicker than what the first call needs does so on any machine that is slow enough.) The processor's trap flag makes
 * the signals.
 */
#define _GNU_SOURCE
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

LIVE_MAIN_STATE;

#define THREADS 8
#define NESTED_MOST 30

static int nested, deepest, wrong;
static unsigned long expected;

static void call_stepped(void)
{
	unsigned long got;

	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq" : : : "cc", "memory");
	got = probe_mix(7);
	__asm__ volatile("pushfq; andl $~0x100, (%%rsp); popfq" : : : "cc", "memory");
	wrong += got != expected;
}

static void come_in(int signo, siginfo_t *info, void *context)
{
	const unsigned char *at = (const unsigned char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	(void)signo;
	(void)info;

	if (at[0] != 0x0f || at[1] != 0x05 || nested < deepest || nested == NESTED_MOST)
		return;
	deepest = ++nested;
	call_stepped();
	nested--;
}

static void *run(void *unused)
{
	(void)unused;
	deepest = nested = 0;
	call_stepped();
	for (int i = 0; i < 1000; i++)
		wrong += probe_mix(7) != expected;
	return NULL;
}

int main(void)
{
	struct sigaction action;
	pthread_t thread;

	expected = probe_mix(7);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = come_in;
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	expect(sigaction(SIGTRAP, &action, NULL) == 0);
	for (int i = 0; i < THREADS; i++) {
		expect(pthread_create(&thread, NULL, run, NULL) == 0);
		expect(pthread_join(thread, NULL) == 0);
		expect(deepest < 10);
	}
	expect(wrong == 0);
	return live_end("first_calls");
}
