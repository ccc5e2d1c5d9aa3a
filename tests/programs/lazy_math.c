/* SPDX-License-Identifier: MIT */
/*
 * For ltrace.sh: lazily bound calls of libc and libm, from a constructor on to a destructor, out of callbacks,
 * and by way of longjmp. Built without builtins, so that each call here is one through the PLT.
 */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 50

static jmp_buf again;

__attribute__((constructor)) static void begin(void)
{
	setenv("LAZY_MATH", "1", 1);
}

__attribute__((destructor)) static void end(void)
{
	unsetenv("LAZY_MATH");
	printf("end\n");
}

static void at_exit(void)
{
	printf("%s\n", getenv("LAZY_MATH"));
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void sort_words(void)
{
	char *words[WORDS], text[32];

	for (int i = 0; i < WORDS; i++) {
		snprintf(text, sizeof(text), "%d", i * 37 % WORDS);
		words[i] = strdup(text);
	}
	qsort(words, WORDS, sizeof(*words), compare);
	for (int i = 0; i < WORDS; i++)
		free(words[i]);
}

static void jump(int depth)
{
	if (depth == 0)
		longjmp(again, 1);
	if (abs(depth) == depth)
		jump(depth - 1);
}

int main(void)
{
	volatile int jumps = 0;
	volatile double sum = 0;

	atexit(at_exit);
	sort_words();
	for (int i = 0; i < 400; i++)
		sum += sin(i) + pow(i, 0.5) * fmod(i, 7);
	if (setjmp(again), jumps < 20) {
		jumps++;
		jump(jumps);
	}
	printf("%.6f %d\n", sum, jumps);
	exit(0);
}
