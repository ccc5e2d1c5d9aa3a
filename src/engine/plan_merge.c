/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from an image back to a plan: what images know is added up, and written as one new image. Does
 * not own the image's checks: whoever opened it has made them (common/image.c). Called by engine.c and tests.
 *
 * The image's numbers of modules and targets mean nothing in the plan, so they are translated: a module's
 * through modules[], a target's through targets[starts[module] + target].
 */
#include <errno.h>

#include "engine/plan.h"

struct translation {
	uint32_t *modules;
	uint32_t *starts;
	uint32_t *targets;
};

/* starts[] is counted here and not taken from first_index: nobody has checked that these do not overlap. */
static int translation_make(struct sc_plan *plan, const struct sc_image *image, struct translation *out)
{
	uint32_t count = image->header->module_count;
	uint64_t targets = 0;

	out->modules = sc_arena_array(&plan->arena, count, sizeof(*out->modules));
	out->starts = sc_arena_array(&plan->arena, count, sizeof(*out->starts));
	if (!out->modules || !out->starts)
		return -ENOMEM;
	for (uint32_t m = 0; m < count; m++) {
		const struct sc_image_plan *old = sc_image_plan(image, m);

		out->starts[m] = (uint32_t)targets;
		targets += old ? old->target_count : 0;
		if (targets > (uint32_t)1 << 31)
			return -E2BIG;
	}
	out->targets = sc_arena_array(&plan->arena, targets, sizeof(*out->targets));
	return out->targets ? 0 : -ENOMEM;
}

static int merge_modules(struct sc_plan *plan, const struct sc_image *image, struct translation *to)
{
	for (uint32_t m = 0; m < image->header->module_count; m++) {
		const struct sc_image_module *old = &image->modules[m];
		int error = sc_plan_module(plan, old->identity, old->ordinal, sc_image_string(image, old->name),
					   old->flags, &to->modules[m]);

		if (error)
			return error;
	}
	return 0;
}

static int merge_targets(struct sc_plan *plan, const struct sc_image *image, uint32_t m, struct translation *to)
{
	const struct sc_image_plan *old = sc_image_plan(image, m);
	const struct sc_image_capture *capture = old ? sc_image_captures(old) : NULL;
	const struct sc_image_capture *end = old ? capture + old->capture_count : NULL;

	for (uint32_t t = 0; old && t < old->target_count; t++) {
		const struct sc_image_target *target = &sc_image_targets(old)[t];
		struct sc_plan_target wanted = {
			.name = sc_image_string(image, target->name),
			.version = sc_image_string(image, target->symbol_version),
			.value = target->value,
			.kind = target->kind,
			.flags = target->flags,
			.wrapper = target->wrapper,
			.capture = capture < end && capture->target == t ? sc_image_capture(old, capture++) : NULL,
		};
		int error = sc_plan_target(plan, to->modules[m], &wanted, &to->targets[to->starts[m] + t]);

		if (error)
			return error;
	}
	return 0;
}

static int merge_slots(struct sc_plan *plan, const struct sc_image *image, uint32_t m, const struct translation *to)
{
	struct sc_plan_module *module = &plan->modules[to->modules[m]];
	const struct sc_image_plan *old = sc_image_plan(image, m);

	if (!old)
		return 0;
	if (module->context == 0)
		module->context = old->context;
	for (uint32_t s = 0; s < old->slot_count; s++) {
		const struct sc_image_slot *slot = &sc_image_slots(old)[s];
		struct sc_plan_slot wanted = {
			.offset = slot->offset,
			.module = to->modules[slot->module],
			.target = to->targets[to->starts[slot->module] + slot->target],
			.flags = slot->flags,
		};
		int error;

		/* A module has one context in an image. Slots that hold in another only are left out: they
		 * would be taken for resolved where they are not. */
		if ((slot->flags & SC_IMAGE_SLOT_CONTEXT) && old->context != module->context)
			continue;
		error = sc_plan_slot(plan, to->modules[m], &wanted);
		if (error)
			return error;
	}
	return 0;
}

int sc_plan_merge_image(struct sc_plan *plan, const struct sc_image *image)
{
	struct translation to;
	int error;

	error = translation_make(plan, image, &to);
	if (!error)
		error = merge_modules(plan, image, &to);
	for (uint32_t m = 0; !error && m < image->header->module_count; m++)
		error = merge_targets(plan, image, m, &to);
	for (uint32_t m = 0; !error && m < image->header->module_count; m++)
		error = merge_slots(plan, image, m, &to);
	return error;
}
