/* SPDX-License-Identifier: MIT */
/*
 * A signal handler comes in after each single instruction of an intercepted call, the first one in a child of fork, and
 * makes intercepted calls itself ("calls"), or forks, and both go on with what was interrupted ("forks"). Or it makes calls
 * that it leaves by longjmp, before it returns to a call that is not the first ("abandons"). What follows is as if it had
 * not come.
 *
 * One child for each instruction, or each Nth ("calls N"): the trap flag is set before the call, and what counts happens at
 * trap number n.
 */
#include "live.h"
#include "probe.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define TRAP_FLAG 0x100
#define NOT_REACHED 7 /* exit status: the call was over before */

LIVE_MAIN_STATE;

static bool forks, abandons;
static jmp_buf back;
static volatile long traps, wanted;
static volatile bool came, child_of_handler;

static long away(void *again)
{
	if (again)
		probe_call(away, NULL);
	longjmp(back, 1);
}

/* 100 calls that are active at once. */
static long nest(void *closure)
{
	long *depth = closure, below = *depth - 1;

	return (below ? probe_call(nest, &below) : 0) + 1;
}

static void on_trap(int signo, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	int status = 0;
	pid_t child;

	(void)signo;
	(void)info;
	if (++traps < wanted)
		return;
	interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	came = true;
	for (unsigned long i = 0; i < 3; i++)
		if (probe_mix(probe_mix_odd(i)) != probe_mix(probe_mix(i) ^ 1))
			_exit(8);
	if (abandons && !setjmp(back))
		probe_call(away, &back);
	if (!forks)
		return;
	child = fork();
	child_of_handler = child == 0;
	if (child > 0 && (waitpid(child, &status, 0) != child || status))
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status));
}

/* Never returns. */
static void be_interrupted(void)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	long depth = 100;
	unsigned long x;

	if (abandons)
		probe_mix(1);
	sigaction(SIGTRAP, &action, NULL);
	__asm__ volatile("sub $128, %%rsp\n\t"
			 "pushfq\n\t"
			 "orq %0, (%%rsp)\n\t"
			 "popfq\n\t"
			 "add $128, %%rsp"
			 :
			 : "i"(TRAP_FLAG)
			 : "memory", "cc");
	x = probe_mix(wanted);
	__asm__ volatile("sub $128, %%rsp\n\t"
			 "pushfq\n\t"
			 "andq %0, (%%rsp)\n\t"
			 "popfq\n\t"
			 "add $128, %%rsp"
			 :
			 : "i"(~TRAP_FLAG)
			 : "memory", "cc");
	signal(SIGTRAP, SIG_DFL);
	if (!came)
		_exit(NOT_REACHED);
	for (unsigned long i = 0; i < 40; i++)
		if (probe_mix_odd(i) != (probe_mix(i) ^ 1))
			_exit(9);
	for (int i = 0; i < 2; i++)
		if (probe_call(nest, &depth) != 200)
			_exit(11);
	_exit(x == (probe_mix_odd(wanted) ^ 1) ? 0 : 10);
}

static bool interrupt_at(long n)
{
	int status = 0;
	pid_t child;

	wanted = n;
	child = fork();
	if (child == 0)
		be_interrupted();
	expect(child > 0 && waitpid(child, &status, 0) == child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_REACHED)
		return false;
	if (status) {
		printf("interrupted at %ld: ended by %d, %d\n", n, WTERMSIG(status), WEXITSTATUS(status));
		live_failures++;
	}
	return true;
}

int main(int argc, char **argv)
{
	long n = 1, step = argc > 2 ? atol(argv[2]) : 1;

	forks = argc > 1 && strcmp(argv[1], "forks") == 0;
	abandons = argc > 1 && strcmp(argv[1], "abandons") == 0;
	expect(probe_mix(1) == (probe_mix_odd(1) ^ 1));
	while (interrupt_at(n) && live_failures < 20)
		n += step;
	return live_end("stepped");
}
