/* SPDX-License-Identifier: MIT */
/*
 * A program that defines functions under names that libc has, too, for all its libraries; among them those that we look
 * at ourselves (dlsym, dlopen, _exit, fork, execve). They get each call that they get without us, and no other.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static int lookups, loads, forks, executions, sorts;

static void *next(const char *name)
{
	/* dlsym is ours: the original by its version. */
	return dlvsym(RTLD_NEXT, name, "GLIBC_2.34");
}

void *dlsym(void *restrict handle, const char *restrict name)
{
	static void *(*original)(void *, const char *);

	if (!original)
		original = (void *(*)(void *, const char *))next("dlsym");
	lookups++;
	return original ? original(handle, name) : NULL;
}

void *dlopen(const char *path, int mode)
{
	void *(*original)(const char *, int) = (void *(*)(const char *, int))next("dlopen");

	loads++;
	return original ? original(path, mode) : NULL;
}

pid_t fork(void)
{
	pid_t (*original)(void) = (pid_t (*)(void))dlvsym(RTLD_NEXT, "fork", "GLIBC_2.2.5");

	forks++;
	return original ? original() : -1;
}

int execve(const char *path, char *const arguments[], char *const environment[])
{
	executions++;
	if (write(1, "execve\n", 7) != 7)
		return -1;
	return (int)syscall(SYS_execve, path, arguments, environment);
}

void _exit(int status)
{
	if (write(1, "_exit\n", 6) != 6)
		status = 99;
	for (;;)
		syscall(SYS_exit_group, status);
}

void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	(void)base, (void)count, (void)size, (void)compare;
	sorts++;
}

extern char **environ;

static int compare(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

int main(void)
{
	char *arguments[] = { "sh", "-c", "exit 3", NULL };
	void *handle = dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_NOW);
	unsigned long (*run)(unsigned long) = (unsigned long (*)(unsigned long))dlsym(handle, "plugin_run");
	int status = 0, numbers[] = { 3, 1, 2 };
	pid_t child;

	printf("plugin: %lu\n", run ? run(4) : 0);
	qsort(numbers, 3, sizeof(numbers[0]), compare);
	fflush(stdout);
	child = fork();
	if (child == 0)
		execve("/bin/sh", arguments, environ);
	expect(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
	child = fork();
	if (child == 0)
		_exit((int)(probe_mix(1) & 63));
	expect(waitpid(child, &status, 0) == child);
	printf("status %d, lookups %d, loads %d, forks %d, sorts %d, numbers %d\n", WEXITSTATUS(status), lookups, loads,
	       forks, sorts, numbers[0]);
	return live_end("own_functions");
}
