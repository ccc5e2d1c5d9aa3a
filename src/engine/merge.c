/* SPDX-License-Identifier: MIT */
/*
 * Owns the merging of images: their plans are added up (plan_merge.c), and the clients' portions are made anew, from
 * what the older image had and from what the clients know now. Called by the preload through struct sc_engine_api.
 *
 *	module of the plan	clients
 *	loaded			func_resurrect of what the older image has, func_size, func_persist
 *	not loaded		nobody is asked: their portions are copied from the first image that has some
 */
#include "engine/merge.h"

#include <errno.h>
#include <string.h>

#include "engine/image_write.h"
#include "engine/plan.h"

/* The key's components are those of the first image. */
static int copy_components(const struct sc_image *image, struct sc_engine_component *out, uint32_t most)
{
	uint32_t count = image->header->component_count;

	if (count > most)
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++) {
		out[i].kind = image->components[i].kind;
		out[i].name = sc_image_string(image, image->components[i].name);
		memcpy(out[i].digest, image->components[i].digest, sizeof(out[i].digest));
	}
	return (int)count;
}

static bool is_module(const uint8_t a[16], uint32_t a_ordinal, const uint8_t b[16], uint32_t b_ordinal)
{
	return a_ordinal == b_ordinal && memcmp(a, b, 16) == 0;
}

static const struct sc_module *find_loaded(const struct sc_engine_merge *merge, const uint8_t identity[16],
					   uint32_t ordinal)
{
	for (uint32_t i = 0; i < merge->module_count; i++) {
		const struct sc_module *module = &merge->modules[i];

		if (!(module->flags & SC_MODULE_GONE) &&
		    is_module(module->identity, module->ordinal, identity, ordinal))
			return module;
	}
	return NULL;
}

static bool has_client_portions(const struct sc_image *image, const struct sc_image_module *module)
{
	for (uint32_t p = 0; p < module->portion_count; p++)
		if (image->portions[module->first_portion + p].client != 0)
			return true;
	return false;
}

/* What the first image that has some knows of a module that is not loaded. */
static int find_older(struct sc_plan *plan, const struct sc_engine_merge *merge, struct sc_plan_module *of)
{
	for (uint32_t i = 0; i < merge->image_count; i++) {
		const struct sc_image *image = merge->images[i];

		for (uint32_t m = 0; merge->files[i] && m < image->header->module_count; m++) {
			const struct sc_image_module *module = &image->modules[m];
			struct sc_persist_older *older;

			if (!is_module(module->identity, module->ordinal, of->identity, of->ordinal) ||
			    !has_client_portions(image, module))
				continue;
			older = sc_arena_alloc(&plan->arena, sizeof(*older));
			if (!older)
				return -ENOMEM;
			older->file = merge->files[i];
			older->portions = &image->portions[module->first_portion];
			older->count = module->portion_count;
			of->older = older;
			return 0;
		}
	}
	return 0;
}

static int locate_modules(struct sc_plan *plan, const struct sc_engine_merge *merge)
{
	int r = 0;

	for (uint32_t m = 0; r == 0 && m < plan->module_count; m++) {
		struct sc_plan_module *module = &plan->modules[m];
		const struct sc_module *loaded = find_loaded(merge, module->identity, module->ordinal);

		if (loaded)
			sc_plan_locate(module, loaded);
		module->is_closed = !loaded || (loaded->flags & SC_MODULE_OURS);
		if (!loaded)
			r = find_older(plan, merge, module);
	}
	return r;
}

/* The older image's modules that are loaded. Its bytes are all in one mapping, made for this. */
static int prepare_older(struct sc_plan *plan, const struct sc_engine_merge *merge, struct sc_persist_load *load)
{
	const struct sc_image *image = merge->older;
	uint8_t *base = (uint8_t *)image->base;

	*load = (struct sc_persist_load){ .registry = merge->registry,
					  .bases = { base, base, base, base },
					  .image_modules = image->modules,
					  .portions = image->portions,
					  .failure = SC_PERSIST_NOWHERE };
	load->contexts = sc_arena_array(&plan->arena, image->header->module_count, sizeof(*load->contexts));
	if (!load->contexts)
		return -ENOMEM;
	for (uint32_t m = 0; m < image->header->module_count; m++) {
		const struct sc_image_module *module = &image->modules[m];
		const struct sc_module *loaded = find_loaded(merge, module->identity, module->ordinal);

		if (!loaded)
			continue;
		load->contexts[load->context_count++] = (struct sc_persist_context){
			.base = (uint8_t *)loaded->start,
			.size = loaded->end - loaded->start,
			.name = sc_image_string(image, module->name),
			.module = m,
		};
	}
	return 0;
}

static int merge_plans(struct sc_plan *plan, const struct sc_engine_merge *merge)
{
	int r = 0;

	for (uint32_t i = 0; i < merge->image_count && r == 0; i++)
		r = sc_plan_merge_image(plan, merge->images[i]);
	return r == 0 ? locate_modules(plan, merge) : r;
}

int sc_merge(struct sc_engine_merge *merge)
{
	struct sc_engine_component components[1024];
	struct sc_persist_load older;
	struct sc_plan plan;
	struct sc_image_write write = {
		.plan = &plan,
		.registry = merge->registry,
		.key = merge->key,
		.components = components,
		.fd = merge->fd,
		.failure = merge->failure,
		.failure_size = sizeof(merge->failure),
	};
	int r;

	if (merge->image_count == 0)
		return -EINVAL;
	r = copy_components(merge->images[0], components, sizeof(components) / sizeof(components[0]));
	if (r < 0)
		return r;
	write.component_count = (uint32_t)r;
	sc_plan_start(&plan, 0, merge->clock);
	r = merge_plans(&plan, merge);
	if (r == 0 && merge->older) {
		r = prepare_older(&plan, merge, &older);
		write.older = &older;
	}
	if (r == 0)
		r = sc_image_write(&write);
	merge->refused = write.refused;
	if (write.refused)
		merge->refusal = older.failure;
	merge->functions = sc_plan_functions(&plan);
	merge->slots = sc_plan_slots(&plan);
	sc_plan_release(&plan);
	return r;
}
