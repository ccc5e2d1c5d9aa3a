/* SPDX-License-Identifier: MIT */
/*
 * Starting libc ahead of its turn, for what is loaded in our constructor and NEEDs it.
 */
#ifndef SC_LIBC_START_H
#define SC_LIBC_START_H

#include <stdbool.h>

#include "preload/runtime.h"

/* After sc_modules_start, in the constructor, with the constructor's arguments. false: libc was not found or is not
 * one we know; then nothing that NEEDs it may be loaded yet. */
bool sc_libc_start(const struct sc_start_arguments *arguments);

#endif
