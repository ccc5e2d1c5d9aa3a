/* SPDX-License-Identifier: MIT */
/* Owns what the fuzz targets share (fuzz.h). */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_promise(int kept, const char *what, const char *file, int line)
{
	if (kept)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

static size_t walk_plan(const struct sc_image *image, const struct sc_image_plan *plan)
{
	const struct sc_image_target *targets = sc_image_targets(plan);
	const struct sc_image_slot *slots = sc_image_slots(plan);
	size_t sum = 0;

	for (uint32_t i = 0; i < plan->target_count; i++) {
		sum += strlen(sc_image_string(image, targets[i].name));
		sum += strlen(sc_image_string(image, targets[i].symbol_version));
		if (targets[i].kind != SC_IMAGE_DIRECT)
			sum += image->base[targets[i].code] + image->base[targets[i].word + 7u];
	}
	for (uint32_t i = 0; i < plan->slot_count; i++)
		sum += sc_image_targets(sc_image_plan(image, slots[i].module))[slots[i].target].kind;
	return sum;
}

size_t fuzz_walk(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;
	const struct sc_image_target *target;
	uint32_t module;
	size_t sum = 0;

	for (uint32_t m = 0; m < header->module_count; m++) {
		sum += strlen(sc_image_string(image, image->modules[m].name));
		if (sc_image_plan(image, m))
			sum += walk_plan(image, sc_image_plan(image, m));
	}
	for (uint32_t i = 0; i < header->portion_count; i++)
		if (image->portions[i].size)
			sum += image->base[image->portions[i].offset + (size_t)image->portions[i].size - 1];
	for (uint32_t i = 0; i < header->component_count; i++)
		sum += strlen(sc_image_string(image, image->components[i].name));
	for (uint32_t i = 0; i < header->stub_count && i < 1000; i++)
		if (sc_image_stub(image, i, &module, &target))
			sum += target->kind;
	return sum;
}
