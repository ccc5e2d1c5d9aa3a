/* SPDX-License-Identifier: MIT */
/*
 * libthrow.so and librelay.so: two C++ libraries that exceptions begin in and pass through.
 */
#ifndef THROWING_H
#define THROWING_H

struct odd_number {
	int number;
};

/* libthrow: throws odd_number when `number` is odd, std::out_of_range above 1,000,000, else returns
 * number + 1. Leaves `throwing_depth` as it found it on every way out. */
int throwing_call(int number);
extern int throwing_depth;

struct shape {
	virtual int area(int scale);
	virtual ~shape();
};

/* librelay: calls function(number) with a destructor in its frame; relay_unwound counts how often one
 * ran because of an exception. */
extern int relay_unwound;
int relay_call(int (*function)(int), int number);
/* Catches everything and throws it again. */
int relay_rethrow(int (*function)(int), int number);
/* relay_call(relay'd function) through librelay's own PLT, `depth` times over. */
int relay_deep(int depth, int (*function)(int), int number);

#endif
