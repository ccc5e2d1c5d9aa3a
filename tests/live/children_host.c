/* SPDX-License-Identifier: MIT */
/*
 * What a child does that shares its parent's memory, or has just been copied from it, before the parent has made any
 * call that is looked at. "vfork": the child starts true, then the parent calls probe_mix 1,000 times. "load": a child
 * of fork loads a library.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static int start_and_call(void)
{
	static char *argv[] = { "true", NULL };
	static unsigned long sum; /* vfork returns twice */
	pid_t child = vfork();

	if (child == 0) {
		execv("/bin/true", argv);
		_exit(1);
	}
	for (unsigned long i = 0; i < 1000; i++)
		sum += probe_mix(i);
	return waitpid(child, NULL, 0) == child && sum ? 0 : 1;
}

static int load_in_child(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0)
		_exit(dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_NOW) ? 0 : 1);
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "load") == 0 ? load_in_child() : start_and_call();
}
