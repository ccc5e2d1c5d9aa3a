/* SPDX-License-Identifier: MIT */
/* Calls of known form, for tests/live/lines.sh. argv[1]: "" all of them; "kill": dies by a signal. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[64];

static void files(void)
{
	struct stat status;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	read(fd, buffer, 4);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	lseek(fd, -1, SEEK_CUR);
	close(fd);
	open("/nonexistent/file", O_WRONLY | O_CREAT | O_TRUNC, 0640);
	open("/nonexistent/file", O_RDONLY, 0640);
	stat("/dev/null", &status);
	access("/", R_OK | X_OK);
	write(-1, "a\tb\n\1" "2", 6);
}

/* Pointers that lead nowhere: the kernel says so, and so do we. */
static void bad_pointers(void)
{
	const char *volatile first = (const char *)1, *volatile low = (const char *)16, *volatile last = (const char *)-1L;

	open(first, O_RDONLY);
	write(-1, low, 100);
	access(last, 0);
}

static void formats(void)
{
	snprintf(buffer, sizeof(buffer), "%d|%5s|%.3f|%Lg|%c|%hhd|%#lx|%zu|%*d|%lld|%o|%e|%%", -1, "text", 1.5, 2.5L, 'x', 300,
		 255ul, (size_t)7, 3, 4, -5ll, 8, 0.25);
	snprintf(buffer, sizeof(buffer), "%2$d %1$d", 1, 2);
}

static void *thread(void *argument)
{
	(void)argument;
	getppid();
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/nonexistent/socket" };
	pthread_t other;
	pid_t child;

	if (argc > 1 && !strcmp(argv[1], "kill")) {
		access("/before", F_OK);
		kill(getpid(), SIGKILL);
	}
	files();
	bad_pointers();
	formats();
	connect(-1, (struct sockaddr *)&address, sizeof(address));
	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	child = fork();
	if (child == 0) {
		access("/child", F_OK);
		_exit(3);
	}
	waitpid(child, NULL, 0);
	return 5;
}
