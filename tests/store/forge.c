/* SPDX-License-Identifier: MIT */
/*
 * Images with the right owner and a right checksum that lie: each number in their tables in turn is given values that
 * no honest image has there. A process that starts with one rejects it, or is not harmed by it. (Numbers that are in
 * range and wrong are not tried: who may write such an image may write code into it.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "store_fixture.h"
#include "victim.h"

struct forger {
	const char *path;
	unsigned char *honest, *forged;
	size_t size;
	struct sc_image image;
	unsigned starts, rejected, wrong;
};

/* Starts with what is in forged, and makes it honest again. */
static void try_it(struct forger *f, const char *what, unsigned number, uint64_t value)
{
	struct victim_end end;

	sc_store_checksum_set(f->forged, f->size);
	victim_write(f->path, f->forged, f->size);
	victim_start(&end);
	f->starts++;
	f->rejected += strstr(end.reason, "image rejected: ") != NULL;
	if (!end.unharmed) {
		printf("wrong: %s %u with %#llx: the host was harmed, status %#x\n", what, number,
		       (unsigned long long)value, (unsigned)end.status);
		f->wrong++;
	}
	if (strcmp(end.state, "off") == 0 || (end.state[0] != 'w' && !end.reason[0])) {
		printf("wrong: %s %u with %#llx: state '%s', reason '%s'\n", what, number, (unsigned long long)value,
		       end.state, end.reason);
		f->wrong++;
	}
	memcpy(f->forged, f->honest, f->size);
}

static void put32(struct forger *f, const char *what, const void *honest, uint32_t value)
{
	size_t offset = (size_t)((const unsigned char *)honest - f->honest);

	if (memcmp(honest, &value, sizeof(value)) == 0)
		return;
	memcpy(f->forged + offset, &value, sizeof(value));
	try_it(f, what, (unsigned)offset, value);
}

static void put64(struct forger *f, const char *what, const void *honest, uint64_t value)
{
	size_t offset = (size_t)((const unsigned char *)honest - f->honest);

	memcpy(f->forged + offset, &value, sizeof(value));
	try_it(f, what, (unsigned)offset, value);
}

/* Offsets, counts and sizes: none, one less or more, beyond all, negative. */
static void lie(struct forger *f, const char *what, const uint32_t *honest)
{
	const uint32_t values[] = { 0, *honest - 1, *honest + 1, *honest + 4096, 0x7fffffff, 0x80000000, UINT32_MAX };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		put32(f, what, honest, values[i]);
}

static void lie_in_table(struct forger *f, const char *what, const void *table, size_t size)
{
	const uint32_t *numbers = table;

	for (size_t i = 0; i < size / sizeof(*numbers); i++)
		lie(f, what, &numbers[i]);
}

static void forge_targets(struct forger *f, const struct sc_image_plan *plan)
{
	const struct sc_image_target *targets = sc_image_targets(plan);
	static const uint64_t values[] = { 0, 1, 64, 1ull << 32, 1ull << 47, INT64_MAX, 1ull << 63, UINT64_MAX };

	for (uint32_t i = 0; i < plan->target_count; i++) {
		const struct sc_image_target *target = &targets[i];

		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
			put64(f, "target value", &target->value, values[v]);
		lie(f, "target name", &target->name);
		lie(f, "target version", &target->symbol_version);
		put32(f, "target code", &target->code, target->code + 1);
		put32(f, "target code", &target->code, 0);
		put32(f, "target code", &target->code, f->image.header->rw_offset);
		put32(f, "target code", &target->code, UINT32_MAX);
		put32(f, "target word", &target->word, target->word + 1);
		put32(f, "target word", &target->word, f->image.header->rx_offset);
		put32(f, "target word", &target->word, UINT32_MAX - 7);
		for (uint32_t kind = 3; kind < 0x10000; kind += 0x3fff)
			put32(f, "target kind", &target->kind, kind);
		put32(f, "target wrapper", &target->wrapper, 1000);
		put32(f, "target wrapper", &target->wrapper, UINT32_MAX);
	}
}

static void forge_slots(struct forger *f, const struct sc_image_plan *plan)
{
	const struct sc_image_slot *slots = sc_image_slots(plan);

	for (uint32_t i = 0; i < plan->slot_count; i++) {
		lie(f, "slot offset", &slots[i].offset);
		put32(f, "slot module", &slots[i].module, f->image.header->module_count);
		put32(f, "slot module", &slots[i].module, UINT32_MAX);
		lie(f, "slot flags", &slots[i].flags);
		put32(f, "slot target", &slots[i].target, 100000);
		put32(f, "slot target", &slots[i].target, UINT32_MAX);
	}
}

static void forge(struct forger *f)
{
	const struct sc_image_header *header = f->image.header;

	lie_in_table(f, "header", header, sizeof(*header));
	lie_in_table(f, "modules", f->image.modules, header->module_count * sizeof(*f->image.modules));
	lie_in_table(f, "portions", f->image.portions, header->portion_count * sizeof(*f->image.portions));
	lie_in_table(f, "components", f->image.components, sizeof(*f->image.components));
	for (uint32_t m = 0; m < header->module_count; m++) {
		const struct sc_image_plan *plan = sc_image_plan(&f->image, m);

		if (!plan)
			continue;
		lie_in_table(f, "plan", plan, sizeof(*plan));
		forge_targets(f, plan);
		forge_slots(f, plan);
	}
}

int main(void)
{
	struct forger f = { 0 };
	struct victim_end end;
	const char *why;

	victim_make(fixture_make());
	victim_start(&end);
	f.path = victim_image();
	if (!end.unharmed || !f.path) {
		printf("no image: %s: %s\n", end.state, end.reason);
		return 99;
	}
	f.honest = victim_read(f.path, &f.size);
	f.forged = victim_read(f.path, &f.size);
	if (sc_image_open(&f.image, f.honest, f.size, &why) < 0)
		return 99;
	forge(&f);
	printf("%u starts with a lying image: rejected %u times, harmless else\n", f.starts, f.rejected);
	free(f.honest);
	free(f.forged);
	fixture_remove();
	return f.wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
