/* SPDX-License-Identifier: MIT */
/*
 * A program at a fixed address that has copies of a library's data (COPY relocations): variables, tables of function
 * pointers, constant or not. Both sides see one variable; pointers in the tables are called, compared and changed.
 */
#include "copies.h"
#include "live.h"
#include "probe.h"

LIVE_MAIN_STATE;

static unsigned long (*volatile mix)(unsigned long) = probe_mix;

int main(void)
{
	unsigned long sum = 0, i;

	copies_add(5);
	copies_counter += 7;
	printf("counter: %d, %d\n", copies_counter, copies_read());
	for (i = 0; i < 1000; i++)
		sum += copies_table[i % 3](i) + copies_constant_table[i % 3](i) + copies_call(i % 3, i);
	printf("called: %lu\n", sum);
	printf("equal: %d %d %d %d\n", copies_table[0] == mix, copies_constant_table[0] == mix,
	       copies_table[1] == copies_own, copies_same(0, mix) && copies_same(1, copies_own));
	copies_table[0] = copies_table[2];
	printf("changed: %d\n", copies_call(0, 3) == probe_mix_odd(3));
	printf("text: %s, %s\n", copies_text, copies_texts[1]);
	return live_end("copies");
}
