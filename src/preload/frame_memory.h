/* SPDX-License-Identifier: MIT */
/*
 * Where shadow frames lie: each has a return trampoline (x86_64/trampolines.S), and the two are found by each other's
 * address. Frames of one thread are anywhere in it.
 *
 * Async-signal safe, any thread, no lock, no heap, no vector register. Nothing is ever given back.
 */
#ifndef SC_FRAME_MEMORY_H
#define SC_FRAME_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_FRAME_MEMORY_LEAST 1024 /* bytes that are asked for: this, or a multiple */

struct sc_frame;

/* Zeroed memory for frames, aligned as they are, of at most *size bytes, which becomes what it has. NULL: there is none. */
void *sc_frame_memory_take(size_t *size);

/* Makes it likely that frames can be had when the process may do less (drop_rights.c). */
void sc_frame_memory_prepare(void);

/* Whether it is the address of a frame. Such memory can be read, whether the frame is in use or not. */
bool sc_frame_memory_has(uintptr_t address);

/* The trampoline of a frame. */
uintptr_t sc_frame_memory_trampoline(const struct sc_frame *frame);

/* The frame of the trampoline that an address lies in, or NULL. */
struct sc_frame *sc_frame_memory_of(uintptr_t address);

/* The frame through whose trampoline a call returns when it has this return address, or NULL. */
struct sc_frame *sc_frame_memory_returning(uintptr_t return_address);

#endif
