/* SPDX-License-Identifier: MIT */
/*
 * Functions whose calling convention, return or caller makes them special, and what they may get.
 */
#ifndef SC_EXCLUDE_H
#define SC_EXCLUDE_H

#include <stdint.h>

enum sc_treatment {
	SC_TREAT_FULLY,	 /* any stub */
	SC_TREAT_TAIL,	 /* a tail stub at most: counted, not timed */
	SC_TREAT_ALONE,	 /* nothing */
};

/* What a function of this name may get; *why is one line for people when it is not SC_TREAT_FULLY. */
enum sc_treatment sc_exclude(const char *name, const char **why);

/* The preload's own interest in a function of a namespace's libc (enum sc_wrapper). */
uint32_t sc_exclude_wrapper(const char *name, const char *library, unsigned space);

#endif
