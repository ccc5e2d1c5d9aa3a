/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache proto import`: which functions a library exports, and where its debug information describes them. How
 * they are written is dwarf_c.h's matter. Called by proto.c.
 */
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <gelf.h>
#include <getopt.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/dwarf_c.h"
#include "cmd/dwarf_internal.h"
#include "cmd/proto.h"

/* A function that the debug information describes. */
struct described {
	Dwarf_Addr address;
	Dwarf_Die die;
};

struct library {
	const char *path;
	Dwfl *dwfl;
	Dwfl_Module *module;
	Dwarf *dwarf;
	Dwarf_Addr dwarf_bias;
	struct described *described; /* sorted by address */
	size_t described_count;
	struct sc_dwarf_c *writer;
	size_t written, unknown, unsaid;
};

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static bool open_library(struct library *library)
{
	library->dwfl = dwfl_begin(&callbacks);
	if (library->dwfl)
		library->module = dwfl_report_offline(library->dwfl, library->path, library->path, -1);
	if (!library->module) {
		sc_cmd_error("cannot read '%s': %s", library->path, dwfl_errmsg(-1));
		return false;
	}
	dwfl_report_end(library->dwfl, NULL, NULL);
	return true;
}

static void print_build_id(FILE *out, const struct library *library)
{
	const unsigned char *bits;
	GElf_Addr address;
	int length = dwfl_module_build_id(library->module, &bits, &address);

	for (int i = 0; i < length; i++)
		fprintf(out, "%02x", bits[i]);
}

/* Where debug information may come from: packages beside the one of the library, or a server. */
static void say_none(const struct library *library)
{
	char *id = NULL;
	size_t size;
	FILE *out = open_memstream(&id, &size);

	if (out) {
		print_build_id(out, library);
		fclose(out);
	}
	sc_cmd_error("'%s' has no debug information, nor is any for build-id %s in /usr/lib/debug: install the -dbgsym "
		     "package of the package that 'dpkg -S %s' names, set DEBUGINFOD_URLS, or compile it with -g",
		     library->path, id && *id ? id : "(none)", library->path);
	free(id);
}

/* Where a function begins. One of several parts has no lowest address; the part that callers know is the first. */
static bool begins_at(Dwarf_Die *die, Dwarf_Addr *address)
{
	Dwarf_Addr base, end;

	return dwarf_lowpc(die, address) == 0 || dwarf_ranges(die, 0, &base, address, &end) > 0;
}

static int add_described(Dwarf_Die *die, void *user)
{
	struct library *library = user;
	struct described *grown;
	Dwarf_Addr address;

	if (!begins_at(die, &address))
		return DWARF_CB_OK;
	grown = reallocarray(library->described, library->described_count + 1, sizeof(*grown));
	if (!grown)
		return DWARF_CB_ABORT;
	library->described = grown;
	grown[library->described_count++] = (struct described){ .address = address, .die = *die };
	return DWARF_CB_OK;
}

static int by_address(const void *a, const void *b)
{
	const struct described *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	return 0;
}

static bool describe(struct library *library)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;

	library->dwarf = dwfl_module_getdwarf(library->module, &library->dwarf_bias);
	if (!library->dwarf) {
		say_none(library);
		return false;
	}
	while (dwarf_get_units(library->dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0)
		if (dwarf_tag(&die) == DW_TAG_compile_unit && dwarf_getfuncs(&die, add_described, library, 0) < 0)
			break;
	if (library->described_count)
		qsort(library->described, library->described_count, sizeof(*library->described), by_address);
	return true;
}

static bool is_exported(const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info), bind = GELF_ST_BIND(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && bind != STB_LOCAL && symbol->st_shndx != SHN_UNDEF;
}

/* An IFUNC's address is its resolver's: of what that chooses nothing is known. */
static void import_symbol(struct library *library, const GElf_Sym *symbol, const char *name, GElf_Addr elf_bias)
{
	struct described key = { .address = symbol->st_value + elf_bias - library->dwarf_bias };
	struct described *found = NULL;
	struct sc_dwarf_function function = { .name = name };

	if (GELF_ST_TYPE(symbol->st_info) == STT_FUNC && library->described_count)
		found = bsearch(&key, library->described, library->described_count, sizeof(key), by_address);
	if (!found)
		library->unknown++;
	else if (sc_dwarf_c_function(library->writer, &function, &found->die))
		library->unsaid++;
	else
		library->written++;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Versions of one function have one name: it is declared once. */
static bool is_first(void **seen, const char *name)
{
	if (tfind(name, seen, by_text))
		return false;
	tsearch(name, seen, by_text);
	return true;
}

static void leave(void *name)
{
	(void)name; /* the library's */
}

static void import_section(struct library *library, Elf *elf, Elf_Scn *section, GElf_Addr elf_bias)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Shdr header;
	void *seen = NULL;
	size_t count;

	if (!data || !gelf_getshdr(section, &header) || !header.sh_entsize)
		return;
	count = data->d_size / header.sh_entsize;
	for (size_t i = 0; i < count; i++) {
		GElf_Sym symbol;
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol) || !is_exported(&symbol))
			continue;
		name = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (name && is_first(&seen, name))
			import_symbol(library, &symbol, name, elf_bias);
	}
	tdestroy(seen, leave);
}

static void import(struct library *library)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(library->module, &bias);
	Elf_Scn *section = NULL;

	while (elf && (section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM)
			import_section(library, elf, section, bias);
	}
}

static int write_out(struct library *library, const char *path)
{
	FILE *out = path ? fopen(path, "we") : stdout;
	int r;

	if (!out) {
		sc_cmd_error("cannot write '%s': %s", path, strerror(errno));
		return SC_CMD_FOUND;
	}
	fprintf(out, "/* Made by stubcache proto import from %s, build-id ", library->path);
	print_build_id(out, library);
	fprintf(out, ". */\n\n");
	r = sc_dwarf_c_finish(library->writer, out);
	if (path && fclose(out) != 0 && !r)
		r = -errno;
	if (r) {
		sc_cmd_error("cannot write '%s': %s", path ? path : "-", strerror(-r));
		return SC_CMD_FOUND;
	}
	fflush(stdout);
	fprintf(stderr, "%zu functions declared; %zu have no debug information, %zu cannot be said in C\n",
		library->written, library->unknown, library->unsaid);
	return sc_cmd_finish(SC_CMD_OK);
}

static int import_library(const char *path, const char *output)
{
	struct library library = { .path = path, .writer = sc_dwarf_c_new() };
	int status = SC_CMD_FOUND;

	if (!library.writer) {
		sc_cmd_error("out of memory");
	} else if (open_library(&library) && describe(&library)) {
		sc_dwarf_c_add(library.writer, library.dwarf);
		import(&library);
		if (library.written)
			status = write_out(&library, output);
		else
			say_none(&library);
	}
	sc_dwarf_c_free(library.writer);
	free(library.described);
	dwfl_end(library.dwfl);
	return status;
}

int sc_cmd_proto_import(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "output", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const char *output = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "ho:", longs, NULL)) != -1) {
		if (option == 'h')
			return sc_cmd_proto_help();
		if (option != 'o')
			return sc_cmd_usage("proto");
		output = optarg;
	}
	if (optind + 1 != argc) {
		sc_cmd_error(optind == argc ? "which library?" : "one library at a time");
		return sc_cmd_usage("proto");
	}
	return import_library(argv[optind], output);
}
