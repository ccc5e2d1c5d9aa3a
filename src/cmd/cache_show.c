/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache cache show`: an image as text or json. It disassembles nothing; it names what
 * objdump needs. Called by cache.c.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cache.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "common/hash.h"

static const char *kind_name(unsigned kind)
{
	static const char *const names[] = { "?", "tail", "frame", "direct", "hook", "closure" };

	return names[kind <= SC_IMAGE_CLOSURE ? kind : 0];
}

static const char *component_name(unsigned kind)
{
	static const char *const names[] = { "?", "format", "rules", "preload", "engine", "cpu", "module", "client",
					     "prototypes" };

	return names[kind <= SC_IMAGE_PROTOTYPES ? kind : 0];
}

static const char *section_name(unsigned section)
{
	static const char *const names[] = { "?", "ro", "rx", "rw" };

	return names[section <= SC_IMAGE_RW ? section : 0];
}

static const char *hex(const uint8_t bytes[16], char out[33])
{
	struct sc_hash128 hash;

	memcpy(hash.bytes, bytes, sizeof(hash.bytes));
	sc_hash128_hex(&hash, out);
	return out;
}

/* How many slots lead to each stub, by stub index; NULL when memory is short. */
static uint32_t *count_slots(const struct sc_image *image)
{
	uint32_t *counts = calloc((size_t)image->header->stub_count + 1, sizeof(*counts));

	for (uint32_t i = 0; counts && i < image->header->module_count; i++) {
		const struct sc_image_plan *plan = sc_image_plan(image, i);

		for (uint32_t j = 0; plan && j < plan->slot_count; j++) {
			const struct sc_image_slot *slot = &sc_image_slots(plan)[j];

			counts[sc_image_plan(image, slot->module)->first_index + slot->target]++;
		}
	}
	return counts;
}

static void show_head(const struct sc_cache_file *file)
{
	const struct sc_image *image = &file->image;
	const struct sc_image_header *header = image->header;
	char digits[33];

	printf("image       %s\n", file->path);
	printf("state       %s\n", file->reason ? file->reason : "good");
	printf("key         %s\n", hex(header->key, digits));
	printf("id          %s\n", hex(header->id, digits));
	printf("size        %" PRIu64 " bytes, %" PRIu64 " loaded: r 0, rx 0x%x, rw 0x%x; page size %u\n",
	       header->file_size, header->load_size, header->rx_offset, header->rw_offset, header->page_size);
	printf("stubs       %u, slots %u, modules %u (%u at start)\n", header->stub_count, header->slot_count,
	       header->module_count, header->startup_modules);
	printf("\nthe key is made of\n");
	for (uint32_t i = 0; i < header->component_count; i++)
		printf("  %-8s  %s  %s\n", component_name(image->components[i].kind),
		       hex(image->components[i].digest, digits), sc_image_string(image, image->components[i].name));
}

static void show_target(const struct sc_image *image, const struct sc_image_target *target, const char *library,
			uint32_t slots)
{
	const char *version = sc_image_string(image, target->symbol_version);

	printf("    %s@%s%s%s  %s%s", sc_image_string(image, target->name), library, *version ? "@" : "", version,
	       kind_name(target->kind), target->flags & SC_IMAGE_TARGET_IFUNC ? ", ifunc" : "");
	if (target->kind != SC_IMAGE_DIRECT)
		printf(", code 0x%x, word 0x%x", target->code, target->word);
	printf(", slots %u\n", slots);
}

/* Which of the namespaces of dlmopen, by what was loaded first there: KIND-NUMBER; "" for the program's own. */
static const char *namespace(uint32_t ordinal, char out[16])
{
	out[0] = 0;
	if (SC_IMAGE_ORDINAL_KIND(ordinal))
		snprintf(out, 16, "%04x-%u", SC_IMAGE_ORDINAL_KIND(ordinal), SC_IMAGE_ORDINAL_NUMBER(ordinal));
	return out;
}

static void show_module(const struct sc_image *image, uint32_t number, const uint32_t *slots)
{
	const struct sc_image_module *module = &image->modules[number];
	const struct sc_image_plan *plan = sc_image_plan(image, number);
	const char *name = sc_image_string(image, module->name);
	char digits[33], space[16];

	printf("  %s  %s%s", name, hex(module->identity, digits),
	       module->flags & SC_IMAGE_MODULE_STARTUP ? ", at start" : "");
	if (SC_IMAGE_ORDINAL_KIND(module->ordinal))
		printf(", namespace %s", namespace(module->ordinal, space));
	if (SC_IMAGE_ORDINAL_COPY(module->ordinal))
		printf(", copy %u", SC_IMAGE_ORDINAL_COPY(module->ordinal));
	printf(", %u targets, %u slots\n", plan ? plan->target_count : 0, plan ? plan->slot_count : 0);
	for (uint32_t i = 0; plan && i < plan->target_count; i++)
		show_target(image, &sc_image_targets(plan)[i], name, slots[plan->first_index + i]);
	for (uint32_t i = module->first_portion; i < module->first_portion + module->portion_count; i++)
		if (image->portions[i].client)
			printf("    client %u, %s at 0x%x, %u bytes\n", image->portions[i].client,
			       section_name(image->portions[i].section), image->portions[i].offset,
			       image->portions[i].size);
}

/* One command for the code of each module's generator portion: more would be as many as stubs. */
static void show_objdump(const struct sc_cache_file *file)
{
	const struct sc_image *image = &file->image;

	printf("\nto disassemble\n");
	for (uint32_t i = 0; i < image->header->portion_count; i++) {
		const struct sc_image_portion *portion = &image->portions[i];

		if (portion->section == SC_IMAGE_RX && portion->size)
			printf("  objdump -d --start-address=0x%x --stop-address=0x%x '%s'  # %s\n", portion->offset,
			       portion->offset + portion->size, file->path,
			       sc_image_string(image, image->modules[portion->module].name));
	}
}

static void show_text(const struct sc_cache_file *file, const uint32_t *slots)
{
	show_head(file);
	printf("\nmodules and the functions they define\n");
	for (uint32_t i = 0; i < file->image.header->module_count; i++)
		show_module(&file->image, i, slots);
	show_objdump(file);
}

/* Names of programs, libraries and functions may be no UTF-8. */
static json_t *string_json(const struct sc_image *image, uint32_t string)
{
	return sc_json_string(sc_image_string(image, string));
}

static json_t *target_json(const struct sc_image *image, const struct sc_image_target *target, uint32_t slots)
{
	return json_pack("{s:o, s:o, s:s, s:b, s:i, s:i, s:i, s:i}", "function", string_json(image, target->name),
			 "version", string_json(image, target->symbol_version), "kind", kind_name(target->kind),
			 "ifunc", !!(target->flags & SC_IMAGE_TARGET_IFUNC), "code", (int)target->code, "size",
			 (int)sc_image_stub_size(target->kind), "word", (int)target->word, "slots", (int)slots);
}

static json_t *module_json(const struct sc_image *image, uint32_t number, const uint32_t *slots)
{
	const struct sc_image_module *module = &image->modules[number];
	const struct sc_image_plan *plan = sc_image_plan(image, number);
	json_t *targets = json_array();
	char digits[33], space[16];

	for (uint32_t i = 0; plan && i < plan->target_count; i++)
		json_array_append_new(targets, target_json(image, &sc_image_targets(plan)[i],
							   slots[plan->first_index + i]));
	return json_pack("{s:o, s:s, s:b, s:s, s:i, s:i, s:o}", "name", string_json(image, module->name),
			 "identity", hex(module->identity, digits), "startup",
			 !!(module->flags & SC_IMAGE_MODULE_STARTUP), "namespace", namespace(module->ordinal, space),
			 "copy", (int)SC_IMAGE_ORDINAL_COPY(module->ordinal), "slots",
			 plan ? (int)plan->slot_count : 0, "targets", targets);
}

static json_t *portions_json(const struct sc_image *image)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < image->header->portion_count; i++) {
		const struct sc_image_portion *portion = &image->portions[i];

		json_array_append_new(array, json_pack("{s:o, s:s, s:i, s:i, s:i, s:i}", "module",
						       string_json(image, image->modules[portion->module].name),
						       "section", section_name(portion->section), "client",
						       (int)portion->client, "registration",
						       (int)portion->registration, "offset", (int)portion->offset,
						       "size", (int)portion->size));
	}
	return array;
}

static void show_json(const struct sc_cache_file *file, const uint32_t *slots)
{
	const struct sc_image *image = &file->image;
	const struct sc_image_header *header = image->header;
	json_t *modules = json_array(), *components = json_array(), *root;
	char key[33], id[33], digits[33];

	for (uint32_t i = 0; i < header->module_count; i++)
		json_array_append_new(modules, module_json(image, i, slots));
	for (uint32_t i = 0; i < header->component_count; i++)
		json_array_append_new(components, json_pack("{s:s, s:o, s:s}", "kind",
							    component_name(image->components[i].kind), "name",
							    string_json(image, image->components[i].name),
							    "digest", hex(image->components[i].digest, digits)));
	root = json_pack("{s:o, s:s*, s:s, s:s, s:I, s:I, s:i, s:i, s:i, s:o, s:o, s:o}", "path",
			 sc_json_string(file->path), "bad",
			 file->reason, "key", hex(header->key, key), "id", hex(header->id, id), "size",
			 (json_int_t)header->file_size, "loaded", (json_int_t)header->load_size, "rx",
			 (int)header->rx_offset, "rw", (int)header->rw_offset, "stubs", (int)header->stub_count,
			 "components", components, "modules", modules, "portions", portions_json(image));
	json_dumpf(root, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(root);
}

static int show(const char *name, bool json)
{
	struct sc_cache_file file;
	uint32_t *slots = NULL;
	struct sc_store store;
	char *full;
	int r;

	sc_cache_open_store(&store);
	full = sc_cache_find(&store, name);
	if (!full)
		return SC_CMD_FOUND;
	r = sc_cache_read(&store, full, &file);
	if (r == 0 && file.opened)
		slots = count_slots(&file.image);
	if (r)
		sc_cmd_error("cannot read '%s': %s", full, strerror(-r));
	else if (!file.opened)
		sc_cmd_error("cannot use '%s': %s", full, file.reason);
	else if (!slots)
		sc_cmd_error("out of memory");
	else if (json)
		show_json(&file, slots);
	else
		show_text(&file, slots);
	r = slots && !file.reason ? SC_CMD_OK : SC_CMD_FOUND;
	free(slots);
	sc_cache_release(&file);
	free(full);
	return r;
}

int sc_cmd_cache_show(int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' },
					       { "json", no_argument, NULL, 'j' },
					       { NULL, 0, NULL, 0 } };
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'h')
			return sc_cmd_cache_help();
		if (option != 'j')
			return sc_cmd_usage("cache");
		json = true;
	}
	if (optind + 1 != argc) {
		sc_cmd_error("cache show takes one image");
		return sc_cmd_usage("cache");
	}
	return sc_cmd_finish(show(argv[optind], json));
}
