/* SPDX-License-Identifier: MIT */
/*
 * libcopies.so: data that a program at a fixed address has copies of.
 */
#ifndef COPIES_H
#define COPIES_H

extern int copies_counter;
extern char copies_text[16];
extern const char *const copies_texts[2];

/* probe_mix, copies_own, probe_mix_odd */
extern unsigned long (*copies_table[3])(unsigned long);
extern unsigned long (*const copies_constant_table[3])(unsigned long);

unsigned long copies_own(unsigned long x);

/* What the library itself does with its data. */
void copies_add(int n);
int copies_read(void);
unsigned long copies_call(unsigned long i, unsigned long x);
int copies_same(unsigned long i, unsigned long (*function)(unsigned long));

#endif
