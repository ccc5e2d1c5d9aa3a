/* SPDX-License-Identifier: MIT */
/*
 * The program that must not be harmed, in as few calls as show that. Prints the same always and exits with 7.
 *
 *	small_host			prints
 *	small_host load			also loads a library and looks a function up: something is generated or
 *					resurrected then, too
 *	small_host reuse FILE		first opens FILE as descriptor 2, whatever that was
 *	small_host close		first closes all descriptors but the first three, if its system can
 *	small_host chroot DIRECTORY	first goes there for good
 *	small_host directory DIRECTORY	first goes there
 *	small_host user NUMBER		first becomes another user
 *	small_host daemon		starts a child that lives until its standard input ends, and goes
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WRONG 1
#define RIGHT 7

static int load(void)
{
	void *library = dlopen("libm.so.6", RTLD_NOW);
	double (*root)(double) = library ? (double (*)(double))dlsym(library, "sqrt") : NULL;

	/* Behind a chroot there is no library; loading it must fail as it would. */
	return !root || root(49) == 7;
}

static int reuse(const char *path)
{
	int fd;

	close(2);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (fd != 2 && dup2(fd, 2) != 2)
		return 0;
	return write(2, "mine\n", 5) == 5;
}

static int become(const char *number)
{
	return setgroups(0, NULL) == 0 && setuid((uid_t)atoi(number)) == 0;
}

/* Whoever waits for the end of our output waits only until the child has closed it. */
static int leave_daemon(void)
{
	pid_t child = fork();
	char byte;

	if (child != 0)
		return child > 0;
	for (int fd = 1; fd < 3; fd++)
		close(fd);
	while (read(0, &byte, 1) > 0)
		;
	_exit(0);
}

static int prepare(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "reuse") == 0)
		return argc > 2 && reuse(argv[2]);
	if (strcmp(what, "close") == 0)
		return syscall(SYS_close_range, 3, ~0U, 0) == 0;
	if (strcmp(what, "chroot") == 0)
		return argc > 2 && chroot(argv[2]) == 0 && chdir("/") == 0;
	if (strcmp(what, "directory") == 0)
		return argc > 2 && chdir(argv[2]) == 0;
	if (strcmp(what, "user") == 0)
		return argc > 2 && become(argv[2]);
	if (strcmp(what, "daemon") == 0)
		return leave_daemon();
	return 1;
}

int main(int argc, char **argv)
{
	if (!prepare(argc, argv))
		return WRONG;
	if (argc > 1 && strcmp(argv[1], "daemon") != 0 && !load())
		return WRONG;
	puts("unharmed");
	return RIGHT;
}
