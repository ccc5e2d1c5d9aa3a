/* SPDX-License-Identifier: MIT */
/*
 * Threads that make children by the system call itself, past libc's handlers; parents and children go on calling at the
 * same time, often enough that all that a record has is made anew in both.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define THREADS 6
#define FORKS 25
#define CALLS 3000

static char *(*volatile find)(const char *, int) = strchr;
static size_t (*volatile length)(const char *) = strlen;

static unsigned long calls(unsigned long first)
{
	unsigned long sum = 0;

	for (unsigned long i = first; i < first + CALLS; i++) {
		sum += probe_mix(i) + probe_mix_odd(i) + length("some text");
		sum += (unsigned long)(find("text", 'x') != NULL);
		sum += (unsigned long)(labs((long)i) + atoi("17")) + (unsigned long)probe_errno(3, 4);
	}
	return sum;
}

static void *work(void *number)
{
	unsigned long wrong = 0, here;
	int status;

	for (unsigned long i = 0; i < FORKS; i++) {
		unsigned long first = (unsigned long)number * 1000 + i, wanted = calls(first);
		pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		if (child == 0)
			syscall(SYS_exit_group, calls(first) == wanted ? 7 : 1);
		here = calls(first);
		status = -1;
		wrong += here != wanted || child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
			 WEXITSTATUS(status) != 7;
	}
	return (void *)wrong;
}

int main(void)
{
	pthread_t threads[THREADS];
	unsigned long wrong = 0;
	void *result;

	for (unsigned long i = 0; i < THREADS; i++)
		expect(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	for (unsigned long i = 0; i < THREADS; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		wrong += (unsigned long)result;
	}
	printf("wrong: %lu\n", wrong);
	return live_end("raw_forks");
}
