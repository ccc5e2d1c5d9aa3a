/* SPDX-License-Identifier: MIT */
/*
 * image_check FILE ROUNDS: maps an image as a warm start does, and reads its tables, with and without the checksum
 * over the whole file, in turns. Prints the file's size and the median of both, in ns. Called by bench.py.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/image.h"
#include "common/store.h"

enum { ROUNDS_MOST = 100000 };

static uint64_t samples[2][ROUNDS_MOST];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t once(int fd, size_t size, bool check)
{
	uint64_t started = now();
	void *data = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	struct sc_image image;
	const char *why = "checksum";

	if (data == MAP_FAILED)
		die("mmap");
	if ((check && !sc_store_checksum_ok(data, size)) || sc_image_open(&image, data, size, &why) < 0) {
		fprintf(stderr, "not an image: %s\n", why);
		exit(1);
	}
	munmap(data, size);
	return now() - started;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint64_t median(uint64_t *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[2]) : 0;
	struct stat st;
	int fd;

	if (rounds < 1 || rounds > ROUNDS_MOST) {
		fprintf(stderr, "usage: image_check FILE ROUNDS\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		die(argv[1]);
	for (int i = 0; i < rounds; i++)
		for (int check = 0; check < 2; check++)
			samples[check][i] = once(fd, (size_t)st.st_size, check);
	printf("%lld %llu %llu\n", (long long)st.st_size, (unsigned long long)median(samples[0], rounds),
	       (unsigned long long)median(samples[1], rounds));
	return 0;
}
