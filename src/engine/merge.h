/* SPDX-License-Identifier: MIT */
/*
 * Several images become one (struct sc_engine_api, merge).
 */
#ifndef SC_MERGE_H
#define SC_MERGE_H

#include "engine/engine.h"

/* Writes one image that knows what all the given ones know. 0 or a negative errno; then merge->failure, where the file
 * could not be written, is why. */
int sc_merge(struct sc_engine_merge *merge);

#endif
