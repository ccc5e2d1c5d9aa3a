/* SPDX-License-Identifier: MIT */
/*
 * Owns the set of distinct stacks: addresses of processes become addresses in files, and stacks that are the same then
 * are one, of whatever thread or process they are. Called by report_gather.c.
 */
#include "cmd/stack_set.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

int sc_stack_set_open(struct sc_stack_set *set, bool demangle)
{
	*set = (struct sc_stack_set){ .symbols = sc_symbols_open(demangle), .started = UINT64_MAX };
	return set->symbols ? 0 : -ENOMEM;
}

static void keep_it(void *node)
{
	(void)node;
}

void sc_stack_set_release(struct sc_stack_set *set)
{
	tdestroy(set->location_index, free);
	tdestroy(set->sample_index, keep_it);
	for (size_t i = 0; i < set->sample_count; i++) {
		free(set->samples[i]->locations);
		free(set->samples[i]);
	}
	for (size_t i = 0; i < set->mapping_count; i++)
		free(set->mappings[i].path);
	free(set->samples);
	free(set->mappings);
	free(set->locations);
	sc_symbols_close(set->symbols);
	*set = (struct sc_stack_set){ 0 };
}

/* Numbers of mappings are those of the symbols, which gives them out in order. */
static int find_mapping(struct sc_stack_set *set, const struct sc_stack_module *module)
{
	int number = sc_symbols_module(set->symbols, module->path, module->build_id, module->build_id_size);
	struct sc_stack_mapping *mapping;

	if (number < 0 || (size_t)number < set->mapping_count)
		return number;
	if (sc_report_grow(&set->mappings, set->mapping_count, sizeof(*set->mappings)))
		return -ENOMEM;
	mapping = &set->mappings[set->mapping_count];
	*mapping = (struct sc_stack_mapping){ .path = strdup(module->path), .build_id_size = module->build_id_size,
					      .start = module->start, .end = module->end, .base = module->base };
	if (!mapping->path)
		return -ENOMEM;
	memcpy(mapping->build_id, module->build_id, sizeof(mapping->build_id));
	set->mapping_count++;
	return number;
}

struct place_key {
	int mapping;
	uint32_t number;
	uint64_t address;
};

static int compare_keys(const void *a, const void *b)
{
	const struct place_key *first = a, *second = b;

	if (first->mapping != second->mapping)
		return first->mapping < second->mapping ? -1 : 1;
	return first->address < second->address ? -1 : first->address > second->address;
}

static int add_location(struct sc_stack_set *set, const struct place_key *key)
{
	struct sc_stack_location *location;

	if (sc_report_grow(&set->locations, set->location_count, sizeof(*set->locations)))
		return -ENOMEM;
	location = &set->locations[set->location_count];
	*location = (struct sc_stack_location){ .mapping = key->mapping, .address = key->address };
	if (key->mapping >= 0) {
		location->place = sc_symbols_find(set->symbols, key->mapping, key->address);
		if (!location->place)
			return -ENOMEM;
	}
	set->location_count++;
	return 0;
}

/* The location of the call that returns to an address. */
static int find_location(struct sc_stack_set *set, const struct sc_record_stacks *stacks, uint64_t address,
			 uint32_t *out)
{
	const struct sc_stack_module *module = sc_record_stacks_module(stacks, address - 1);
	struct place_key *key = malloc(sizeof(*key)), **node;

	if (!key)
		return -ENOMEM;
	*key = (struct place_key){ .mapping = module ? find_mapping(set, module) : -1,
				   .number = (uint32_t)set->location_count,
				   .address = address - 1 - (module ? module->base : 0) };
	if (module && key->mapping < 0) {
		free(key);
		return -ENOMEM;
	}
	node = tsearch(key, &set->location_index, compare_keys);
	if (!node || *node != key)
		free(key);
	if (!node)
		return -ENOMEM;
	*out = (*node)->number;
	return *out < set->location_count ? 0 : add_location(set, *node);
}

static int compare_samples(const void *a, const void *b)
{
	const struct sc_stack_sample *first = a, *second = b;

	if (first->row != second->row)
		return (uintptr_t)first->row < (uintptr_t)second->row ? -1 : 1;
	if (first->depth != second->depth || first->cut != second->cut)
		return first->depth * 2 + first->cut < second->depth * 2 + second->cut ? -1 : 1;
	return first->depth ? memcmp(first->locations, second->locations, first->depth * sizeof(*first->locations)) : 0;
}

/* The sample's own, or one that is the same and was there before; it is the set's then. */
static int put_sample(struct sc_stack_set *set, struct sc_stack_sample *sample)
{
	struct sc_stack_sample **node;

	if (sc_report_grow(&set->samples, set->sample_count, sizeof(struct sc_stack_sample *)))
		return -ENOMEM;
	node = tsearch(sample, &set->sample_index, compare_samples);
	if (!node)
		return -ENOMEM;
	if (*node == sample) {
		set->samples[set->sample_count++] = sample;
		return 0;
	}
	(*node)->calls += sample->calls;
	(*node)->bytes += sample->bytes;
	(*node)->ns += sample->ns;
	free(sample->locations);
	free(sample);
	return 0;
}

static int add_stack(struct sc_stack_set *set, const struct sc_record_stacks *stacks, const struct sc_stack *stack,
		     const struct sc_report_row *row, double ns_per_tick)
{
	struct sc_stack_sample *sample = malloc(sizeof(*sample));
	uint32_t *locations = reallocarray(NULL, stack->depth + 1, sizeof(*locations));
	int r = sample && locations ? 0 : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < stack->depth; i++)
		r = find_location(set, stacks, stack->frames[i], &locations[i]);
	if (r == 0) {
		*sample = (struct sc_stack_sample){ .row = row, .cut = stack->cut, .depth = stack->depth,
						    .locations = locations, .calls = stack->calls,
						    .bytes = stack->bytes, .ns = (double)stack->ticks * ns_per_tick };
		r = put_sample(set, sample);
	}
	if (r) {
		free(locations);
		free(sample);
	}
	return r;
}

int sc_stack_set_add(struct sc_stack_set *set, struct sc_report *report, struct sc_named_images *images,
		     const struct sc_record_file *record, const void *bytes, size_t size, double ns_per_tick,
		     const char **damage)
{
	struct sc_record_stacks stacks;
	const char *why;
	int r = sc_record_stacks_parse(&stacks, bytes, size, &why);

	if (r)
		return r == -ENOMEM ? r : 0; /* who has read the record has said so */
	/* The program comes first, as readers of profiles expect. */
	if (stacks.stack_count && stacks.module_count && find_mapping(set, &stacks.modules[0]) < 0)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < stacks.stack_count; i++) {
		const struct sc_stack *stack = &stacks.stacks[i];
		const struct sc_report_row *row;

		if (stack->index >= record->stub_count)
			continue;
		row = sc_report_function_row(report, images, record, stack->index);
		r = row ? add_stack(set, &stacks, stack, row, ns_per_tick) : -ENOMEM;
	}
	if (record->header.start_realtime < set->started)
		set->started = record->header.start_realtime;
	*damage = stacks.damage;
	sc_record_stacks_release(&stacks);
	return r;
}

uint64_t sc_stack_value(const struct sc_stack_sample *sample, enum sc_stack_metric metric)
{
	if (metric == SC_STACK_BYTES)
		return sample->bytes;
	if (metric == SC_STACK_TIME)
		return sample->ns < 9e18 ? (uint64_t)(sample->ns + 0.5) : (uint64_t)9e18;
	return sample->calls;
}

const char *sc_stack_unknown(const struct sc_stack_location *location, char text[32])
{
	snprintf(text, 32, "0x%" PRIx64, location->address + 1);
	return text;
}
