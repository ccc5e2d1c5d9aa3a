/* SPDX-License-Identifier: MIT */
/*
 * From a mapped image to stubs that are called: binding its modules to those that are loaded, letting the clients
 * resurrect their portions, and, when all have accepted, attaching.
 */
#ifndef SC_ACTIVATE_H
#define SC_ACTIVATE_H

#include <stdbool.h>

#include "preload/image_load.h"

/* Binds and attaches every module that is loaded, known to the image and not bound yet. false when a client refused:
 * nothing of what was to be bound is active then, and *why begins with a stable word; it lives until the next call.
 * Under the dl lock. */
bool sc_activate(struct sc_mapped_image *mapped, const char **why);

/* The address slots get for an original (its stub), or 0. */
uintptr_t sc_activate_stub_of(uintptr_t original);

/* Modules that went (SC_MODULE_GONE) are unbound from all images. */
void sc_activate_forget_gone(void);

#endif
