/* SPDX-License-Identifier: MIT */
/*
 * Owns the answer to dr_fragment_persistable during a generation: whether a function is about to get a stub. What is in
 * use already is known to the preload (src/preload/client_fragments.c). Called by image_write.c, and by clients through
 * the registry.
 */
#include "engine/generator.h"

static struct {
	const struct sc_plan *plan;
	bool (*before)(void *perscxt, const void *tag);
} answering; /* one generation at a time (engine.h) */

static uintptr_t address_of(const struct sc_plan_module *module, const struct sc_plan_target *target)
{
	uintptr_t address = module->bias + target->value;

	if (target->flags & SC_IMAGE_TARGET_IFUNC)
		address = ((uintptr_t(*)(void))address)();
	return address;
}

static bool module_has(const struct sc_plan_module *module, uintptr_t tag)
{
	if (tag < (uintptr_t)module->base || tag - (uintptr_t)module->base >= module->size)
		return false;
	for (uint32_t i = 0; i < module->target_count; i++)
		if (module->targets[i].kind != SC_IMAGE_DIRECT && address_of(module, &module->targets[i]) == tag)
			return true;
	return false;
}

/* By its address and not by its number: that of a merge's perscxt is the older image's. */
static bool is_persistable(void *perscxt, const void *tag)
{
	const struct sc_persist_context *context = perscxt;

	if (!context)
		return answering.before && answering.before(NULL, tag);
	for (uint32_t m = 0; m < answering.plan->module_count; m++)
		if (answering.plan->modules[m].base == context->base &&
		    module_has(&answering.plan->modules[m], (uintptr_t)tag))
			return true;
	return false;
}

void sc_generator_answer_begin(struct sc_persist_registry *registry, const struct sc_plan *plan)
{
	answering.plan = plan;
	answering.before = registry->persistable;
	registry->persistable = is_persistable;
}

void sc_generator_answer_end(struct sc_persist_registry *registry)
{
	registry->persistable = answering.before;
}
