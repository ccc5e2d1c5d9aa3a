/* SPDX-License-Identifier: MIT */
/*
 * Which files have prototypes (doc/prototypes.md), in the order in which they are read: those that are installed, the
 * user's, those of STUBCACHE_PROTOTYPES. They are looked for only where a rule needs them, and read by the engine alone.
 */
#ifndef SC_PROTOTYPES_H
#define SC_PROTOTYPES_H

#include <stdbool.h>
#include <stdint.h>

/* Looks for the files, when the rules may need them. In the constructor, once. false: they do not. */
bool sc_prototypes_look(void);

/* The same whatever the rules say: a client asks for them. In the constructor. */
void sc_prototypes_need(void);

/* The files' paths, sizes and times, for the key; false: none were looked for. */
bool sc_prototypes_identity(uint8_t out[16]);

/* The paths; *count of them. */
const char *const *sc_prototypes_files(uint32_t *count);

#endif
