/* SPDX-License-Identifier: MIT */
/*
 * Owns the engine's entry and the order of its work: select, plan, write. Called by the preload (generate.c) through
 * struct sc_engine_api.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/image_write.h"
#include "engine/merge.h"
#include "engine/plan.h"
#include "engine/select.h"

/* Who failed without a word had no memory, or found more than there is room for. */
static int explained(int r, char *failure, size_t size)
{
	if (r < 0 && !failure[0])
		snprintf(failure, size, "cannot plan an image: %s", strerrordesc_np(-r));
	return r;
}

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
	return explained(r, request->failure, sizeof(request->failure));
}

static int merge(struct sc_engine_merge *merge)
{
	merge->failure[0] = 0;
	return explained(sc_merge(merge), merge->failure, sizeof(merge->failure));
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
