/* SPDX-License-Identifier: MIT */
/*
 * Faults of the host's own making, caught by handlers on an alternate stack: an access inside an intercepted call that
 * the handler makes good and lets be tried again, one that it jumps away from, and stacks that overflow in intercepted
 * calls, on the main thread and on others.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define ROUNDS 30
#define STACK (256 * 1024)

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

static __thread sigjmp_buf out;
static __thread volatile int repairing;
static char *page; /* without any access, until the handler gives it some */
static volatile int repaired;
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	/* Not from the page that is to be repaired: away, and never back. */
	if (!repairing || (char *)info->si_addr < page || (char *)info->si_addr >= page + 4096)
		siglongjmp(out, 1 + (int)(probe_mix(5) & 1));
	repaired++;
	if (mprotect(page, 4096, PROT_READ | PROT_WRITE))
		_exit(9);
}

static void *alternate_stack(void)
{
	stack_t stack = { .ss_size = 65536 + getauxval(AT_MINSIGSTKSZ) };

	stack.ss_sp = malloc(stack.ss_size);
	expect(stack.ss_sp && sigaltstack(&stack, NULL) == 0);
	return stack.ss_sp;
}

static long touch(void *closure)
{
	copy(page, closure, 100);
	return page[7];
}

static void repairs(void)
{
	static char text[100] = "some text";
	long sum = 0;
	int i;

	repairing = 1;
	for (i = 0; i < ROUNDS; i++) {
		expect(mprotect(page, 4096, PROT_NONE) == 0);
		sum += probe_call_deep(touch, text);
	}
	repairing = 0;
	printf("repaired: %d, sum %ld\n", repaired, sum);
}

static long touch_nothing(void *closure)
{
	copy(closure, "text", 4);
	return 0;
}

static void jumps(void)
{
	volatile int i, back = 0;

	for (i = 0; i < ROUNDS; i++) {
		if (sigsetjmp(out, 1) == 0)
			probe_call_deep(touch_nothing, (void *)16);
		else
			back++;
	}
	printf("jumped away from: %d\n", back);
}

/* Without end: the compiler must not see that, nor make a loop of it. */
static long descend(void *closure)
{
	volatile char large[300];
	long below;

	memset((void *)large, 1, sizeof(large));
	below = probe_call_deep(descend, closure);
	return below + large[below & 255];
}

static void *overflow(void *rounds)
{
	void *stack = alternate_stack();
	stack_t none = { .ss_flags = SS_DISABLE };
	volatile long i, back = 0;

	for (i = 0; i < (long)rounds; i++) {
		if (sigsetjmp(out, 1) == 0)
			probe_call(descend, NULL);
		else
			back++;
		expect(probe_mix(1) == probe_mix(1));
	}
	expect(sigaltstack(&none, NULL) == 0);
	free(stack);
	return (void *)back;
}

static void overflows_on_threads(void)
{
	pthread_t threads[4];
	pthread_attr_t attributes;
	long sum = 0;
	void *back;
	int i;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	for (i = 0; i < 4; i++)
		expect(pthread_create(&threads[i], &attributes, overflow, (void *)ROUNDS) == 0);
	for (i = 0; i < 4; i++) {
		expect(pthread_join(threads[i], &back) == 0);
		sum += (long)back;
	}
	pthread_attr_destroy(&attributes);
	printf("overflows on threads: %ld\n", sum);
}

int main(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	struct sigaction action;
	void *stack = alternate_stack();

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_fault;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	expect(sigaction(SIGSEGV, &action, NULL) == 0);
	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect(page != MAP_FAILED);
	repairs();
	jumps();
	overflows_on_threads();
	free(stack);
	expect(setrlimit(RLIMIT_STACK, &limit) == 0);
	printf("overflows on the main thread: %ld\n", (long)overflow((void *)ROUNDS));
	return live_end("faults");
}
