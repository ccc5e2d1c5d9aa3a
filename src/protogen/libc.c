/* SPDX-License-Identifier: MIT */
/*
 * Owns 00-libc.h: each function that the headers declare and the libraries export, as the compiler described the
 * sources of refs.c, with the types of all headers. Called by main.c.
 */
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/dwarf_c.h"
#include "cmd/dwarf_internal.h"
#include "protogen/protogen.h"

#define PREFIX "sc_ref_"

/* One pointer of the sources. */
struct ref {
	const char *function; /* as the headers call it */
	GElf_Addr address;
	const char *symbol; /* as the library calls it */
	Dwarf_Die type;
};

struct object {
	Elf *elf;
	Dwarf *dwarf;
	struct sc_declared_list declared;
	struct ref *refs;
	size_t count;
};

struct output {
	struct sc_dwarf_c *writer;
	struct sc_hints *hints;
	struct sc_exports exports;
	const char **written; /* names of what is declared already */
	size_t count;
};

static int by_function(const void *a, const void *b)
{
	return strcmp(((const struct ref *)a)->function, ((const struct ref *)b)->function);
}

static void read_refs(struct object *object, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 0; i < count; i++) {
		GElf_Sym symbol;
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol))
			continue;
		name = elf_strptr(object->elf, header->sh_link, symbol.st_name);
		if (!name || strncmp(name, PREFIX, strlen(PREFIX)))
			continue;
		object->refs = sc_protogen_grow(object->refs, object->count + 1, sizeof(*object->refs));
		object->refs[object->count++] =
			(struct ref){ .function = name + strlen(PREFIX), .address = symbol.st_value };
	}
	if (object->count)
		qsort(object->refs, object->count, sizeof(*object->refs), by_function);
}

static void set_symbol(struct object *object, GElf_Addr address, const char *symbol)
{
	for (size_t i = 0; i < object->count; i++)
		if (object->refs[i].address == address)
			object->refs[i].symbol = symbol;
}

static void read_relocations(struct object *object, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	Elf_Scn *symbols = elf_getscn(object->elf, header->sh_link);
	Elf_Data *symbol_data = symbols ? elf_getdata(symbols, NULL) : NULL;
	GElf_Shdr symbol_header;
	size_t count = data && symbol_data ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 0; i < count; i++) {
		GElf_Rela rela;
		GElf_Sym symbol;

		if (gelf_getrela(data, (int)i, &rela) && gelf_getshdr(symbols, &symbol_header) &&
		    gelf_getsym(symbol_data, (int)GELF_R_SYM(rela.r_info), &symbol))
			set_symbol(object, rela.r_offset,
				   elf_strptr(object->elf, symbol_header.sh_link, symbol.st_name));
	}
}

static void for_sections(struct object *object, GElf_Word type,
			 void (*read)(struct object *, Elf_Scn *, const GElf_Shdr *))
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(object->elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == type && header.sh_entsize)
			read(object, section, &header);
	}
}

/* The pointer's target: what is pointed to by the const pointer that the variable is. */
static bool function_type(Dwarf_Die *variable, Dwarf_Die *type)
{
	return sc_dwarf_type_of(variable, type) && sc_dwarf_stripped(type, type) &&
	       dwarf_tag(type) == DW_TAG_pointer_type && sc_dwarf_type_of(type, type) &&
	       sc_dwarf_stripped(type, type) && dwarf_tag(type) == DW_TAG_subroutine_type;
}

static void read_types(struct object *object)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die unit_die, die;

	while (dwarf_get_units(object->dwarf, unit, &unit, NULL, NULL, &unit_die, NULL) == 0) {
		for (int r = dwarf_child(&unit_die, &die); r == 0; r = dwarf_siblingof(&die, &die)) {
			const char *name = dwarf_diename(&die);
			struct ref key, *found;

			if (dwarf_tag(&die) != DW_TAG_variable || !name || strncmp(name, PREFIX, strlen(PREFIX)))
				continue;
			key.function = name + strlen(PREFIX);
			found = bsearch(&key, object->refs, object->count, sizeof(key), by_function);
			if (found && !function_type(&die, &found->type))
				found->symbol = NULL;
		}
	}
}

static void read_object(struct object *object, const char *text, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*object = (struct object){ .elf = elf_begin(fd, ELF_C_READ, NULL) };
	object->dwarf = object->elf ? dwarf_begin_elf(object->elf, DWARF_C_READ, NULL) : NULL;
	if (!object->dwarf)
		sc_protogen_die("cannot read the debug information of '%s': %s", path, dwarf_errmsg(-1));
	sc_declared_read(&object->declared, sc_protogen_read(text));
	for_sections(object, SHT_DYNSYM, read_refs);
	for_sections(object, SHT_RELA, read_relocations);
	read_types(object);
}

static bool is_new(struct output *output, const char *symbol)
{
	for (size_t i = 0; i < output->count; i++)
		if (!strcmp(output->written[i], symbol))
			return false;
	output->written = sc_protogen_grow(output->written, output->count + 1, sizeof(*output->written));
	output->written[output->count++] = symbol;
	return true;
}

static void declare(struct output *output, const struct object *object, struct ref *ref)
{
	const struct sc_declared *declared = sc_declared_find(&object->declared, ref->function);
	struct sc_dwarf_function function = { .name = ref->symbol };
	const char *unsaid;

	if (!ref->symbol || !sc_exports_have(&output->exports, ref->symbol) || !is_new(output, ref->symbol))
		return;
	function.attributes = sc_hints_error(output->hints, ref->symbol);
	if (declared) {
		function.names = (const char *const *)declared->parameters;
		function.name_count = declared->parameter_count;
	}
	unsaid = sc_dwarf_c_function(output->writer, &function, &ref->type);
	if (unsaid)
		fprintf(stderr, "protogen: %s is left out: %s\n", ref->symbol, unsaid);
}

/* A name that one mode declares as it is, and another with asm("..."), is also exported under its own. */
static void declare_plain(struct output *output, const struct object *object, struct ref *ref)
{
	struct ref plain = *ref;

	plain.symbol = ref->symbol ? ref->function : NULL;
	declare(output, object, &plain);
}

static void note(void *writer, const char *name, const char *attribute)
{
	sc_dwarf_c_note(writer, name, attribute);
}

int sc_protogen_libc(int argc, char **argv)
{
	struct output output = { .writer = sc_dwarf_c_new() };
	struct object objects[8];
	size_t count = 0;
	int at = 1, r;

	for (; at + 1 < argc && strcmp(argv[at], "--") && count < 8; at += 2)
		count++;
	if (!count || at >= argc || strcmp(argv[at], "--") || !output.writer)
		sc_protogen_die("usage: protogen libc HINTS [MODE.i MODE.so]... -- LIBRARY...");
	sc_exports_read(&output.exports, argv + at + 1);
	output.hints = sc_hints_read(argv[0]);
	for (size_t i = 0; i < count; i++) {
		read_object(&objects[i], argv[1 + 2 * i], argv[2 + 2 * i]);
		sc_dwarf_c_add(output.writer, objects[i].dwarf);
	}
	sc_hints_typedefs(output.hints, note, output.writer);
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < objects[i].count; n++)
			declare(&output, &objects[i], &objects[i].refs[n]);
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < objects[i].count; n++)
			declare_plain(&output, &objects[i], &objects[i].refs[n]);
	sc_dwarf_c_all_types(output.writer);
	printf("/* The C library's functions and types, as its installed headers declare them: made by protogen, see\n"
	       " * data/prototypes/README. %zu functions. */\n\n", output.count);
	r = sc_dwarf_c_finish(output.writer, stdout);
	if (r)
		sc_protogen_die("cannot write: %s", strerror(-r));
	return 0;
}
