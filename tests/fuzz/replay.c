/* SPDX-License-Identifier: MIT */
/*
 * Gives inputs to a fuzz target without a fuzzer, and each of them again with a few bytes changed, the same way every
 * time. Compiled with any compiler, for `make check`.
 *
 *	replay FILE...		each file is one input
 *	replay -l FILE...	each line of a file is one input, in which \n is a newline
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { CHANGED = 200, BYTES_MOST = 8 };

static unsigned long inputs;

static void give(const uint8_t *data, size_t size)
{
	LLVMFuzzerTestOneInput(data, size);
	inputs++;
}

/* Numbers that lie at the edges of what is checked, more often than others. */
static uint8_t some_byte(uint32_t random)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, '*', '[', ';' };

	return random & 0x100 ? edges[random % sizeof(edges)] : (uint8_t)random;
}

static void give_changed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	uint32_t random = 1;

	if (!copy)
		exit(99);
	give(data, size);
	for (int i = 0; size > 0 && i < CHANGED; i++) {
		memcpy(copy, data, size);
		for (int b = 0; b <= i % BYTES_MOST; b++) {
			random = random * 1664525u + 1013904223u;
			copy[(random >> 8) % size] = some_byte(random >> 20);
		}
		give(copy, i % 4 ? size : random % size);
	}
	free(copy);
}

static uint8_t *read_all(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(1 << 24);

	if (!file || !data) {
		perror(path);
		exit(99);
	}
	*size = fread(data, 1, 1 << 24, file);
	fclose(file);
	return data;
}

static size_t unescape(uint8_t *line, size_t length)
{
	size_t to = 0;

	for (size_t at = 0; at < length; at++) {
		if (line[at] == '\\' && at + 1 < length && line[at + 1] == 'n') {
			line[to++] = '\n';
			at++;
		} else {
			line[to++] = line[at];
		}
	}
	return to;
}

static void give_lines(uint8_t *data, size_t size)
{
	uint8_t *end = data + size;

	while (data < end) {
		uint8_t *newline = memchr(data, '\n', (size_t)(end - data));
		size_t length = (size_t)((newline ? newline : end) - data);

		give_changed(data, unescape(data, length));
		data += length + 1;
	}
}

int main(int argc, char **argv)
{
	int lines = argc > 1 && strcmp(argv[1], "-l") == 0;

	give((const uint8_t *)"", 0); /* as a fuzzer begins */
	for (int i = 1 + lines; i < argc; i++) {
		size_t size;
		uint8_t *data = read_all(argv[i], &size);

		if (lines)
			give_lines(data, size);
		else
			give_changed(data, size);
		free(data);
	}
	printf("%lu inputs\n", inputs);
	return inputs == 0;
}
