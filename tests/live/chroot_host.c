/* SPDX-License-Identifier: MIT */
/*
 * chroot_host DIRECTORY: makes that its root, in which there is nothing at all; then calls, makes threads and children,
 * asks for libraries and programs that are not there any more, and ends. As a user without rights, if it can be.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static void *work(void *number)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < 1000; i++)
		sum += probe_mix((unsigned long)number + i);
	return (void *)sum;
}

static int child(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit((int)((unsigned long)work(NULL) & 63));
	expect(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	void *result = NULL;

	if (argc < 2 || chroot(argv[1]) || chdir("/")) {
		puts("cannot change the root");
		return 77;
	}
	printf("in: %lu, child %d\n", (unsigned long)work(NULL), child());
	if (setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
		printf("without rights: child %d\n", child());
	expect(pthread_create(&thread, NULL, work, (void *)3) == 0);
	expect(pthread_join(thread, &result) == 0);
	printf("thread: %lu\n", (unsigned long)result);
	printf("dlopen: %s\n", dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_NOW) ? "found" : dlerror());
	printf("exec: %d, system: %d\n", execl("/bin/true", "true", (char *)NULL), system("true"));
	return live_end("chroot");
}
