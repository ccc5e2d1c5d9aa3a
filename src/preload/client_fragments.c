/* SPDX-License-Identifier: MIT */
/*
 * Owns the answer to dr_fragment_persistable for images that are mapped. What is being generated is known to the engine
 * (src/engine/generator_answer.c), which answers meanwhile. Called by clients through the registry.
 */
#include "preload/client_fragments.h"

#include "preload/generator.h"

/* Of a module that is bound: what slots held before. */
static bool is_bound(const struct sc_mapped_image *mapped, uint32_t m, uintptr_t tag)
{
	const struct sc_image_plan *plan = sc_image_plan(&mapped->image, m);

	if (!plan || mapped->modules[m] == UINT32_MAX)
		return false;
	for (uint32_t i = 0; i < plan->target_count; i++)
		if (sc_image_targets(plan)[i].kind != SC_IMAGE_DIRECT && mapped->originals[plan->first_index + i] == tag)
			return true;
	return false;
}

/* Of a module whose portions are being resurrected: the generator's come last. */
static bool is_planned(const struct sc_generator_load *load, uint32_t m, uintptr_t tag)
{
	const struct sc_image_plan *plan = sc_image_plan(&load->mapped->image, m);

	for (uint32_t i = 0; plan && i < plan->target_count; i++) {
		const struct sc_image_target *target = &sc_image_targets(plan)[i];
		uintptr_t address = load->base + target->value;

		if (target->kind == SC_IMAGE_DIRECT)
			continue;
		if (target->flags & SC_IMAGE_TARGET_IFUNC)
			address = ((uintptr_t(*)(void))address)();
		if (address == tag)
			return true;
	}
	return false;
}

bool sc_client_fragment_persistable(void *perscxt, const void *tag)
{
	const struct sc_persist_context *context = perscxt;

	if (context)
		return context->generator && is_planned(context->generator, context->module, (uintptr_t)tag);
	for (uint32_t i = 0; i < sc_image_count(); i++)
		for (uint32_t m = 0; m < sc_image_at(i)->image.header->module_count; m++)
			if (is_bound(sc_image_at(i), m, (uintptr_t)tag))
				return true;
	return false;
}
