/* SPDX-License-Identifier: MIT */
/*
 * Attaching: making slots of loaded modules lead to stubs. The only place that writes into the host's modules.
 */
#ifndef SC_ATTACH_H
#define SC_ATTACH_H

#include <stdint.h>

#include "preload/image_load.h"

struct sc_attach_counts {
	uint32_t attached;   /* slots that lead to a stub now */
	uint32_t unexpected; /* held neither their target nor a lazy value: left alone */
	uint32_t refused;    /* could not be made writable */
	uint32_t elsewhere;  /* lazy, and the image knows what they bind to in another context only */
};

/* Attaches the slots of one module that an image knows and that is bound (mapped->modules[image_module]).
 * context: sc_modules_context of now, for slots with SC_IMAGE_SLOT_CONTEXT. Under the dl lock, or before other threads
 * exist. Adds to *counts. */
void sc_attach_module(const struct sc_mapped_image *mapped, uint32_t image_module, uint32_t context,
		      struct sc_attach_counts *counts);

#endif
