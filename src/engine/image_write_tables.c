/* SPDX-License-Identifier: MIT */
/*
 * Owns our own view of an image (common/image.h): the header, the tables behind it, their strings. What is in the
 * portions is their clients' (the stub generator's: generator.c). Called by image_write.c.
 */
#include <string.h>

#include "engine/image_write_internal.h"

static int strings_room(struct sc_image_build *build)
{
	const struct sc_image_write *write = build->write;
	uint64_t count = write->component_count, bytes = 0;

	for (uint32_t i = 0; i < write->component_count; i++)
		bytes += strlen(write->components[i].name) + 1;
	for (uint32_t m = 0; m < build->plan->module_count; m++) {
		const struct sc_plan_module *module = &build->plan->modules[m];

		count += 1 + 2 * (uint64_t)module->target_count;
		bytes += strlen(module->name) + 1;
		for (uint32_t t = 0; t < module->target_count; t++)
			bytes += strlen(module->targets[t].name) + strlen(module->targets[t].version) + 2;
	}
	return sc_strings_start(&build->strings, build->arena, count, bytes);
}

/* Names of modules and components are looked up again when their tables are written. */
static int gather_strings(struct sc_image_build *build)
{
	int error = strings_room(build);

	if (error)
		return error;
	for (uint32_t i = 0; i < build->write->component_count; i++)
		sc_strings_add(&build->strings, build->write->components[i].name);
	for (uint32_t m = 0; m < build->plan->module_count; m++) {
		const struct sc_plan_module *module = &build->plan->modules[m];
		struct sc_generator_stub *stubs = build->generators[m].stubs;

		sc_strings_add(&build->strings, module->name);
		for (uint32_t t = 0; t < module->target_count; t++) {
			stubs[t].name = sc_strings_add(&build->strings, module->targets[t].name);
			stubs[t].version = sc_strings_add(&build->strings, module->targets[t].version);
		}
	}
	return 0;
}

/* Portions get the room they may need: how many there will be is known only when the clients were asked. */
int sc_image_tables_place(struct sc_image_build *build)
{
	struct sc_image_header *header = &build->header;
	uint64_t modules = (build->head_size + 7) & ~7ull, portions, components, strings;
	int error = gather_strings(build);

	if (error)
		return error;
	portions = modules + build->plan->module_count * (uint64_t)sizeof(struct sc_image_module);
	components = portions + build->generation.portion_most * (uint64_t)sizeof(struct sc_image_portion);
	strings = components + build->write->component_count * (uint64_t)sizeof(struct sc_image_component);
	header->modules_offset = (uint32_t)modules;
	header->portions_offset = (uint32_t)portions;
	header->components_offset = (uint32_t)components;
	header->strings_offset = (uint32_t)strings;
	header->module_count = build->plan->module_count;
	header->component_count = build->write->component_count;
	header->strings_size = build->strings.size;
	sc_part_place(build, SC_PART_TABLES, strings + build->strings.size - modules, 8);
	return 0;
}

static uint32_t startup_modules(const struct sc_plan *plan)
{
	uint32_t count = 0;

	while (count < plan->module_count && (plan->modules[count].flags & SC_IMAGE_MODULE_STARTUP))
		count++;
	return count;
}

void sc_image_tables_fill_header(struct sc_image_build *build)
{
	const struct sc_persist_extent *sections = build->generation.sections;
	struct sc_image_header *header = &build->header;

	memcpy(header->magic, SC_IMAGE_MAGIC, sizeof(header->magic));
	header->version = SC_IMAGE_VERSION;
	header->header_size = sizeof(*header);
	header->load_size = sections[SC_IMAGE_RW].end;
	header->rx_offset = sections[SC_IMAGE_RX].offset;
	header->rw_offset = sections[SC_IMAGE_RW].offset;
	header->page_size = build->page_size;
	header->portion_count = build->generation.portion_count;
	header->slot_count = sc_plan_slots(build->plan);
	header->startup_modules = startup_modules(build->plan);
}

void sc_image_tables_fill(struct sc_image_build *build)
{
	const struct sc_image_header *header = &build->header;
	struct sc_image_module *modules = (void *)(build->head + header->modules_offset);
	struct sc_image_component *components = (void *)(build->head + header->components_offset);

	memcpy(build->head + SC_IMAGE_HEADER_OFFSET, header, sizeof(*header));
	for (uint32_t m = 0; m < header->module_count; m++) {
		const struct sc_plan_module *module = &build->plan->modules[m];

		memcpy(modules[m].identity, module->identity, sizeof(modules[m].identity));
		modules[m].name = sc_strings_add(&build->strings, module->name);
		modules[m].flags = module->flags;
		modules[m].ordinal = module->ordinal;
	}
	sc_persist_generate_sort(&build->generation, (void *)(build->head + header->portions_offset), modules,
				 header->module_count);
	for (uint32_t i = 0; i < header->component_count; i++) {
		const struct sc_engine_component *component = &build->write->components[i];

		components[i].kind = component->kind;
		components[i].name = sc_strings_add(&build->strings, component->name);
		memcpy(components[i].digest, component->digest, sizeof(components[i].digest));
	}
	memcpy(build->head + header->strings_offset, build->strings.text, build->strings.size);
}
