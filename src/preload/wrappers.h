/* SPDX-License-Identifier: MIT */
/*
 * Functions the preload itself must see, whatever the rules say: those that load and look up, those that end the
 * process, those that start another program, those by which a program confines itself or gives up rights. A slot of
 * theirs leads to the wrapper, or to a stub whose original is the wrapper.
 *
 * Under the dl lock, or before other threads exist.
 */
#ifndef SC_WRAPPERS_H
#define SC_WRAPPERS_H

#include <stdint.h>

#include "common/module.h"
#include "engine/engine.h"

/* Notes the original of a wrapper and returns the wrapper's address; returns `original` itself for
 * SC_WRAPPER_NONE, for kinds that are not watched in this process or namespace, and for a second original of a kind
 * in one namespace. */
uintptr_t sc_wrapper_set(uint32_t kind, unsigned space, uintptr_t original);

/* The originals in a module that is gone are none any more: another libc may come in its place. */
void sc_wrapper_forget(const struct sc_module *module);

#endif
