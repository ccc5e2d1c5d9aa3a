/* SPDX-License-Identifier: MIT */
/*
 * A program that takes resources away from itself goes on: no file may grow, no more descriptors, no more memory, no
 * more rights. Each in a child, which then makes threads, children and calls; what a signal would have ended shows.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static void set_limit(int resource, rlim_t most)
{
	struct rlimit limit = { most, most };

	if (setrlimit(resource, &limit))
		_exit(90);
}

static void no_files(void)
{
	set_limit(RLIMIT_FSIZE, 0);
}

static void no_descriptors(void)
{
	set_limit(RLIMIT_NOFILE, 0);
}

static void few_descriptors(void)
{
	set_limit(RLIMIT_NOFILE, 16);
	while (dup(1) >= 0)
		;
}

/* As much as there is, and room for a few small stacks. */
static void no_memory(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (statm && fscanf(statm, "%lu", &pages) == 1)
		set_limit(RLIMIT_AS, (rlim_t)pages * 4096 + (8 << 20));
	if (statm)
		fclose(statm);
}

static void no_rights(void)
{
	if (geteuid() != 0)
		return;
	if (chdir("/") || setgroups(0, NULL) || setgid(65534) || setuid(65534))
		_exit(91);
}

static void not_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void *work(void *number)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < 1000; i++)
		sum += probe_mix((unsigned long)number + i);
	return (void *)sum;
}

static unsigned long on_threads(void)
{
	unsigned long sum = 0, i;
	pthread_attr_t attributes;
	pthread_t threads[8];
	void *result;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (i = 0; i < 8; i++)
		if (pthread_create(&threads[i], &attributes, work, (void *)i))
			_exit(92);
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], &result);
		sum += (unsigned long)result;
	}
	return sum;
}

static int in_child(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		unsigned long sum = on_threads();
		void *handle = dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_LAZY);

		/* By exit: with all that is done at the end. */
		exit((int)((sum + (handle ? 1 : 0)) & 63));
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -errno;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void after(void (*limit)(void), const char *what)
{
	int status = 0, before;
	unsigned long sum;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		limit();
		sum = (unsigned long)work(NULL);
		sum += on_threads();
		before = in_child();
		errno = 0;
		printf("%s: %lu, child %d, open %d, errno %d\n", what, sum, before, open("/dev/null", O_RDONLY) >= 0,
		       errno);
		exit(0);
	}
	expect(waitpid(child, &status, 0) == child);
	printf("%s: signal %d, status %d\n", what, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

int main(void)
{
	set_limit(RLIMIT_CORE, 0);
	after(no_descriptors, "no descriptors");
	after(few_descriptors, "few descriptors");
	after(no_memory, "little memory");
	after(no_rights, "no rights");
	after(not_dumpable, "not dumpable");
	/* What it prints is written into a file. */
	fflush(stdout);
	after(no_files, "no files");
	return live_end("limits");
}
