/* SPDX-License-Identifier: MIT */
/*
 * executes_host WAY PROGRAM: starts a program in a child, by the function that WAY names ("vfork": execve in a child of
 * vfork; "large" and "large_vfork": the same with an environment of 3,000 variables and nothing else; "confined":
 * execve behind a seccomp filter of which whoever asks for a user dies), and prints what came of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { LARGE = 3000 };

static char **large(void)
{
	static char texts[LARGE][16], *list[LARGE + 1];

	for (int i = 0; i < LARGE; i++) {
		snprintf(texts[i], sizeof(texts[i]), "V%d=1", i);
		list[i] = texts[i];
	}
	return list;
}

static void confine(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_geteuid, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(77);
}

static void execute(const char *way, char *program)
{
	char *argv[] = { program, NULL };

	if (strcmp(way, "confined") == 0)
		confine();
	if (strcmp(way, "execv") == 0)
		execv(program, argv);
	else if (strcmp(way, "execvp") == 0)
		execvp(program, argv);
	else if (strcmp(way, "execvpe") == 0)
		execvpe(program, argv, environ);
	else if (strcmp(way, "execl") == 0)
		execl(program, program, (char *)NULL);
	else if (strcmp(way, "execlp") == 0)
		execlp(program, program, (char *)NULL);
	else if (strcmp(way, "execle") == 0)
		execle(program, program, (char *)NULL, environ);
	else if (strcmp(way, "fexecve") == 0)
		fexecve(open(program, O_PATH | O_CLOEXEC), argv, environ);
	else if (strcmp(way, "execveat") == 0)
		execveat(AT_FDCWD, program, argv, environ, 0);
	else if (strncmp(way, "large", 5) == 0)
		execve(program, argv, large());
	else
		execve(program, argv, environ);
	_exit(errno == ENOEXEC || errno == ENOENT || errno == EACCES ? 100 + errno : 99);
}

int main(int argc, char **argv)
{
	const char *way = argv[1];
	char *list[] = { argv[argc - 1], NULL };
	int status = 0;
	volatile int r = 0;
	pid_t pid;

	if (argc != 3)
		return 2;
	if (strcmp(way, "posix_spawn") == 0) {
		r = posix_spawn(&pid, argv[2], NULL, NULL, list, environ);
	} else if (strcmp(way, "posix_spawnp") == 0) {
		r = posix_spawnp(&pid, argv[2], NULL, NULL, list, environ);
	} else if (strcmp(way, "vfork") == 0 || strcmp(way, "large_vfork") == 0) {
		pid = vfork();
		if (pid == 0)
			execute(way, argv[2]);
	} else {
		pid = fork();
		if (pid == 0)
			execute(way, argv[2]);
	}
	if (r) {
		printf("not started: %s\n", strerror(r));
		return 0;
	}
	waitpid(pid, &status, 0);
	printf("ended with %d\n", WEXITSTATUS(status));
	return 0;
}
