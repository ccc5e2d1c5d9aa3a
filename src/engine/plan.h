/* SPDX-License-Identifier: MIT */
/*
 * The plan: which stubs a program gets, and which slots lead to them, before any of it has an address. Made by
 * select.c from loaded modules, or by sc_plan_merge_image from images; written by image_write.c.
 *
 * Everything lives in the plan's arena. Lookups are by hash, so that adding n things costs O(n). One thread.
 */
#ifndef SC_PLAN_H
#define SC_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/capture.h"
#include "common/image.h"
#include "common/module.h"
#include "common/persist.h"

struct sc_plan_target {
	const char *name;
	const char *version; /* "" when none */
	uint64_t value;	     /* st_value */
	uint16_t kind;	     /* enum sc_image_target_kind */
	uint16_t flags;	     /* enum sc_image_target_flag */
	uint32_t wrapper;    /* enum sc_wrapper */
	const struct sc_capture *capture; /* what is recorded of its calls; NULL: nothing */
};

struct sc_plan_slot {
	uint32_t offset;
	uint32_t module; /* definer */
	uint32_t target;
	uint32_t flags; /* enum sc_image_slot_flag */
};

struct sc_plan_module {
	uint8_t identity[16];
	const char *name;
	uint32_t flags; /* enum sc_image_module_flag */
	uint32_t ordinal;
	uint32_t context; /* of sc_image_plan; set by the planner */
	/* Set by the planner where the module is loaded, else NULL and 0: its first mapped byte and how far it
	 * reaches, as clients are told (dr_persist_start), and what is added to values. */
	uint8_t *base;
	size_t size;
	uintptr_t bias;
	bool is_closed; /* these two as in struct sc_persist_context */
	const struct sc_persist_older *older;
	struct sc_plan_target *targets;
	uint32_t target_count, target_room;
	struct sc_plan_slot *slots;
	uint32_t slot_count, slot_room;
};

struct sc_plan {
	struct sc_arena arena;
	struct sc_plan_module *modules; /* modules of the start first, in their order */
	uint32_t module_count, module_room;
	uint32_t first_index; /* number of the first stub, as code has it */
	bool clock;	      /* frame stubs of the clock variant */
	struct sc_plan_index *index;
};

void sc_plan_start(struct sc_plan *plan, uint32_t first_index, bool clock);
void sc_plan_release(struct sc_plan *plan);

/* Each finds the thing or adds it; *out is its index. 0, -ENOMEM, or -E2BIG past 2^31 of anything. A module
 * is known by identity and ordinal (flags are or-ed), a target by module, name and version (the kind becomes
 * the greatest of DIRECT, TAIL, FRAME or CLOSURE, HOOK (also for both of FRAME and CLOSURE) that is asked for; the
 * first value and capture stay), a slot by module and offset (the first stays). Names and captures are copied.
 * Pointers into the plan hold until something of that kind is added. After -ENOMEM the plan is fit for
 * sc_plan_release only. */
int sc_plan_module(struct sc_plan *plan, const uint8_t identity[16], uint32_t ordinal, const char *name, uint32_t flags,
		   uint32_t *out);
int sc_plan_target(struct sc_plan *plan, uint32_t module, const struct sc_plan_target *target, uint32_t *out);
int sc_plan_slot(struct sc_plan *plan, uint32_t module, const struct sc_plan_slot *slot);

/* Notes where a module of the plan is loaded. */
void sc_plan_locate(struct sc_plan_module *module, const struct sc_module *loaded);

/* Adds all that an image knows (sc_image_open has accepted it). Start modules must come from the first image merged
 * (they keep their order). Of a module with two contexts, the first one's SC_IMAGE_SLOT_CONTEXT slots stay. */
int sc_plan_merge_image(struct sc_plan *plan, const struct sc_image *image);

/* Stubs: targets of any kind but DIRECT. Slots of all modules. */
uint32_t sc_plan_functions(const struct sc_plan *plan);
uint32_t sc_plan_slots(const struct sc_plan *plan);

#endif
