/* SPDX-License-Identifier: MIT */
/*
 * The cold side: loading the engine and having it make images, for the start, for modules that dlopen brought, for
 * functions that dlsym revealed, and at the end one image of all that was learned.
 *
 * All under the dl lock or in the constructor. Never in a signal handler.
 */
#ifndef SC_GENERATE_H
#define SC_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/image_load.h"

/* Makes, publishes and activates the image of the start. false: nothing is intercepted; sc_runtime.reason says why. */
bool sc_generate_start(void);

/* Makes an image for the new modules that none knows, and activates it. */
void sc_generate_modules(void);
/* Whether it could not, since a hook of a client was running: the next call may. */
bool sc_generate_are_put_off(void);

/* The stub for a function that dlsym has returned, if a rule selects it; else 0. */
uintptr_t sc_generate_symbol(uintptr_t address, const char *name, const char *version);

/* Publishes what was learned since the start, if there is anything (sc_generate_to_merge). */
void sc_generate_merge(void);
bool sc_generate_to_merge(void);
/* In the child of fork: what its parent has learned is published once, by whoever ends first. */
void sc_generate_forked(void);

/* sc_image_load of the image of the start; one that may not be executed where it lies (noexec) is loaded from a copy
 * in memory, with a reason. */
struct sc_mapped_image *sc_generate_map(int fd, uint64_t size, const char **why);

#endif
