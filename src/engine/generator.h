/* SPDX-License-Identifier: MIT */
/*
 * What the generator's callbacks for size and persist (generator.c) know of the module they are called for: the
 * `generator` pointer of its sc_persist_context. Made and filled by image_write.c, which reads the places
 * of the stubs from it once everything is measured.
 */
#ifndef SC_ENGINE_GENERATOR_H
#define SC_ENGINE_GENERATOR_H

#include "common/persist.h"
#include "engine/plan.h"

/* One a target, in the targets' order. */
struct sc_generator_stub {
	uint32_t name, version; /* image strings, by the image's writer */
	uint32_t code, word;	/* file offsets, once measured; 0: DIRECT has none */
};

struct sc_generator_module {
	/* The writer's. */
	struct sc_plan *plan;
	struct sc_plan_module *module;
	struct sc_generator_stub *stubs;
	uint32_t first_index; /* in the image, from 0 */

	/* The callbacks'. */
	uint32_t code_offset; /* of the rx portion, which begins with padding up to a cell; 0: none */
	uint32_t code_start;  /* of the first cell */
	uint32_t code_size;   /* of all cells */
	uint32_t words_offset; /* of the rw portion; 0: none */
	uint8_t *code;	       /* what will be written at code_start, once made */
	int error;	       /* why persist returned false */
};

/*
 * What answers dr_fragment_persistable while a plan is being written: of a module's perscxt the plan's targets, of
 * NULL what was answered before. begin and end on the generating thread, around the phases.
 */
void sc_generator_answer_begin(struct sc_persist_registry *registry, const struct sc_plan *plan);
void sc_generator_answer_end(struct sc_persist_registry *registry);

/* For the writer's `code` (common/persist.h): stubs in memory, for clients to patch before they are written. */
bool sc_generator_code(void *user, struct sc_persist_context *context, uint8_t **start, size_t *size);

#endif
