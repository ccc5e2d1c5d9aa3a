/* SPDX-License-Identifier: MIT */
/*
 * Handlers of pthread_atfork, which call intercepted functions, run in their order, also when it is a library that is
 * loaded, a signal handler or another thread that forks; and a child forks again.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static char order[64];

static void note(char what)
{
	size_t length = strlen(order);

	if (length + 1 < sizeof(order) && probe_mix((unsigned char)what))
		order[length] = what;
}

#define HANDLERS(n)                      \
	static void prepare_##n(void)    \
	{                                \
		note('p');               \
		note(#n[0]);             \
	}                                \
	static void in_parent_##n(void)  \
	{                                \
		note('P');               \
		note(#n[0]);             \
	}                                \
	static void in_child_##n(void)   \
	{                                \
		note('C');               \
		note(#n[0]);             \
	}

HANDLERS(1)
HANDLERS(2)

static long fork_here(void *depth)
{
	int status = 0;
	pid_t child;

	memset(order, 0, sizeof(order));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		printf("child: %s\n", order);
		if (depth)
			fork_here((char *)depth - 1);
		fflush(stdout);
		_exit((int)(probe_mix(3) & 63));
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	printf("parent: %s\n", order);
	return WEXITSTATUS(status);
}

static void on_signal(int signo)
{
	printf("in a handler: %ld\n", probe_call(fork_here, (void *)(long)(signo == SIGUSR2)));
}

static void *on_thread(void *argument)
{
	printf("on a thread: %ld\n", probe_call_deep(fork_here, argument));
	return NULL;
}

int main(void)
{
	pthread_t thread;

	expect(pthread_atfork(prepare_1, in_parent_1, in_child_1) == 0);
	expect(pthread_atfork(prepare_2, in_parent_2, in_child_2) == 0);
	printf("directly: %ld\n", probe_call(fork_here, (void *)2));
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	probe_raise(SIGUSR1);
	probe_raise(SIGUSR2);
	expect(pthread_create(&thread, NULL, on_thread, (void *)1) == 0);
	expect(pthread_join(thread, NULL) == 0);
	return live_end("fork_handlers");
}
