/* SPDX-License-Identifier: MIT */
/*
 * What the generate files have in common.
 */
#ifndef SC_GENERATE_INTERNAL_H
#define SC_GENERATE_INTERNAL_H

#include "common/store.h"
#include "preload/generate.h"

/* A descriptor whose contents may be mapped executable, or a negative errno. */
int sc_generate_memory_file(void);
/* Maps what was generated; its stubs are numbered behind those that there are. NULL with a word in *why. */
struct sc_mapped_image *sc_generate_take_in(int fd, const char **why);

/* Gives a finished draft its name, and makes room if need be. What fails becomes a reason. */
void sc_generate_publish(struct sc_store_draft *draft, bool replace);
/* The image that is published now, by us or another process: 0, or -ENOENT. The caller closes file->fd. */
int sc_generate_open_published(struct sc_store_file *file);
/* Something was learned: to be merged at the end. */
void sc_generate_learned(void);

#endif
