/* SPDX-License-Identifier: MIT */
/*
 * The key: what an image depends on, and the file name made of it. Two processes with the same key can
 * use the same stubs.
 */
#ifndef SC_KEY_H
#define SC_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

#define SC_KEY_COMPONENTS 512 /* at most */

struct sc_key {
	uint8_t bytes[16];
	uint8_t rules[16];  /* digests of the first components */
	uint8_t engine[16];
	uint8_t clock;
	uint32_t modules;   /* of the start */
	char file[96];	    /* PROGRAM-KEYHEX.so, plain characters only */
};

/* From the modules of the start, the rules' text and what the preload is. rules_size bytes of text. Returns 0, or
 * -E2BIG when there are too many modules. engine: sc_engine_identity's. */
int sc_key_make(struct sc_key *key, const char *rules, size_t rules_size, const uint8_t engine[16], int clock);

/* The key's ingredients, for an image that is to be written; *count of them. Names lead into the modules' list. */
const struct sc_engine_component *sc_key_components(const struct sc_key *key, uint32_t *count);

#endif
