/* SPDX-License-Identifier: MIT */
/*
 * What happens to the set of loaded modules while the program runs, and the dl lock that orders it.
 */
#ifndef SC_DLWATCH_H
#define SC_DLWATCH_H

#include <stdbool.h>

/* The dl lock guards modules, images and the engine. While the program runs it is taken under ld.so's own, which is
 * waited for; this one never is: who does not get it is inside it himself, or the process is ending. */
bool sc_dl_take(void);
void sc_dl_give(void);
/* In the child of fork: nobody holds it. */
void sc_dl_forked(void);

#endif
