/* SPDX-License-Identifier: MIT */
/*
 * Owns the growing plan and the index that finds what is already in it. Does not own what a plan means: who
 * gets a stub is decided in select.c, what a stub looks like in emit.c, where it lies in generator.c.
 * Called by select.c, by engine.c when it merges images, and by tests.
 */
#include "engine/plan.h"

#include <errno.h>
#include <string.h>

#include "common/hash.h"

#define MOST ((uint32_t)1 << 31)
#define TABLE_LEAST 64

/* Open addressing with linear probing. The hash is kept, so that growing looks at no name again. */
struct entry {
	uint32_t hash;
	uint32_t module;
	uint32_t number; /* of the thing within its module, plus 1; 0: free */
};

struct table {
	struct entry *entries;
	uint32_t count;
	uint32_t room; /* a power of two, or 0 */
};

struct sc_plan_index {
	struct table modules, targets, slots;
};

void sc_plan_start(struct sc_plan *plan, uint32_t first_index, bool clock)
{
	*plan = (struct sc_plan){ .first_index = first_index, .clock = clock };
}

void sc_plan_release(struct sc_plan *plan)
{
	sc_arena_release(&plan->arena);
	*plan = (struct sc_plan){ .clock = false };
}

/* The entry with this hash from *at on, or the free one that ends the search. */
static struct entry *probe(const struct table *table, uint32_t hash, uint32_t *at)
{
	for (;; ++*at) {
		struct entry *entry = &table->entries[*at & (table->room - 1)];

		if (entry->number == 0 || entry->hash == hash)
			return entry;
	}
}

static void put(struct table *table, struct entry new)
{
	uint32_t at = new.hash;

	while (table->entries[at & (table->room - 1)].number)
		at++;
	table->entries[at & (table->room - 1)] = new;
}

/* Makes room for one more: at most two thirds are ever in use, so probes stay short and always end. */
static int table_grow(struct sc_arena *arena, struct table *table)
{
	struct table larger = { .count = table->count, .room = table->room ? 2 * table->room : TABLE_LEAST };

	if (table->count < table->room / 3 * 2)
		return 0;
	larger.entries = sc_arena_array(arena, larger.room, sizeof(struct entry));
	if (!larger.entries)
		return -ENOMEM;
	for (uint32_t i = 0; i < table->room; i++)
		if (table->entries[i].number)
			put(&larger, table->entries[i]);
	*table = larger;
	return 0;
}

static void table_add(struct table *table, uint32_t hash, uint32_t module, uint32_t index)
{
	put(table, (struct entry){ .hash = hash, .module = module, .number = index + 1 });
	table->count++;
}

/* Room for one more item. The old array stays in the arena until the plan is released. */
static int array_grow(struct sc_arena *arena, void **items, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t larger = *room ? 2 * *room : 8;
	void *moved;

	if (count < *room)
		return 0;
	if (count >= MOST)
		return -E2BIG;
	moved = sc_arena_array(arena, larger, size);
	if (!moved)
		return -ENOMEM;
	if (count)
		memcpy(moved, *items, count * size);
	*items = moved;
	*room = larger;
	return 0;
}

static int index_make(struct sc_plan *plan)
{
	if (!plan->index)
		plan->index = sc_arena_alloc(&plan->arena, sizeof(*plan->index));
	return plan->index ? 0 : -ENOMEM;
}

static uint32_t module_hash(const uint8_t identity[16], uint32_t ordinal)
{
	return (uint32_t)sc_hash64(identity, 16) + ordinal * 0x9e3779b1u;
}

static uint32_t target_hash(uint32_t module, const char *name, const char *version)
{
	uint64_t both = sc_hash64(name, strlen(name)) * 31 + sc_hash64(version, strlen(version));

	return (uint32_t)(both ^ both >> 32) + module * 0x9e3779b1u;
}

static uint32_t slot_hash(uint32_t module, uint32_t offset)
{
	uint64_t both = ((uint64_t)module << 32 | offset) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(both >> 32);
}

/* Adds what was not found. */
static int module_add(struct sc_plan *plan, const struct sc_plan_module *wanted, uint32_t hash)
{
	struct sc_plan_module *module;
	void *items = plan->modules;
	int error;

	error = array_grow(&plan->arena, &items, plan->module_count, &plan->module_room, sizeof(*module));
	if (error)
		return error;
	plan->modules = items;
	module = &plan->modules[plan->module_count];
	*module = *wanted;
	module->name = sc_arena_string(&plan->arena, wanted->name, strlen(wanted->name));
	if (!module->name)
		return -ENOMEM;
	table_add(&plan->index->modules, hash, 0, plan->module_count);
	plan->module_count++;
	return 0;
}

int sc_plan_module(struct sc_plan *plan, const uint8_t identity[16], uint32_t ordinal, const char *name, uint32_t flags,
		   uint32_t *out)
{
	struct sc_plan_module wanted = { .name = name, .flags = flags, .ordinal = ordinal };
	uint32_t hash = module_hash(identity, ordinal), at = hash;
	const struct entry *entry;
	int error;

	if (index_make(plan) < 0 || table_grow(&plan->arena, &plan->index->modules) < 0)
		return -ENOMEM;
	for (; (entry = probe(&plan->index->modules, hash, &at))->number; at++) {
		struct sc_plan_module *module = &plan->modules[entry->number - 1];

		if (module->ordinal != ordinal || memcmp(module->identity, identity, sizeof(module->identity)) != 0)
			continue;
		module->flags |= flags;
		*out = entry->number - 1;
		return 0;
	}
	memcpy(wanted.identity, identity, sizeof(wanted.identity));
	error = module_add(plan, &wanted, hash);
	if (!error)
		*out = plan->module_count - 1;
	return error;
}

void sc_plan_locate(struct sc_plan_module *module, const struct sc_module *loaded)
{
	module->base = (uint8_t *)loaded->start;
	module->size = loaded->end - loaded->start;
	module->bias = loaded->base;
}

static unsigned rank(uint16_t kind)
{
	static const uint8_t ranks[] = { [SC_IMAGE_DIRECT] = 0, [SC_IMAGE_TAIL] = 1, [SC_IMAGE_FRAME] = 2,
					 [SC_IMAGE_CLOSURE] = 2, [SC_IMAGE_HOOK] = 3 };

	return ranks[kind];
}

/* What is asked for again: more can be asked of a target, never less. */
static void target_add_wish(struct sc_plan_target *target, const struct sc_plan_target *wish)
{
	if (rank(wish->kind) > rank(target->kind))
		target->kind = wish->kind;
	else if (rank(wish->kind) == rank(target->kind) && wish->kind != target->kind)
		target->kind = SC_IMAGE_HOOK; /* a closure that is timed */
	if (target->wrapper == 0)
		target->wrapper = wish->wrapper;
	target->flags |= wish->flags & SC_IMAGE_TARGET_REPLACE;
}

/* Whether the target has a copy of its own now, if one is wanted. */
static bool target_keep_capture(struct sc_plan *plan, struct sc_plan_target *target, const struct sc_capture *capture)
{
	void *copy;

	if (!capture || target->capture)
		return true;
	copy = sc_arena_alloc(&plan->arena, sc_capture_size(capture));
	if (copy)
		memcpy(copy, capture, sc_capture_size(capture));
	target->capture = copy;
	return copy != NULL;
}

static int target_add(struct sc_plan *plan, struct sc_plan_module *module, const struct sc_plan_target *wanted)
{
	struct sc_plan_target *target;
	void *items = module->targets;
	int error;

	error = array_grow(&plan->arena, &items, module->target_count, &module->target_room, sizeof(*target));
	if (error)
		return error;
	module->targets = items;
	target = &module->targets[module->target_count];
	*target = *wanted;
	target->name = sc_arena_string(&plan->arena, wanted->name, strlen(wanted->name));
	target->version = sc_arena_string(&plan->arena, wanted->version, strlen(wanted->version));
	target->capture = NULL;
	if (!target->name || !target->version || !target_keep_capture(plan, target, wanted->capture))
		return -ENOMEM;
	module->target_count++;
	return 0;
}

int sc_plan_target(struct sc_plan *plan, uint32_t module, const struct sc_plan_target *wanted, uint32_t *out)
{
	uint32_t hash = target_hash(module, wanted->name, wanted->version), at = hash;
	struct sc_plan_module *definer = &plan->modules[module];
	const struct entry *entry;
	int error;

	error = table_grow(&plan->arena, &plan->index->targets);
	if (error)
		return error;
	for (; (entry = probe(&plan->index->targets, hash, &at))->number; at++) {
		struct sc_plan_target *target = &definer->targets[entry->number - 1];

		if (entry->module != module || strcmp(target->name, wanted->name) != 0 ||
		    strcmp(target->version, wanted->version) != 0)
			continue;
		target_add_wish(target, wanted);
		if (!target_keep_capture(plan, target, wanted->capture))
			return -ENOMEM;
		*out = entry->number - 1;
		return 0;
	}
	error = target_add(plan, definer, wanted);
	if (error)
		return error;
	*out = definer->target_count - 1;
	table_add(&plan->index->targets, hash, module, *out);
	return 0;
}

int sc_plan_slot(struct sc_plan *plan, uint32_t module, const struct sc_plan_slot *slot)
{
	uint32_t hash = slot_hash(module, slot->offset), at = hash;
	struct sc_plan_module *owner = &plan->modules[module];
	void *items = owner->slots;
	const struct entry *entry;
	int error;

	error = table_grow(&plan->arena, &plan->index->slots);
	if (error)
		return error;
	for (; (entry = probe(&plan->index->slots, hash, &at))->number; at++)
		if (entry->module == module && owner->slots[entry->number - 1].offset == slot->offset)
			return 0;
	error = array_grow(&plan->arena, &items, owner->slot_count, &owner->slot_room, sizeof(*slot));
	if (error)
		return error;
	owner->slots = items;
	owner->slots[owner->slot_count] = *slot;
	table_add(&plan->index->slots, hash, module, owner->slot_count++);
	return 0;
}

uint32_t sc_plan_functions(const struct sc_plan *plan)
{
	uint32_t functions = 0;

	for (uint32_t m = 0; m < plan->module_count; m++)
		for (uint32_t t = 0; t < plan->modules[m].target_count; t++)
			functions += plan->modules[m].targets[t].kind != SC_IMAGE_DIRECT;
	return functions;
}

uint32_t sc_plan_slots(const struct sc_plan *plan)
{
	uint32_t slots = 0;

	for (uint32_t m = 0; m < plan->module_count; m++)
		slots += plan->modules[m].slot_count;
	return slots;
}
