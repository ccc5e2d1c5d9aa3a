/* SPDX-License-Identifier: MIT */
/*
 * libcopies.so: what copies.h says.
 */
#include "copies.h"
#include "probe.h"

int copies_counter = 30;
char copies_text[16] = "copied";
const char *const copies_texts[2] = { "one", "two" };
unsigned long (*copies_table[3])(unsigned long) = { probe_mix, copies_own, probe_mix_odd };
unsigned long (*const copies_constant_table[3])(unsigned long) = { probe_mix, copies_own, probe_mix_odd };

unsigned long copies_own(unsigned long x)
{
	return x * 7;
}

void copies_add(int n)
{
	copies_counter += n;
}

int copies_read(void)
{
	return copies_counter;
}

unsigned long copies_call(unsigned long i, unsigned long x)
{
	return copies_table[i](x);
}

int copies_same(unsigned long i, unsigned long (*function)(unsigned long))
{
	return copies_table[i] == function && copies_constant_table[i] == function;
}
