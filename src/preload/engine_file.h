/* SPDX-License-Identifier: MIT */
/*
 * Where the engine lies, and which build of it, without loading it.
 */
#ifndef SC_ENGINE_FILE_H
#define SC_ENGINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beside libstubcache.so (uninstalled), else in pkglibdir. false: nowhere. */
bool sc_engine_file(char *out, size_t size);
/* The same for another object that is installed with it. */
bool sc_engine_companion(char *out, size_t size, const char *name);

/* A digest that changes whenever the engine does. false: it cannot be seen, and out is no key's ingredient. */
bool sc_engine_identity(uint8_t out[16]);

#endif
