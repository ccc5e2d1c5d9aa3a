/* SPDX-License-Identifier: MIT */
/*
 * Owns the binding of images to modules, and the table from original to stub that dlsym asks. Called by start.c for
 * the first image and by dlwatch.c for what comes later.
 *
 * An original has one stub in a process, the first that was bound: a function pointer taken in one module must equal
 * that taken in another.
 */
#include "preload/activate.h"

#include <string.h>

#include "common/arena.h"
#include "common/persist.h"
#include "preload/attach.h"
#include "preload/generator.h"
#include "preload/hot.h"
#include "preload/image_clients.h"
#include "preload/modules.h"
#include "preload/record_map.h"
#include "preload/runtime.h"
#include "preload/wrappers.h"

struct pair {
	uintptr_t original, stub; /* original 0: free */
};

static struct {
	struct pair *pairs;
	size_t room; /* power of two, at most half full */
	size_t count;
	struct sc_arena arena;
	bool built;
} table SC_HOT;

static struct pair *table_at(uintptr_t original)
{
	size_t at = (original >> 4) * 0x9e3779b97f4a7c15u >> 16 & (table.room - 1);

	while (table.pairs[at].original && table.pairs[at].original != original)
		at = (at + 1) & (table.room - 1);
	return &table.pairs[at];
}

static bool table_grow(void)
{
	struct pair *old = table.pairs;
	size_t old_room = table.room, room = old_room ? old_room * 2 : 4096;
	struct pair *pairs = sc_arena_array(&table.arena, room, sizeof(*pairs));

	if (!pairs)
		return false;
	table.pairs = pairs;
	table.room = room;
	for (size_t i = 0; i < old_room; i++)
		if (old[i].original)
			*table_at(old[i].original) = old[i];
	return true;
}

/* The stub of an original: the one it has, or else this one. */
static uintptr_t table_unify(uintptr_t original, uintptr_t stub)
{
	struct pair *pair;

	if (table.count * 2 >= table.room && !table_grow())
		return stub;
	pair = table_at(original);
	if (!pair->original) {
		pair->original = original;
		pair->stub = stub;
		table.count++;
	} else if (!pair->stub) {
		pair->stub = stub; /* it was unloaded meanwhile */
	}
	return pair->stub;
}

static void table_enter(struct sc_mapped_image *mapped, uint32_t image_module)
{
	const struct sc_image_plan *plan = sc_image_plan(&mapped->image, image_module);

	if (!plan || mapped->modules[image_module] == UINT32_MAX)
		return;
	for (uint32_t i = plan->first_index; i < plan->first_index + plan->target_count; i++)
		if (mapped->originals[i])
			mapped->stubs[i] = table_unify(mapped->originals[i], mapped->stubs[i]);
}

static void table_build(void)
{
	if (table.built)
		return;
	table.built = true;
	for (uint32_t i = 0; i < sc_image_count(); i++)
		for (uint32_t m = 0; m < sc_image_at(i)->image.header->module_count; m++)
			table_enter(sc_image_at(i), m);
}

uintptr_t sc_activate_stub_of(uintptr_t original)
{
	table_build();
	return table.room ? table_at(original)->stub : 0;
}

static bool is_module(const struct sc_module *module, const struct sc_image_module *wanted)
{
	return module->ordinal == wanted->ordinal &&
	       memcmp(module->identity, wanted->identity, sizeof(module->identity)) == 0;
}

static uint32_t find_loaded(const struct sc_image_module *wanted)
{
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if (!(module->flags & SC_MODULE_GONE) && is_module(module, wanted))
			return i;
	}
	return UINT32_MAX;
}

#define FEW 16 /* modules, for which no mapping is made */

struct binding {
	uint32_t count;
	struct sc_persist_context *contexts;
	struct sc_generator_load *loads;
	struct sc_persist_context few_contexts[FEW];
	struct sc_generator_load few_loads[FEW];
};

/* An image may be whole and still speak of another module than the one that is loaded under its identity. IFUNC
 * resolvers are about to be called there. */
static bool targets_fit(const struct sc_image *image, uint32_t image_module, const struct sc_module *module)
{
	const struct sc_image_plan *plan = sc_image_plan(image, image_module);

	for (uint32_t i = 0; plan && i < plan->target_count; i++)
		if (!sc_module_has_code(module, module->base + sc_image_targets(plan)[i].value))
			return false;
	return true;
}

static void unbind(struct sc_mapped_image *mapped, const struct binding *binding)
{
	for (uint32_t i = 0; i < binding->count; i++)
		mapped->modules[binding->contexts[i].module] = UINT32_MAX;
	mapped->unbound = true;
}

static void renew(struct sc_mapped_image *mapped, const struct binding *binding)
{
	for (uint32_t i = 0; mapped->unbound && i < binding->count; i++)
		sc_image_clients_renew(mapped, binding->contexts[i].module);
}

/* Fills binding with the modules to bind; returns false, and why, when there is no memory or no sense. */
static bool find_modules(struct sc_mapped_image *mapped, struct binding *binding, struct sc_arena *arena,
			 const char **why)
{
	const struct sc_image_header *header = mapped->image.header;

	*why = "memory";
	binding->contexts = binding->few_contexts;
	binding->loads = binding->few_loads;
	if (header->module_count > FEW) {
		binding->contexts = sc_arena_array(arena, header->module_count, sizeof(binding->contexts[0]));
		binding->loads = sc_arena_array(arena, header->module_count, sizeof(binding->loads[0]));
		if (!binding->contexts || !binding->loads)
			return false;
	}
	*why = "target-outside-module";
	for (uint32_t m = 0; m < header->module_count; m++) {
		struct sc_persist_context *context = &binding->contexts[binding->count];
		struct sc_generator_load *load = &binding->loads[binding->count];
		const struct sc_module *module;
		uint32_t at;

		if (mapped->modules[m] != UINT32_MAX)
			continue;
		/* Start modules are the key's, in its order (but for the vdso, which neither lists). */
		at = m < header->startup_modules && m < sc_modules.count &&
				     is_module(&sc_modules.list[m], &mapped->image.modules[m]) ?
			     m :
			     find_loaded(&mapped->image.modules[m]);
		if (at == UINT32_MAX)
			continue;
		module = &sc_modules.list[at];
		if (!targets_fit(&mapped->image, m, module))
			return false;
		mapped->modules[m] = at;
		*load = (struct sc_generator_load){ .mapped = mapped, .base = module->base,
						    .space = module->space };
		*context = (struct sc_persist_context){ .base = (uint8_t *)module->start,
							.size = module->end - module->start,
							.name = sc_image_string(&mapped->image,
										mapped->image.modules[m].name),
							.generator = load,
							.module = m };
		binding->count++;
	}
	return true;
}

static uint32_t stubs_of(const struct sc_mapped_image *mapped, uint32_t m)
{
	const struct sc_image_plan *plan = sc_image_plan(&mapped->image, m);
	uint32_t n = 0;

	for (uint32_t t = 0; plan && t < plan->target_count; t++)
		n += sc_image_targets(plan)[t].kind != SC_IMAGE_DIRECT;
	return n;
}

/* A module that the image knows from another context is still to be planned. */
static void attach(struct sc_mapped_image *mapped, uint32_t m)
{
	struct sc_module *module = &sc_modules.list[mapped->modules[m]];
	uint32_t elsewhere = sc_runtime.slots.elsewhere, attached = sc_runtime.slots.attached;

	if (module->flags & SC_MODULE_OURS)
		return; /* it turned out to have a replacement in it */
	sc_attach_module(mapped, m, module->flags & SC_MODULE_STARTUP ? 0 : sc_modules_context(module->space),
			 &sc_runtime.slots);
	module->attached += sc_runtime.slots.attached - attached;
	if (sc_runtime.slots.elsewhere == elsewhere)
		module->image_module = m;
}

/* The image of a warm start: what later modules get from it was not generated either. */
static bool is_from_store(const struct sc_mapped_image *mapped)
{
	return mapped == sc_image_at(0) && (sc_runtime.state == SC_STATE_WARM || sc_runtime.state == SC_STATE_MERGED);
}

static void attach_bound(struct sc_mapped_image *mapped, const struct binding *binding)
{
	for (uint32_t i = 0; i < binding->count; i++) {
		uint32_t m = binding->contexts[i].module;

		if (table.built || sc_image_count() > 1)
			table_enter(mapped, m);
	}
	/* A module's slots lead to targets of others: all are entered before any is attached. */
	for (uint32_t i = 0; i < binding->count; i++) {
		uint32_t m = binding->contexts[i].module;

		attach(mapped, m);
		sc_runtime.functions += stubs_of(mapped, m);
		if (is_from_store(mapped))
			sc_runtime.resurrected += stubs_of(mapped, m);
	}
}

static const char *describe_refusal(const struct sc_mapped_image *mapped, enum sc_persist_reason reason,
				    const struct sc_persist_failure *failure)
{
	static char text[200];
	const struct sc_image *image = &mapped->image;
	const char *module = "-";

	if (failure->module < image->header->module_count)
		module = sc_image_string(image, image->modules[failure->module].name);
	sc_persist_describe(reason, failure, module, text, sizeof(text));
	return text;
}

bool sc_activate(struct sc_mapped_image *mapped, const char **why)
{
	const struct sc_image *image = &mapped->image;
	struct sc_arena arena = { 0 };
	struct binding binding;
	struct sc_persist_load load = {
		.registry = sc_persist_registry(),
		.bases = { .ro = mapped->base, .rx = mapped->base, .rw = mapped->base },
		.image_modules = image->modules,
		.portions = image->portions,
	};
	enum sc_persist_reason reason = SC_PERSIST_OK;
	bool ok = false;

	if (mapped->clients.code)
		load.bases.rx_clients = mapped->clients.code - mapped->clients.file_offset;
	binding.count = 0;
	if (!find_modules(mapped, &binding, &arena, why)) {
		unbind(mapped, &binding);
		goto out;
	}
	load.contexts = binding.contexts;
	load.context_count = binding.count;
	if (binding.count == 0) {
		ok = true;
		goto out;
	}
	if (sc_image_count() > 1)
		table_build();
	renew(mapped, &binding);
	reason = sc_persist_load(&load);
	if (reason != SC_PERSIST_OK) {
		unbind(mapped, &binding);
		*why = describe_refusal(mapped, reason, &load.failure);
		goto out;
	}
	attach_bound(mapped, &binding);
	sc_persist_load_activated(&load);
	ok = true;
out:
	sc_arena_release(&arena);
	return ok;
}

static void forget_range(const struct sc_module *module)
{
	for (size_t i = 0; i < table.room; i++)
		if (table.pairs[i].original >= module->start && table.pairs[i].original < module->end)
			table.pairs[i].stub = 0;
}

void sc_activate_forget_gone(void)
{
	for (uint32_t i = 0; i < sc_image_count(); i++) {
		struct sc_mapped_image *mapped = sc_image_at(i);

		for (uint32_t m = 0; m < mapped->image.header->module_count; m++) {
			struct sc_module *module;

			if (mapped->modules[m] == UINT32_MAX)
				continue;
			module = &sc_modules.list[mapped->modules[m]];
			if (!(module->flags & SC_MODULE_GONE))
				continue;
			sc_runtime.slots.attached -= module->attached;
			module->attached = 0;
			forget_range(module);
			sc_wrapper_forget(module);
			mapped->modules[m] = UINT32_MAX;
			mapped->unbound = true;
			sc_runtime.functions -= stubs_of(mapped, m);
			if (is_from_store(mapped))
				sc_runtime.resurrected -= stubs_of(mapped, m);
		}
	}
}
