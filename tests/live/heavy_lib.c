/* SPDX-License-Identifier: MIT */
/*
 * A library that takes ld.so a while to relocate: 4,096 read-only pointers to functions, one of which is indirect
 * with a resolver that works only once the library is relocated.
 */
#include <stdlib.h>
#include <string.h>

static int plain(int x)
{
	return x + 1;
}

static int (*const choice)(int) = plain;

int heavy_indirect(int x);
int heavy_sum(int x);

static __attribute__((used)) int (*resolve(void))(int) /* clang does not see its use by name */
{
	int (*const volatile *chosen)(int) = &choice;

	return *chosen;
}

__attribute__((ifunc("resolve"))) int heavy_indirect(int x);

#define POINTERS_8                                                                                              \
	(void *)strlen, (void *)atoi, (void *)getenv, (void *)strtol, (void *)heavy_indirect, (void *)abs, \
		(void *)qsort, (void *)memcpy
#define POINTERS_64 POINTERS_8, POINTERS_8, POINTERS_8, POINTERS_8, POINTERS_8, POINTERS_8, POINTERS_8, POINTERS_8
#define POINTERS_512                                                                                            \
	POINTERS_64, POINTERS_64, POINTERS_64, POINTERS_64, POINTERS_64, POINTERS_64, POINTERS_64, POINTERS_64

void *const heavy_table[] = {
	POINTERS_512, POINTERS_512, POINTERS_512, POINTERS_512, POINTERS_512, POINTERS_512, POINTERS_512, POINTERS_512,
};

int heavy_sum(int x)
{
	size_t (*length)(const char *) = (size_t(*)(const char *))heavy_table[0];
	int (*number)(const char *) = (int (*)(const char *))heavy_table[4088 + 1];

	return heavy_indirect(x) + (int)length("abc") + number("5");
}
