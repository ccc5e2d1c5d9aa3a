/* SPDX-License-Identifier: MIT */
/*
 * Functions the preload itself must see, whatever the rules say: those that load and look up, and those that
 * end the process. A slot of theirs leads to the wrapper, or to a stub whose original is the wrapper.
 */
#ifndef SC_WRAPPERS_H
#define SC_WRAPPERS_H

#include <stdint.h>

#include "engine/engine.h"

/* Notes the original of a wrapper and returns the wrapper's address; returns `original` itself for
 * SC_WRAPPER_NONE, for kinds that are not watched in this process, and for a second original of a kind (another
 * namespace's libc). */
uintptr_t sc_wrapper_set(uint32_t kind, uintptr_t original);

/* Originals, by enum sc_wrapper; 0: not known. wrappers.S jumps through them. */
extern uintptr_t sc_wrapper_originals[SC_WRAPPERS] __attribute__((visibility("hidden")));

#endif
