/* SPDX-License-Identifier: MIT */
/*
 * Owns the decision whether the bytes of an image may be followed, and the accessors that follow
 * them. Does not own: where the bytes come from and whether their checksum is right (store.c,
 * image_load.c), what slots and stubs mean to a running process (the preload).
 *
 * Called by the preload on every warm start, before libc can be relied on: no libc call, no
 * allocation, no vector register, one pass over each table. Called by the command and by tests.
 *
 * Every number in the file is 32 bits wide but for the two sizes, so sums and products of them are
 * formed in 64 bits, where they cannot wrap.
 */
#include "common/image.h"

#include <errno.h>

#include "common/capture.h"
#include "x86_64/layout.h"

_Static_assert(sizeof(struct sc_image_header) == 152, "format version 2");
_Static_assert(sizeof(struct sc_image_module) == 40, "format version 2");
_Static_assert(sizeof(struct sc_image_portion) == 24, "format version 2");
_Static_assert(sizeof(struct sc_image_component) == 24, "format version 2");
_Static_assert(sizeof(struct sc_image_plan) == 40, "format version 2");
_Static_assert(sizeof(struct sc_image_target) == 32, "format version 2");
_Static_assert(sizeof(struct sc_image_slot) == 16, "format version 2");

#define GENERATOR 0 /* client number of the built-in stub generator */

/* Whether count items of a size lie, aligned, in [low, high). */
static bool table_fits(uint64_t offset, uint64_t count, uint64_t item, uint64_t alignment, uint64_t low, uint64_t high)
{
	return offset >= low && offset <= high && offset % alignment == 0 && count * item <= high - offset;
}

static uint64_t header_end(const struct sc_image_header *header)
{
	return SC_IMAGE_HEADER_OFFSET + (uint64_t)header->header_size;
}

static bool magic_ok(const struct sc_image_header *header)
{
	for (unsigned i = 0; i < sizeof(header->magic); i++)
		if (header->magic[i] != SC_IMAGE_MAGIC[i])
			return false;
	return true;
}

static bool segments_ok(const struct sc_image_header *header, uint64_t size)
{
	uint64_t page = header->page_size;

	if (page < 4096 || (page & (page - 1)))
		return false;
	if (header->load_size > size || header->load_size > UINT32_MAX || header->file_size < header->load_size)
		return false;
	if (header->rx_offset % page || header->rw_offset % page)
		return false;
	return header_end(header) <= header->rx_offset && header->rx_offset <= header->rw_offset &&
	       header->rw_offset <= header->load_size;
}

static bool strings_ok(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;

	if (header->strings_size == 0 || !table_fits(header->strings_offset, header->strings_size, 1, 1,
						      header_end(header), header->rx_offset))
		return false;
	return image->strings[0] == 0 && image->strings[header->strings_size - 1] == 0;
}

static bool modules_ok(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;

	if (!table_fits(header->modules_offset, header->module_count, sizeof(*image->modules), 4, header_end(header),
			header->rx_offset))
		return false;
	if (header->startup_modules > header->module_count)
		return false;
	for (uint32_t i = 0; i < header->module_count; i++) {
		const struct sc_image_module *module = &image->modules[i];

		if (module->name >= header->strings_size)
			return false;
		if ((uint64_t)module->first_portion + module->portion_count > header->portion_count)
			return false;
	}
	return true;
}

static bool portion_ok(const struct sc_image *image, uint32_t number)
{
	const struct sc_image_header *header = image->header;
	const struct sc_image_portion *portion = &image->portions[number];
	const struct sc_image_module *module;
	uint64_t low, high;

	switch (portion->section) {
	case SC_IMAGE_RO:
		low = header_end(header);
		high = header->rx_offset;
		break;
	case SC_IMAGE_RX:
		low = header->rx_offset;
		high = header->rw_offset;
		break;
	case SC_IMAGE_RW:
		low = header->rw_offset;
		high = header->load_size;
		break;
	default:
		return false;
	}
	if (!table_fits(portion->offset, portion->size, 1, 16, low, high) || portion->module >= header->module_count)
		return false;
	/* Each portion lies in the range its module names; counted against the total, that makes the
	 * ranges a partition, and a module's range holds nothing but its own. */
	module = &image->modules[portion->module];
	return number >= module->first_portion && number - module->first_portion < module->portion_count;
}

static bool portions_ok(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;
	uint64_t claimed = 0;

	if (!table_fits(header->portions_offset, header->portion_count, sizeof(*image->portions), 4,
			header_end(header), header->rx_offset))
		return false;
	for (uint32_t i = 0; i < header->module_count; i++)
		claimed += image->modules[i].portion_count;
	if (claimed != header->portion_count)
		return false;
	for (uint32_t i = 0; i < header->portion_count; i++)
		if (!portion_ok(image, i))
			return false;
	return true;
}

static bool components_ok(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;

	if (!table_fits(header->components_offset, header->component_count, sizeof(*image->components), 4,
			header_end(header), header->rx_offset))
		return false;
	for (uint32_t i = 0; i < header->component_count; i++)
		if (image->components[i].name >= header->strings_size)
			return false;
	return true;
}

/* The heads of all plans, before any slot is followed from one to another. */
static bool plans_ok(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;
	uint64_t slots = 0;

	for (uint32_t i = 0; i < header->module_count; i++) {
		const struct sc_image_portion *portion = sc_image_find_portion(image, i, GENERATOR, SC_IMAGE_RO);
		const struct sc_image_plan *plan = sc_image_plan(image, i);

		if (!plan)
			continue;
		if (portion->size < sizeof(*plan) ||
		    !table_fits(plan->targets_offset, plan->target_count, sizeof(struct sc_image_target), 8,
				sizeof(*plan), portion->size) ||
		    !table_fits(plan->slots_offset, plan->slot_count, sizeof(struct sc_image_slot), 4, sizeof(*plan),
				portion->size) ||
		    !table_fits(plan->captures_offset, plan->capture_count, sizeof(struct sc_image_capture), 4,
				sizeof(*plan), portion->size))
			return false;
		if ((uint64_t)plan->first_index + plan->target_count > header->stub_count)
			return false;
		/* 0: no stub in this module, only slots or direct targets. */
		if (plan->code_offset &&
		    !table_fits(plan->code_offset, 0, 1, 1, header->rx_offset, header->rw_offset))
			return false;
		if (plan->words_offset &&
		    !table_fits(plan->words_offset, 0, 1, 1, header->rw_offset, header->load_size))
			return false;
		slots += plan->slot_count;
	}
	return slots == header->slot_count;
}

static bool target_ok(const struct sc_image_header *header, const struct sc_image_target *target)
{
	uint32_t size;

	if (target->name >= header->strings_size || target->symbol_version >= header->strings_size)
		return false;
	switch (target->kind) {
	case SC_IMAGE_DIRECT:
		return target->code == 0 && target->word == 0;
	case SC_IMAGE_TAIL:
	case SC_IMAGE_FRAME:
	case SC_IMAGE_HOOK:
	case SC_IMAGE_CLOSURE:
		size = sc_image_stub_size(target->kind);
		return table_fits(target->code, size, 1, size, header->rx_offset, header->rw_offset) &&
		       table_fits(target->word, sc_image_words_size(target->kind), 1, 8, header->rw_offset,
				  header->load_size);
	default:
		return false;
	}
}

static bool targets_ok(const struct sc_image *image, const struct sc_image_plan *plan)
{
	const struct sc_image_target *targets = sc_image_targets(plan);

	for (uint32_t i = 0; i < plan->target_count; i++)
		if (!target_ok(image->header, &targets[i]))
			return false;
	return true;
}

static bool slots_ok(const struct sc_image *image, const struct sc_image_plan *plan)
{
	const struct sc_image_slot *slots = sc_image_slots(plan);
	uint32_t definer = UINT32_MAX; /* of the slot before: its plan need not be looked up again */
	uint32_t targets = 0;

	for (uint32_t i = 0; i < plan->slot_count; i++) {
		if (slots[i].module != definer) {
			const struct sc_image_plan *other;

			definer = slots[i].module;
			if (definer >= image->header->module_count)
				return false;
			other = sc_image_plan(image, definer);
			targets = other ? other->target_count : 0;
		}
		if (slots[i].target >= targets)
			return false;
	}
	return true;
}

static bool captures_ok(const struct sc_image *image, uint32_t module, const struct sc_image_plan *plan)
{
	const struct sc_image_portion *portion = sc_image_find_portion(image, module, GENERATOR, SC_IMAGE_RO);
	const struct sc_image_capture *captures = sc_image_captures(plan);

	for (uint32_t i = 0; i < plan->capture_count; i++) {
		if (captures[i].target >= plan->target_count || (i && captures[i].target <= captures[i - 1].target))
			return false;
		if (!table_fits(captures[i].offset, captures[i].size, 1, 8, sizeof(*plan), portion->size) ||
		    !sc_capture_check(sc_image_capture(plan, &captures[i]), captures[i].size))
			return false;
	}
	return true;
}

bool sc_image_client_code(const struct sc_image *image, uint32_t *start, uint32_t *end)
{
	uint32_t from = UINT32_MAX, to = 0;

	for (uint32_t i = 0; i < image->header->portion_count; i++) {
		const struct sc_image_portion *portion = &image->portions[i];

		if (portion->section != SC_IMAGE_RX || portion->client == GENERATOR)
			continue;
		from = portion->offset < from ? portion->offset : from;
		to = portion->offset + portion->size > to ? portion->offset + portion->size : to;
	}
	if (from == UINT32_MAX)
		return false;
	*start = from;
	*end = to;
	return true;
}

/* It is mapped elsewhere, by whole pages: no stub may be among it. */
static bool client_code_ok(const struct sc_image *image)
{
	uint32_t start, end;

	if (!sc_image_client_code(image, &start, &end))
		return true;
	if (start % image->header->page_size)
		return false;
	for (uint32_t m = 0; m < image->header->module_count; m++) {
		const struct sc_image_plan *plan = sc_image_plan(image, m);

		for (uint32_t i = 0; plan && i < plan->target_count; i++) {
			const struct sc_image_target *target = &sc_image_targets(plan)[i];

			if ((uint64_t)target->code + sc_image_stub_size(target->kind) > start)
				return false;
		}
	}
	return true;
}

/* The word for what is wrong, or NULL. Order matters: each check relies on those before it. */
static const char *check(const struct sc_image *image)
{
	if (!magic_ok(image->header))
		return "magic";
	if (image->header->version != SC_IMAGE_VERSION ||
	    image->header->header_size < sizeof(struct sc_image_header))
		return "version";
	if (!segments_ok(image->header, image->size))
		return "segments";
	if (!strings_ok(image))
		return "strings";
	if (!modules_ok(image))
		return "modules";
	if (!portions_ok(image))
		return "portions";
	if (!components_ok(image))
		return "components";
	if (!plans_ok(image))
		return "plan";
	for (uint32_t i = 0; i < image->header->module_count; i++) {
		const struct sc_image_plan *plan = sc_image_plan(image, i);

		if (plan && !targets_ok(image, plan))
			return "targets";
		if (plan && !slots_ok(image, plan))
			return "slots";
		if (plan && !captures_ok(image, i, plan))
			return "captures";
	}
	return client_code_ok(image) ? NULL : "client-code";
}

int sc_image_open(struct sc_image *out, const void *data, size_t size, const char **why)
{
	struct sc_image image = { .base = data, .size = size };
	const char *wrong = "magic";

	if (size >= SC_IMAGE_HEADER_OFFSET + sizeof(*image.header)) {
		const struct sc_image_header *header = (const void *)(image.base + SC_IMAGE_HEADER_OFFSET);

		/* Formed before they are checked, followed only after. */
		image.header = header;
		image.modules = (const void *)(image.base + header->modules_offset);
		image.portions = (const void *)(image.base + header->portions_offset);
		image.components = (const void *)(image.base + header->components_offset);
		image.strings = (const void *)(image.base + header->strings_offset);
		wrong = check(&image);
	}
	if (wrong) {
		*why = wrong;
		return -EINVAL;
	}
	*out = image;
	return 0;
}

const struct sc_image_portion *sc_image_find_portion(const struct sc_image *image, uint32_t module, uint32_t client,
						     enum sc_image_section section)
{
	const struct sc_image_module *of = &image->modules[module];

	for (uint32_t i = 0; i < of->portion_count; i++) {
		const struct sc_image_portion *portion = &image->portions[of->first_portion + i];

		if (portion->client == client && portion->section == section)
			return portion;
	}
	return NULL;
}

const struct sc_image_plan *sc_image_plan(const struct sc_image *image, uint32_t module)
{
	const struct sc_image_portion *portion = sc_image_find_portion(image, module, GENERATOR, SC_IMAGE_RO);

	return portion ? (const void *)(image->base + portion->offset) : NULL;
}

const struct sc_image_target *sc_image_targets(const struct sc_image_plan *plan)
{
	return (const void *)((const unsigned char *)plan + plan->targets_offset);
}

const struct sc_image_slot *sc_image_slots(const struct sc_image_plan *plan)
{
	return (const void *)((const unsigned char *)plan + plan->slots_offset);
}

const struct sc_image_capture *sc_image_captures(const struct sc_image_plan *plan)
{
	return (const void *)((const unsigned char *)plan + plan->captures_offset);
}

const struct sc_capture *sc_image_capture(const struct sc_image_plan *plan, const struct sc_image_capture *capture)
{
	return (const void *)((const unsigned char *)plan + capture->offset);
}

bool sc_image_stub(const struct sc_image *image, uint32_t index, uint32_t *module,
		   const struct sc_image_target **target)
{
	for (uint32_t i = 0; i < image->header->module_count; i++) {
		const struct sc_image_plan *plan = sc_image_plan(image, i);

		if (plan && index >= plan->first_index && index - plan->first_index < plan->target_count) {
			*module = i;
			*target = &sc_image_targets(plan)[index - plan->first_index];
			return true;
		}
	}
	return false;
}

uint32_t sc_image_stub_size(enum sc_image_target_kind kind)
{
	switch (kind) {
	case SC_IMAGE_TAIL:
	case SC_IMAGE_CLOSURE:
		return SC_TAIL_SIZE;
	case SC_IMAGE_FRAME:
	case SC_IMAGE_HOOK:
		return SC_CELL_SIZE;
	case SC_IMAGE_DIRECT:
		break;
	}
	return 0;
}

uint32_t sc_image_words_size(enum sc_image_target_kind kind)
{
	if (kind == SC_IMAGE_DIRECT)
		return 0;
	return kind == SC_IMAGE_CLOSURE ? 8 * SC_IMAGE_CLOSURE_WORDS : 8;
}
