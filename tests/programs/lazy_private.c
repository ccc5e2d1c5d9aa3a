/* SPDX-License-Identifier: MIT */
/*
 * For ltrace.sh: calls of a private library, which calls back, calls itself through its own PLT, and calls libc. Then
 * children that end in different ways, each with a number of calls of its own.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lazy_private.h"

static int doubled(int x)
{
	return lazy_add(x, x);
}

static void child(int how)
{
	for (int i = 0; i <= how * 10; i++)
		lazy_apply(doubled, i);
	if (how == 1)
		_exit(1);
	if (how == 2)
		kill(getpid(), SIGKILL);
	if (how == 3)
		abort();
	exit(0);
}

int main(void)
{
	int sum = 0;

	for (int i = 0; i < 300; i++)
		sum += lazy_apply(doubled, i) + lazy_length("a name", i);
	for (int how = 0; how < 4; how++) {
		if (fork() == 0)
			child(how);
		wait(NULL);
	}
	printf("%d %d\n", sum, lazy_factorial(12));
	return 0;
}
