/* SPDX-License-Identifier: MIT */
/*
 * The engine, loaded at the first call. In the constructor, or under ld.so's lock and the dl lock (dlwatch.h).
 */
#ifndef SC_ENGINE_USE_H
#define SC_ENGINE_USE_H

#include "engine/engine.h"

/* NULL when it cannot be had, which was said once. */
const struct sc_engine_api *sc_engine_get(void);
/* The same, but never loads it. */
const struct sc_engine_api *sc_engine_loaded(void);

/* Fills in what is the same for all requests, and has the engine, which is loaded, generate. -EBUSY: a client's hook is
 * running, and it is to be tried later. */
int sc_engine_generate(struct sc_engine_request *request);

#endif
