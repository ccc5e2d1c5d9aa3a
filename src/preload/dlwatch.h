/* SPDX-License-Identifier: MIT */
/*
 * What happens to the set of loaded modules while the program runs, and the dl lock that orders it.
 */
#ifndef SC_DLWATCH_H
#define SC_DLWATCH_H

#include <stdbool.h>

/* The dl lock: never waited for. Who does not get it leaves a note, and whoever watches (dlwatch.c) looks again when
 * he has it; giving it back does not look. */
bool sc_dl_take(void);
void sc_dl_give(void);
/* In the child of fork: nobody holds it. */
void sc_dl_forked(void);

#endif
