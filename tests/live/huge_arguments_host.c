/* SPDX-License-Identifier: MIT */
/*
 * Starts itself with as many arguments and as large an environment as the system takes, by exec, vfork and exec,
 * posix_spawn and by exec from a thread with a small stack; the child says what it got.
 */
#include "live.h"
#include "probe.h"

#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

extern char **environ;

#define ARGUMENTS 60000
#define VARIABLES 1500
#define LONGEST 120000

static char **arguments, **variables;

static unsigned long sum_of(char **strings, size_t count)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < count; i++)
		sum = probe_mix(sum + strlen(strings[i]) + (unsigned char)strings[i][0]);
	return sum;
}

static int child(int argc, char **argv)
{
	size_t found = 0;

	for (char **entry = environ; *entry; entry++)
		found += strncmp(*entry, "HUGE_", 5) == 0;
	printf("%d arguments, %lu, %zu variables, longest %zu\n", argc, sum_of(argv + 1, (size_t)argc - 1), found,
	       strlen(argv[argc - 1]));
	return 0;
}

/* Ours and the test's are kept. */
static void prepare(char *self)
{
	size_t count = 0, i;

	while (environ[count])
		count++;
	arguments = calloc(ARGUMENTS + 1, sizeof(*arguments));
	variables = calloc(count + VARIABLES + 1, sizeof(*variables));
	arguments[0] = self;
	for (i = 1; i < ARGUMENTS - 1; i++)
		expect(asprintf(&arguments[i], "argument %zu", i) > 0);
	arguments[ARGUMENTS - 1] = malloc(LONGEST + 1);
	memset(arguments[ARGUMENTS - 1], 'x', LONGEST);
	arguments[ARGUMENTS - 1][LONGEST] = '\0';
	memcpy(variables, environ, count * sizeof(*variables));
	for (i = 0; i < VARIABLES; i++)
		expect(asprintf(&variables[count + i], "HUGE_%zu=%zu", i, i * i) > 0);
}

static void wait_for(pid_t pid)
{
	int status = -1;

	expect(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void *from_a_thread(void *argument)
{
	pid_t pid = fork();

	if (pid == 0) {
		execvpe(arguments[0], arguments, variables);
		_exit(1);
	}
	wait_for(pid);
	return argument;
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	pthread_t thread;
	pid_t pid;

	if (argc > 1)
		return child(argc, argv);
	prepare(argv[0]);
	fflush(stdout);
	pid = vfork();
	if (pid == 0) {
		execve(argv[0], arguments, variables);
		_exit(1);
	}
	wait_for(pid);
	expect(posix_spawn(&pid, argv[0], NULL, NULL, arguments, variables) == 0);
	wait_for(pid);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	expect(pthread_create(&thread, &attributes, from_a_thread, NULL) == 0);
	expect(pthread_join(thread, NULL) == 0);
	pthread_attr_destroy(&attributes);
	return live_end("huge_arguments");
}
