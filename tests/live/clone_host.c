/* SPDX-License-Identifier: MIT */
/*
 * Processes that libc does not know of: by the system calls fork, clone and clone3, and by clone() with shared memory
 * while the parent waits. Each child calls 1,000 times, each parent 10 times, for counts.sh to find.
 */
#include "live.h"
#include "probe.h"

#include <sched.h>
#include <signal.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define STACK (64 * 1024)

static int calls(unsigned long count)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < count; i++)
		sum += probe_mix(i);
	return (int)(sum & 63);
}

static void finish(const char *what, pid_t child)
{
	int status = -1;

	expect(child > 0);
	if (child > 0)
		expect(waitpid(child, &status, __WALL) == child);
	printf("%s: %d %d\n", what, WIFEXITED(status) ? WEXITSTATUS(status) : -1, calls(10));
	fflush(stdout);
}

static int child_of_clone(void *argument)
{
	(void)argument;
	return calls(1000);
}

int main(void)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD };
	char *stack = malloc(STACK);
	pid_t child;

	calls(10);
	child = (pid_t)syscall(SYS_fork);
	if (child == 0)
		_exit(calls(1000));
	finish("fork", child);
	child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(calls(1000));
	finish("clone", child);
	child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (child == 0)
		_exit(calls(1000));
	finish("clone3", child);
	child = clone(child_of_clone, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	finish("clone, in this memory", child);
	child = clone(child_of_clone, stack + STACK, CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	finish("clone, in this memory, beside the parent", child);
	child = clone(child_of_clone, stack + STACK, CLONE_FILES | CLONE_FS, NULL);
	finish("clone, without a signal", child);
	free(stack);
	return live_end("clone");
}
