/* SPDX-License-Identifier: MIT */
/*
 * Following through exec: a program that starts another with an environment of its own making (env -i, sudo-like
 * tools, test drivers) would lose us there. Only when `stubcache run` asks for it (STUBCACHE_FOLLOW): whoever sets
 * LD_PRELOAD by hand and scrubs the environment means it.
 */
#ifndef SC_EXEC_FOLLOW_H
#define SC_EXEC_FOLLOW_H

#include <stdint.h>

/* Copies what children need, before the program can change its environment strings. Once, in the constructor. */
void sc_exec_follow_start(void);

/* The wrapper of an exec function (enum sc_wrapper), or 0 when nothing is to be followed. */
uintptr_t sc_exec_follow_wrapper(uint32_t kind);

#endif
