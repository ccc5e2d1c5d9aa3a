/* SPDX-License-Identifier: MIT */
/*
 * Wine's own setjmp and longjmp: returns twice, under a name that is not libc's, and is called from functions that have
 * left since, and from deeper ones.
 */
#include "live.h"

#include <stdlib.h>
#include <string.h>

LIVE_MAIN_STATE;

#define WINDOWS __attribute__((ms_abi))

extern int WINDOWS __attribute__((returns_twice)) __wine_setjmpex(void *buffer, void *frame);
extern void WINDOWS __wine_longjmp(void *buffer, int value);

static void *buffer[8];

__attribute__((noinline)) static void leave(int depth, int value)
{
	char *text = strdup("some calls before");

	expect(text && strlen(text) == 17);
	free(text);
	if (depth > 0)
		leave(depth - 1, value);
	else
		__wine_longjmp(buffer, value);
}

__attribute__((noinline)) static long round_trips(int rounds)
{
	volatile long sum = 0;
	volatile int round = 0;
	int value = __wine_setjmpex(buffer, NULL);

	sum = sum * 3 + value;
	if (round++ < rounds)
		leave(round % 7, round);
	return sum;
}

int main(void)
{
	long sum = 0;

	for (int i = 0; i < 1000; i++)
		sum = sum * 31 + round_trips(i % 20);
	printf("returned twice: %ld\n", sum);
	return live_end("own setjmp");
}
