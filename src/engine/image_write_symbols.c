/* SPDX-License-Identifier: MIT */
/*
 * Owns the names that tools see: one symbol a stub, function@library@version, in .dynsym (which profilers read
 * from what is mapped) and .symtab. Nothing of ours reads them. Called by image_write.c.
 *
 * Both symbol tables use .dynstr: the whole file is checked at each start, so names are stored once.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "common/hash.h"
#include "engine/image_write_internal.h"

#define SONAME_PREFIX "stubcache-"
#define SONAME_SIZE (sizeof(SONAME_PREFIX) - 1 + 32 + sizeof(".so"))

static uint64_t name_room(const struct sc_plan_module *module, const struct sc_plan_target *target)
{
	return strlen(target->name) + 1 + strlen(module->name) + 1 + strlen(target->version) + 1;
}

static char *append(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length + 1);
	return at + length;
}

static void put_name(char *at, const struct sc_plan_module *module, const struct sc_plan_target *target)
{
	at = append(at, target->name);
	at = append(at, "@");
	at = append(at, module->name);
	if (target->version[0]) {
		at = append(at, "@");
		append(at, target->version);
	}
}

static uint32_t add_soname(struct sc_image_build *build)
{
	char soname[SONAME_SIZE] = SONAME_PREFIX;
	struct sc_hash128 key;

	memcpy(key.bytes, build->header.key, sizeof(key.bytes));
	sc_hash128_hex(&key, soname + sizeof(SONAME_PREFIX) - 1);
	memcpy(soname + SONAME_SIZE - sizeof(".so"), ".so", sizeof(".so"));
	return sc_strings_add(&build->symbol_strings, soname);
}

/* Room for all names, and for the longest while it is put together. */
static int make_room(struct sc_image_build *build, char **longest)
{
	uint64_t bytes = SONAME_SIZE, most = 0;
	int error;

	for (uint32_t m = 0; m < build->plan->module_count; m++) {
		const struct sc_plan_module *module = &build->plan->modules[m];

		for (uint32_t t = 0; t < module->target_count; t++) {
			uint64_t room = name_room(module, &module->targets[t]);

			bytes += room;
			most = room > most ? room : most;
		}
	}
	error = sc_strings_start(&build->symbol_strings, build->arena, (uint64_t)build->function_count + 1, bytes);
	if (error)
		return error;
	*longest = sc_arena_alloc(build->arena, most);
	build->symbol_names = sc_arena_array(build->arena, build->function_count, sizeof(*build->symbol_names));
	return *longest && build->symbol_names ? 0 : -ENOMEM;
}

static uint32_t bucket_count(const struct sc_image_build *build)
{
	return build->function_count / 2 + 1;
}

int sc_image_symbols_place(struct sc_image_build *build)
{
	uint32_t next = 0, symbols;
	char *name;
	int error;

	build->function_count = sc_plan_functions(build->plan);
	error = make_room(build, &name);
	if (error)
		return error;
	build->soname = add_soname(build);
	for (uint32_t m = 0; m < build->plan->module_count; m++) {
		const struct sc_plan_module *module = &build->plan->modules[m];

		for (uint32_t t = 0; t < module->target_count; t++) {
			if (module->targets[t].kind == SC_IMAGE_DIRECT)
				continue;
			put_name(name, module, &module->targets[t]);
			build->symbol_names[next++] = sc_strings_add(&build->symbol_strings, name);
		}
	}
	symbols = build->function_count + 1; /* the first is none */
	sc_part_place(build, SC_PART_DYNSYM, (uint64_t)symbols * sizeof(Elf64_Sym), 8);
	sc_part_place(build, SC_PART_DYNSTR, build->symbol_strings.size, 1);
	sc_part_place(build, SC_PART_HASH, (2 + (uint64_t)bucket_count(build) + symbols) * sizeof(uint32_t), 8);
	return 0;
}

static void fill_symbols(const struct sc_image_build *build)
{
	Elf64_Sym *symbol = sc_part_bytes(build, SC_PART_DYNSYM);
	uint16_t section = (uint16_t)sc_image_elf_section(build, SC_PART_TEXT);
	uint32_t next = 0;

	for (uint32_t m = 0; m < build->plan->module_count; m++) {
		const struct sc_plan_module *module = &build->plan->modules[m];

		for (uint32_t t = 0; t < module->target_count; t++) {
			if (module->targets[t].kind == SC_IMAGE_DIRECT)
				continue;
			*++symbol = (Elf64_Sym){
				.st_name = build->symbol_names[next++],
				.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
				.st_other = STV_DEFAULT,
				.st_shndx = section,
				.st_value = build->generators[m].stubs[t].code,
				.st_size = sc_image_stub_size(module->targets[t].kind),
			};
		}
	}
}

/* System V ABI, "Hash Table". */
static uint32_t hash_of(const char *name)
{
	uint32_t hash = 0;

	for (; *name; name++) {
		uint32_t top;

		hash = (hash << 4) + (unsigned char)*name;
		top = hash & 0xf0000000;
		hash ^= top >> 24;
		hash &= ~top;
	}
	return hash;
}

static void fill_hash(const struct sc_image_build *build)
{
	uint32_t *table = sc_part_bytes(build, SC_PART_HASH);
	uint32_t buckets = bucket_count(build);
	uint32_t *bucket = table + 2, *chain = bucket + buckets;

	table[0] = buckets;
	table[1] = build->function_count + 1;
	for (uint32_t i = 0; i < build->function_count; i++) {
		const char *name = build->symbol_strings.text + build->symbol_names[i];
		uint32_t *head = &bucket[hash_of(name) % buckets];

		chain[i + 1] = *head;
		*head = i + 1;
	}
}

void sc_image_symbols_fill(struct sc_image_build *build)
{
	fill_symbols(build);
	memcpy(sc_part_bytes(build, SC_PART_DYNSTR), build->symbol_strings.text, build->symbol_strings.size);
	fill_hash(build);
}
