/* SPDX-License-Identifier: MIT */
/*
 * drop_rights_host WAY [DIRECTORY]: gives up its rights in that way, as servers do in their workers, and calls on for long
 * after that. Exits with 77 where it has none.
 */
#include "live.h"
#include "probe.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define USER 65534

static int drop(const char *way, const char *directory)
{
	if (strcmp(way, "setuid") == 0)
		return setuid(USER);
	if (strcmp(way, "seteuid") == 0)
		return seteuid(USER);
	if (strcmp(way, "setreuid") == 0)
		return setreuid(USER, USER);
	if (strcmp(way, "setresuid") == 0)
		return setresuid(USER, USER, USER);
	return chroot(directory);
}

static int work(const char *way, const char *directory)
{
	unsigned long sum = 0;

	if (drop(way, directory))
		return 77;
	for (unsigned long i = 0; i < 5000; i++)
		sum += probe_mix(i);
	printf("%s: %lu\n", way, sum);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (pid == 0)
		_exit(work(argv[1], argv[2]));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status) ? WEXITSTATUS(status) : work(argv[1], argv[2]);
}
