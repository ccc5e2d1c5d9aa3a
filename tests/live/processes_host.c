/* SPDX-License-Identifier: MIT */
/*
 * Children by fork, from the main thread and from others, by vfork and exec, posix_spawn, system,
 * popen and clone; each child calls intercepted functions and its status must come back right.
 */
#define _GNU_SOURCE
#include "live.h"
#include "probe.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

extern char **environ;

static int status_of(pid_t child)
{
	int status = -1;

	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int child_status(unsigned long number)
{
	unsigned long i, sum = 0;

	for (i = 0; i < 1000; i++)
		sum += probe_mix(number + i);
	return (int)(sum & 127);
}

static long fork_inside(void *number)
{
	pid_t child = fork();

	if (child == 0) {
		/* The child returns through the calls its parent made. */
		return -1;
	}
	return status_of(child) == child_status((unsigned long)number);
}

static long forks(unsigned long count)
{
	unsigned long i;
	long right = 0, r;

	for (i = 0; i < count; i++) {
		r = probe_call_deep(fork_inside, (void *)i);
		if (r == 1)
			_exit(child_status(i));
		right += r == 3;
	}
	return right;
}

static void *forks_in_thread(void *count)
{
	return (void *)forks((unsigned long)count);
}

static void from_threads(void)
{
	pthread_t threads[4];
	void *result;
	long right = 0;
	int i;

	for (i = 0; i < 4; i++)
		expect(pthread_create(&threads[i], NULL, forks_in_thread, (void *)25) == 0);
	for (i = 0; i < 4; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		right += (long)result;
	}
	printf("fork from threads: %ld\n", right);
}

static void vforks(void)
{
	/* In memory, for the child of vfork runs on the same stack. */
	volatile int i, right = 0;

	for (i = 0; i < 50; i++) {
		pid_t child = vfork();

		if (child == 0) {
			if (i % 2)
				execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
			_exit(9);
		}
		right += status_of(child) == 9;
	}
	printf("vfork: %d\n", right);
}

static void spawns(void)
{
	char *arguments[] = { "sh", "-c", "exit 11", NULL };
	int i, right = 0;
	pid_t child;

	for (i = 0; i < 25; i++) {
		expect(posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ) == 0);
		right += status_of(child) == 11;
		expect(posix_spawnp(&child, "sh", NULL, NULL, arguments, environ) == 0);
		right += status_of(child) == 11;
	}
	printf("posix_spawn: %d\n", right);
}

static void shells(void)
{
	char line[64] = "";
	FILE *stream;
	int status;

	status = system("exit 13");
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 13);
	stream = popen("echo hello; exit 5", "r");
	expect(stream && fgets(line, sizeof(line), stream));
	expect(!strcmp(line, "hello\n"));
	status = stream ? pclose(stream) : -1;
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	printf("system and popen: done\n");
}

static int cloned(void *number)
{
	return child_status((unsigned long)number);
}

static void clones(void)
{
	char *stack = malloc(256 * 1024);
	unsigned long i;
	int right = 0;

	for (i = 0; i < 20; i++) {
		pid_t child = clone(cloned, stack + 256 * 1024,
				    SIGCHLD | (i % 2 ? CLONE_VM | CLONE_VFORK : 0), (void *)i);

		right += status_of(child) == child_status(i);
	}
	free(stack);
	printf("clone: %d\n", right);
}

/* A chain of processes, each the child of the last; the innermost becomes another program. */
static int chain(int depth)
{
	pid_t child = fork();

	if (child == 0) {
		child_status(0);
		if (depth == 0) {
			execlp("sh", "sh", "-c", "exit 17", (char *)NULL);
			_exit(1);
		}
		_exit(chain(depth - 1));
	}
	return status_of(child);
}

int main(void)
{
	/* Children that leave by exit must not write what the parent had buffered. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("fork: %ld\n", forks(100));
	from_threads();
	vforks();
	spawns();
	shells();
	clones();
	printf("chain: %d\n", chain(5));
	return live_end("processes");
}
