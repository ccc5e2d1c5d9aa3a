/* SPDX-License-Identifier: MIT */
/*
 * libleaf.so: a thousand functions that do nothing. Called by calls.c, each through its PLT entry.
 */
#include "leaf.h"

#define LEAF_DEFINE(number) \
	void leaf_##number(void) \
	{ \
	}
LEAVES(LEAF_DEFINE)

void bare(void)
{
}

void traced(int descriptor, void *pointer, const char *text)
{
	(void)descriptor;
	(void)pointer;
	(void)text;
}
