/* SPDX-License-Identifier: MIT */
/*
 * What an image has of clients, mapped: their code outside the stub area, and the file as it is.
 */
#ifndef SC_IMAGE_CLIENTS_H
#define SC_IMAGE_CLIENTS_H

#include "preload/image_load.h"

/* After the image was checked and mapped, from the same descriptor. Sets mapped->clients and mapped->file, and takes
 * the clients' code out of the stub area. NULL, or a stable word: "map", "memory". On failure nothing is left. */
const char *sc_image_clients_map(struct sc_mapped_image *mapped, int fd);

/* Undoes what clients have written to a module's rw portions before it was unloaded, or refused by one of them: its
 * next func_resurrect finds what was persisted. */
void sc_image_clients_renew(struct sc_mapped_image *mapped, uint32_t image_module);

void sc_image_clients_unmap(struct sc_mapped_image *mapped);

#endif
