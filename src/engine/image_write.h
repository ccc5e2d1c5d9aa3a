/* SPDX-License-Identifier: MIT */
/*
 * Writes a plan as an image file (common/image.h), driving the persistence registry (common/persist.h): the stub
 * generator's portions are written by its callbacks (src/engine/generator.c) like any client's.
 */
#ifndef SC_IMAGE_WRITE_H
#define SC_IMAGE_WRITE_H

#include "engine/engine.h"
#include "engine/plan.h"

struct sc_image_write {
	struct sc_plan *plan;
	struct sc_persist_registry *registry;
	const uint8_t *key; /* 16 bytes */
	const struct sc_engine_component *components;
	uint32_t component_count;
	int fd; /* empty, read-write; its position is used */
	struct sc_persist_load *older; /* an older image that clients resurrect first, or NULL */
	enum sc_persist_reason refused; /* out: by a client that did not merge it; older->failure says which */
	char *failure; /* one line, at most failure_size bytes, when the result is negative */
	size_t failure_size;
};

/* 0 or a negative errno (-ECANCELED: a callback refused; *failure says which; -EBUSY: the registry is held). The file
 * is complete, checksum included, when 0 is returned; else the caller abandons it. The plan's arena is used, and the
 * plan stays as it is. */
int sc_image_write(struct sc_image_write *write);

/* The generator's callbacks for size and persist, to be handed to the preload (sc_generator_use). */
const struct sc_generator_functions *sc_generator_functions(void);

#endif
