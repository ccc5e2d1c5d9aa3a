/* SPDX-License-Identifier: MIT */
/*
 * Why no image was found: what differs from the nearest one that this program has.
 */
#ifndef SC_MISS_H
#define SC_MISS_H

/* Adds a line to the reason (reason.h). In the constructor, on a cold start whose lookup found no file. */
void sc_miss_explain(void);

#endif
