/* SPDX-License-Identifier: MIT */
/*
 * The ways to reach a function of another library: a call, a pointer taken in code, pointers in data
 * (constant and not), a pointer that the library hands out, an IFUNC. Built several times, for every
 * kind of PLT and binding; and two pointers to one function must compare equal wherever they were taken.
 */
#include "ifunc.h"
#include "live.h"
#include "probe.h"

#include <stdlib.h>
#include <string.h>

LIVE_MAIN_STATE;

static unsigned long (*pointers[])(unsigned long) = { probe_mix, probe_mix_odd };
static unsigned long (*const constant_pointers[])(unsigned long) = { probe_mix_odd, probe_mix };
static int (*ifunc_pointer)(int) = ifunc_triple;
static size_t (*volatile length)(const char *) = strlen;

static int compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int main(void)
{
	const char *words[] = { "delta", "alpha", "charlie", "bravo" };
	unsigned long (*volatile taken)(unsigned long) = probe_mix;
	unsigned long (*volatile *volatile table)(unsigned long) = (void *)pointers;
	unsigned long i, sum = 0;
	int triples = 0;

	for (i = 0; i < 1000; i++) {
		sum += probe_mix(i) + taken(i + 1) + table[i % 2](i + 2);
		sum = sum * 3 + constant_pointers[i % 2](i + 3);
		triples += ifunc_triple((int)i) + ifunc_pointer((int)i) + ifunc_triple_inside((int)i);
	}
	printf("sum: %lu, triples: %d\n", sum, triples);
	expect(taken == table[0] && taken == constant_pointers[1]);
	expect(taken == probe_mix_address());
	qsort(words, 4, sizeof(words[0]), compare);
	printf("%s %s %s %s %zu\n", words[0], words[1], words[2], words[3], length(words[0]));
	expect(probe_errno(5, -1) == -1);
	return live_end("calls");
}
