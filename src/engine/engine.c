/* SPDX-License-Identifier: MIT */
/*
 * Owns the engine's entry and the order of its work: select, plan, write. Called by the preload (generate.c) through
 * struct sc_engine_api.
 */
#include "engine/engine.h"

#include <errno.h>
#include <string.h>

#include "engine/image_write.h"
#include "engine/plan.h"
#include "engine/select.h"

static int generate(struct sc_engine_request *request)
{
	struct sc_plan plan;
	struct sc_image_write write = {
		.plan = &plan,
		.registry = request->registry,
		.key = request->key,
		.components = request->components,
		.component_count = request->component_count,
		.fd = request->fd,
		.failure = request->failure,
		.failure_size = sizeof(request->failure),
	};
	int r;

	memset(&request->selection, 0, sizeof(request->selection));
	request->failure[0] = 0;
	sc_plan_start(&plan, request->first_index, request->clock);
	r = sc_select(request, &plan);
	if (r == 0)
		r = sc_image_write(&write);
	sc_plan_release(&plan);
	return r;
}

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

static int merge(struct sc_engine_merge *merge)
{
	struct sc_engine_component components[1024];
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
	r = 0;
	sc_plan_start(&plan, 0, merge->clock);
	for (uint32_t i = 0; i < merge->image_count && r == 0; i++)
		r = sc_plan_merge_image(&plan, merge->images[i]);
	if (r == 0)
		r = sc_image_write(&write);
	merge->functions = sc_plan_functions(&plan);
	merge->slots = sc_plan_slots(&plan);
	sc_plan_release(&plan);
	return r;
}

__attribute__((visibility("default"))) const struct sc_engine_api *stubcache_engine(uint32_t version);

const struct sc_engine_api *stubcache_engine(uint32_t version)
{
	static struct sc_engine_api api = {
		.version = SC_ENGINE_VERSION,
		.size = sizeof(api),
		.generate = generate,
		.merge = merge,
		.suggest = sc_select_suggest,
	};

	api.generator = sc_generator_functions();
	return version == SC_ENGINE_VERSION ? &api : NULL;
}
