/* SPDX-License-Identifier: MIT */
/* liblazy.so. */
#include "lazy_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lazy_add(int a, int b)
{
	return a + b;
}

int lazy_apply(int (*function)(int), int x)
{
	return lazy_add(function(x), 1);
}

int lazy_factorial(int n)
{
	return n < 2 ? 1 : n * lazy_factorial(n - 1);
}

int lazy_length(const char *text, int number)
{
	char *copy = malloc(64);
	int length;

	if (!copy)
		return 0;
	snprintf(copy, 64, "%s %d", text, number);
	length = (int)strlen(copy);
	free(copy);
	return length;
}
