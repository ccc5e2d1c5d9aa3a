/* SPDX-License-Identifier: MIT */
/*
 * libspace.so: loaded by spaces_host into namespaces of its own, each with a libc and a libprobe of its own. What it
 * calls, it calls inside of them.
 */
#include "probe.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))

static int runs;

/* Calls probe_mix `calls` times. */
API unsigned long space_run(unsigned long calls)
{
	unsigned long sum = 0, i;

	for (i = 0; i < calls; i++)
		sum += probe_mix(i);
	runs++;
	return sum;
}

/* How often space_run was called in this namespace. */
API int space_runs(void)
{
	return runs;
}

static int compare(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

/* The libc of this namespace: its heap, errno, environment, and functions that it chooses when it is loaded. */
API int space_libc(int x)
{
	int numbers[] = { 5, x, 3, 4 }, value;
	char *text = malloc(200);

	if (!text)
		return -1;
	memset(text, x & 0x7f, 199);
	text[199] = 0;
	snprintf(text, 200, "%d-%zu", x, strlen(text));
	setenv("SPACE_LIBC", text, 1);
	free(text);
	qsort(numbers, 4, sizeof(numbers[0]), compare);
	errno = 0;
	value = close(-1);
	return getenv("SPACE_LIBC") && value == -1 && errno == EBADF ? numbers[0] * 1000 + numbers[3] : -1;
}

static unsigned long use(void *handle, const char *name, unsigned long calls)
{
	unsigned long (*mix)(unsigned long) = (unsigned long (*)(unsigned long))dlsym(handle, name);
	unsigned long sum = 0, i;

	for (i = 0; mix && i < calls; i++)
		sum += mix(i);
	return sum;
}

/* Looks functions up and loads libraries inside. Calls probe_mix `calls` times through what dlsym says. 0 when anything
 * is not as it must be. */
API unsigned long space_look_up(const char *plugin, unsigned long calls)
{
	void *handle = dlopen(plugin, RTLD_NOW);
	unsigned long (*run)(unsigned long) =
		handle ? (unsigned long (*)(unsigned long))dlsym(handle, "plugin_run") : NULL;
	unsigned long sum;

	if (!run || dlsym(handle, "no_such_function") || !dlerror() || dlerror())
		return 0;
	sum = use(handle, "probe_mix", calls) + use(RTLD_DEFAULT, "probe_mix_odd", 10) + run(1);
	return dlclose(handle) == 0 ? sum : 0;
}

/* Calls probe_mix `calls` times through what dlsym says. */
API unsigned long space_by_name(unsigned long calls)
{
	void *handle = dlopen(LIVE_LIBDIR "/libprobe.so", RTLD_NOW | RTLD_NOLOAD);
	unsigned long sum = handle ? use(handle, "probe_mix", calls) : 0;

	return handle && dlclose(handle) == 0 ? sum : 0;
}

static int is_here(struct dl_phdr_info *info, size_t size, void *address)
{
	uintptr_t at = (uintptr_t)address;
	(void)size;

	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && at - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr <
								   info->dlpi_phdr[i].p_memsz)
			return 1;
	return 0;
}

/* dl_iterate_phdr shows its caller the namespace that this is in: unwinders rely on it. */
API int space_sees_itself(int x)
{
	return dl_iterate_phdr(is_here, &runs) == 1 ? x : -1;
}

static void *thread(void *calls)
{
	return (void *)space_run((unsigned long)calls);
}

/* space_run on a thread that this libc has made. */
API unsigned long space_thread(unsigned long calls)
{
	pthread_t id;
	void *sum = NULL;

	if (pthread_create(&id, NULL, thread, (void *)calls) != 0 || pthread_join(id, &sum) != 0)
		return 0;
	return (unsigned long)sum;
}

/* Forks inside: the child calls probe_mix `calls` times, and so does the parent meanwhile. */
API int space_fork(unsigned long calls)
{
	int status = -1;
	pid_t child = fork();

	space_run(calls);
	if (child == 0)
		_exit(7);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Ends the process from inside. */
API void space_end(const char *how)
{
	if (!strcmp(how, "exit"))
		exit(0);
	if (!strcmp(how, "_exit"))
		_exit(0);
	if (!strcmp(how, "quick_exit"))
		quick_exit(0);
	abort();
}
