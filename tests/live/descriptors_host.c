/* SPDX-License-Identifier: MIT */
/*
 * The numbers of the descriptors that a program opens are its own: the lowest free one each time, in main, in
 * a thread, after fork, after closing everything there is, stdio included. What it finds at a number
 * that it did not open is nothing.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static int count_open(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static int lowest(void)
{
	int fd = open("/dev/null", O_RDONLY);

	probe_mix(1);
	close(fd);
	return fd;
}

static void *in_thread(void *argument)
{
	(void)argument;
	return (void *)(long)(lowest() * 100 + count_open());
}

static void close_all_but(int keep)
{
	int fd;

	for (fd = 0; fd < 1024; fd++)
		if (fd != keep)
			close(fd);
}

int main(void)
{
	char line[200];
	pthread_t thread;
	void *result, *plugin;
	int first, spare, after_dlopen, child_lowest, status, stdio[3], i;
	pid_t child;

	printf("open at start: %d, lowest %d\n", count_open(), lowest());
	plugin = dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_NOW);
	expect(plugin);
	after_dlopen = lowest();
	expect(plugin && dlclose(plugin) == 0);
	expect(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	expect(pthread_join(thread, &result) == 0);
	printf("after dlopen: %d, in a thread: %ld\n", after_dlopen, (long)result);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		child_lowest = lowest();
		probe_mix(2);
		_exit(child_lowest * 16 + count_open());
	}
	expect(waitpid(child, &status, 0) == child);
	printf("in a child: %d\n", WEXITSTATUS(status));
	fflush(stdout);
	/* From here on descriptors 0 to 2 are free, as in a daemon. */
	spare = fcntl(1, F_DUPFD, 500);
	close_all_but(spare);
	first = count_open();
	for (i = 0; i < 3; i++)
		stdio[i] = open("/dev/null", O_RDWR);
	expect(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	expect(pthread_join(thread, &result) == 0);
	for (i = 0; i < 5000; i++)
		probe_mix((unsigned long)i);
	snprintf(line, sizeof(line), "left open: %d, reopened as %d %d %d, in a thread: %ld\n", first, stdio[0],
		 stdio[1], stdio[2], (long)result);
	expect(write(spare, line, strlen(line)) == (ssize_t)strlen(line));
	return live_failures != 0;
}
