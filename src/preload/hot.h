/* SPDX-License-Identifier: MIT */
/*
 * Variables that every warm start touches lie side by side (src/x86_64/area.ld puts them there): each page that is
 * touched for the first time costs a page fault, and all of a warm start is worth some thirty of these.
 */
#ifndef SC_HOT_H
#define SC_HOT_H

#define SC_HOT __attribute__((section(".bss.sc_hot.1")))
/* What begins hot and goes on cold comes last, the longest at the very end. */
#define SC_HOT_LONG __attribute__((section(".bss.sc_hot.2")))
#define SC_HOT_LONGEST __attribute__((section(".bss.sc_hot.3")))

#endif
