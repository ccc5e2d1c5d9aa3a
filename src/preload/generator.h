/* SPDX-License-Identifier: MIT */
/*
 * The stub generator as a client of the persistence protocol: its registrations, and the half of it that
 * brings stubs back. What it persists is described in common/image.h (struct sc_image_plan).
 */
#ifndef SC_GENERATOR_H
#define SC_GENERATOR_H

#include "engine/engine.h"
#include "preload/image_load.h"

/* What sc_persist_context.generator points to while an image is loaded. */
struct sc_generator_load {
	struct sc_mapped_image *mapped;
	const struct sc_image_plan *plan; /* set by its ro portion */
	bool code, words;		  /* its rx and rw portions were accepted */
	uintptr_t base;			  /* of the module */
	unsigned space;
};

/* Registers ro, rx and rw. Once, before the image is looked for, ahead of every client. */
void sc_generator_register(void);
/* The engine's half, for the generation that is about to begin. */
void sc_generator_use(const struct sc_generator_functions *functions);

#endif
