/* SPDX-License-Identifier: MIT */
/*
 * Prints a line and starts itself, by the function that the argument names, with an empty environment; the child
 * prints what it found there that is the user's business. Functions that take no environment get an empty environ.
 * All this in a thread with the smallest stack there is: who stands in for exec must not need more.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int child(void)
{
	int seen = 0;

	for (char **entry = environ; *entry; entry++)
		seen += strncmp(*entry, "STUBCACHE", 9) != 0 && strncmp(*entry, "LD_PRELOAD=", 11) != 0;
	puts(seen ? "child: has an environment" : "child: has none");
	return 0;
}

static void start(const char *way, char *self)
{
	char *argv[] = { self, NULL }, *none[] = { NULL };
	pid_t pid;

	if (strcmp(way, "posix_spawn") == 0 || strcmp(way, "posix_spawnp") == 0) {
		int r = way[11] ? posix_spawnp(&pid, self, NULL, NULL, argv, none) :
				  posix_spawn(&pid, self, NULL, NULL, argv, none);
		int status;

		if (r == 0)
			waitpid(pid, &status, 0);
		_exit(r ? 1 : WEXITSTATUS(status));
	}
	if (strcmp(way, "execve") == 0)
		execve(self, argv, none);
	else if (strcmp(way, "execvpe") == 0)
		execvpe(self, argv, none);
	else if (strcmp(way, "execle") == 0)
		execle(self, self, (char *)NULL, none);
	else if (strcmp(way, "fexecve") == 0)
		fexecve(open(self, O_RDONLY | O_CLOEXEC), argv, none);
	else if (strcmp(way, "execveat") == 0)
		execveat(AT_FDCWD, self, argv, none, 0);
	clearenv();
	environ = none;
	if (strcmp(way, "execv") == 0)
		execv(self, argv);
	else if (strcmp(way, "execvp") == 0)
		execvp(self, argv);
	else if (strcmp(way, "execl") == 0)
		execl(self, self, (char *)NULL);
	else if (strcmp(way, "execlp") == 0)
		execlp(self, self, (char *)NULL);
	perror(way);
	_exit(1);
}

static char **arguments;

static void *run(void *status)
{
	pid_t pid = fork();

	if (pid == 0)
		start(arguments[1], arguments[0]);
	waitpid(pid, status, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int status = 1;

	if (argc < 2)
		return child();
	puts(argv[1]);
	fflush(stdout);
	arguments = argv;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	if (pthread_create(&thread, &attributes, run, &status) != 0)
		return 1;
	pthread_join(thread, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
