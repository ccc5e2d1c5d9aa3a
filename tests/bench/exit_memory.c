/* SPDX-License-Identifier: MIT */
/*
 * exit_memory [VARIABLE=VALUE]... -- PROGRAM [ARG]...: runs PROGRAM with this environment and prints PRIVATE
 * DIRTY, in KiB: the memory that it alone had when it ended, and how much of that it had written to.
 *
 * It is run twice, and the first is held at its exit until the second has come to its own and been looked
 * at: so what files lend to every process of a program (code, the image) is shared, and what is left is
 * what one more process costs. Nothing has to be loaded into either. Called by bench.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "exit_memory: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void run(char **program, char **environment)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (null > 2)
		close(null);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execve(program[0], program, environment);
	_exit(127);
}

static int print_private(pid_t child)
{
	char path[64], line[256];
	unsigned long clean = 0, dirty = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)child);
	file = fopen(path, "r");
	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "Private_Clean: %lu", &clean);
		sscanf(line, "Private_Dirty: %lu", &dirty);
	}
	fclose(file);
	return printf("%lu %lu\n", clean + dirty, dirty) < 0;
}

/* Starts the program and lets it go until it is about to end. */
static pid_t start_held(char **program, char **environment)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		run(program, environment);
	if (child < 0)
		die("fork");
	if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
		die(program[0]);
	ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
	ptrace(PTRACE_CONT, child, NULL, 0);
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			return child;
		ptrace(PTRACE_CONT, child, NULL, WSTOPSIG(status));
	}
	die(program[0]);
	return -1;
}

static void let_go(pid_t child)
{
	ptrace(PTRACE_CONT, child, NULL, 0);
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	char **environment = argv + 1, **program = environment;
	pid_t first, second;
	int failed;

	while (*program && strcmp(*program, "--") != 0)
		program++;
	if (argc < 3 || !program[0] || !program[1]) {
		fprintf(stderr, "usage: exit_memory [VARIABLE=VALUE]... -- PROGRAM [ARG]...\n");
		return 2;
	}
	*program++ = NULL;
	first = start_held(program, environment);
	second = start_held(program, environment);
	failed = print_private(second);
	let_go(second);
	let_go(first);
	return failed;
}
