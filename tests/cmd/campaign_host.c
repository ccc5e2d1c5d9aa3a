/* SPDX-License-Identifier: MIT */
/*
 * What tests/cmd/campaign.sh makes fail: a small program that handles some failures and not others. It reads its
 * argument, a file, and writes it out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Planted: in a path that is taken only after another failure, memory is taken for granted. */
static char *describe(const char *what, int error)
{
	char *text = malloc(256);

	text[0] = 0;
	strcat(text, what);
	strcat(text, ": ");
	return strcat(text, strerrordesc_np(error));
}

static int complain(const char *what)
{
	char *text = describe(what, errno);

	fprintf(stderr, "campaign_host: %s\n", text);
	free(text);
	return 3;
}

/* Planted: what is interrupted is tried again for ever. */
static ssize_t read_some(int fd, char *buffer, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Planted: nobody looks whether anything was written. */
static void write_out(const char *data, size_t size)
{
	ssize_t n = write(1, data, size);

	(void)n;
}

/* A failure that makes no difference. */
static void advise(int fd)
{
	char *hint = malloc(16);

	if (hint)
		lseek(fd, 0, SEEK_CUR);
	free(hint);
}

int main(int argc, char **argv)
{
	char *buffer = malloc(4096);
	ssize_t n;
	int fd;

	if (!buffer || argc != 2)
		return 2;
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		return complain(argv[1]);
	advise(fd);
	n = read_some(fd, buffer, 4096);
	if (n < 0)
		return complain("read");
	write_out(buffer, (size_t)n);
	close(fd);
	free(buffer);
	return 0;
}
