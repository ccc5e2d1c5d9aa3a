/* SPDX-License-Identifier: MIT */
/*
 * For ltrace.sh: file_calls N makes, between two calls of getpgrp, N times the system calls that open, write, seek in,
 * read and close a file, each by libc's function of that name, and nothing else. Their numbers differ.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int work(int number)
{
	char bytes[64] = { 0 };
	int fd = open("file_calls.data", O_RDWR | O_CREAT, 0600), failed = fd < 0;

	for (int i = 0; i < number % 5; i++)
		failed |= write(fd, bytes, sizeof(bytes)) != sizeof(bytes);
	failed |= lseek(fd, 0, SEEK_SET) != 0;
	for (int i = 0; i < number % 7; i++)
		failed |= read(fd, bytes, 16) < 0;
	return failed | close(fd);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 10, failed = 0;

	getpgrp();
	for (int i = 0; i < count; i++)
		failed |= work(i);
	getpgrp();
	return failed;
}
