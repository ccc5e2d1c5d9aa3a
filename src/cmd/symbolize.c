/* SPDX-License-Identifier: MIT */
/*
 * Owns the sessions with libdwfl, one a module, and what they have answered. Called by the reports that show stacks. Does not
 * own how addresses are found in records (record_stacks.c).
 *
 * A module is opened as a file of its own, at the addresses it has in itself: where it lay in the process, which may be
 * gone for long, does not matter.
 */
#include "cmd/symbolize.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <inttypes.h>
#include <libiberty/demangle.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"

#define INLINED_MOST 64

struct module {
	char *path;
	uint8_t build_id[32];
	size_t id_size;
	bool opened;
	Dwfl *dwfl;
	Dwfl_Module *dwfl_module; /* NULL: nothing is known but the path */
	void *places;		  /* a tree of struct known */
};

struct known {
	uint64_t address;
	struct sc_symbol_place place;
};

struct sc_symbols {
	bool demangle;
	struct module *modules;
	size_t module_count;
	void *strings; /* a tree */
};

struct sc_symbols *sc_symbols_open(bool demangle)
{
	struct sc_symbols *symbols = calloc(1, sizeof(*symbols));

	if (symbols)
		symbols->demangle = demangle;
	return symbols;
}

static void free_place(void *node)
{
	struct known *known = node;

	free(known->place.symbols);
	free(known);
}

void sc_symbols_close(struct sc_symbols *symbols)
{
	if (!symbols)
		return;
	for (size_t i = 0; i < symbols->module_count; i++) {
		struct module *module = &symbols->modules[i];

		if (module->dwfl)
			dwfl_end(module->dwfl);
		tdestroy(module->places, free_place);
		free(module->path);
	}
	free(symbols->modules);
	tdestroy(symbols->strings, free);
	free(symbols);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* One of each, for as long as the symbols live. NULL: no memory, or text is NULL. */
static const char *keep(struct sc_symbols *symbols, const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	char **node = copy ? tsearch(copy, &symbols->strings, compare_strings) : NULL;

	if (!node || *node != copy)
		free(copy);
	return node ? *node : NULL;
}

int sc_symbols_module(struct sc_symbols *symbols, const char *path, const uint8_t *build_id, size_t id_size)
{
	struct module *modules, *module;

	if (id_size > sizeof(module->build_id))
		id_size = sizeof(module->build_id);
	for (size_t i = 0; i < symbols->module_count; i++) {
		module = &symbols->modules[i];
		if (strcmp(module->path, path) == 0 && module->id_size == id_size &&
		    memcmp(module->build_id, build_id, id_size) == 0)
			return (int)i;
	}
	modules = reallocarray(symbols->modules, symbols->module_count + 1, sizeof(*modules));
	if (!modules)
		return -ENOMEM;
	symbols->modules = modules;
	module = &modules[symbols->module_count];
	*module = (struct module){ .path = strdup(path), .id_size = id_size };
	if (!module->path)
		return -ENOMEM;
	memcpy(module->build_id, build_id, id_size);
	return (int)symbols->module_count++;
}

static bool has_build_id(const struct module *module)
{
	const unsigned char *id;
	GElf_Addr address;
	int size = dwfl_module_build_id(module->dwfl_module, &id, &address);

	return module->id_size == 0 || (size == (int)module->id_size && memcmp(id, module->build_id, module->id_size) == 0);
}

/* A record may name anything: what is no plain file (a terminal, a pipe) is not opened. */
static bool is_plain_file(const char *path)
{
	struct stat stat_now;

	return stat(path, &stat_now) == 0 && S_ISREG(stat_now.st_mode);
}

static void open_module(struct module *module)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};

	module->opened = true;
	if (!is_plain_file(module->path))
		return;
	module->dwfl = dwfl_begin(&callbacks);
	if (!module->dwfl)
		return;
	dwfl_report_begin(module->dwfl);
	module->dwfl_module = dwfl_report_elf(module->dwfl, module->path, module->path, -1, 0, true);
	dwfl_report_end(module->dwfl, NULL, NULL);
	if (module->dwfl_module && !has_build_id(module)) {
		sc_cmd_error("'%s' is not the file that was used: its functions are shown as addresses", module->path);
		module->dwfl_module = NULL;
	}
}

/* Mangled names of C++, Rust, D and others; any other name as it is. */
static const char *readable(struct sc_symbols *symbols, const char *name)
{
	char *text = symbols->demangle ? cplus_demangle(name, DMGL_AUTO | DMGL_ANSI) : NULL;
	const char *kept = keep(symbols, text ? text : name);

	free(text);
	return kept;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *with_offset(struct sc_symbols *symbols, const char *name, uint64_t offset)
{
	char *text;
	const char *kept;

	if (asprintf(&text, "%s+0x%" PRIx64, name, offset) < 0)
		return NULL;
	kept = keep(symbols, text);
	free(text);
	return kept;
}

struct finding {
	struct sc_symbols *symbols;
	struct module *module;
	uint64_t address;
	struct sc_symbol found[INLINED_MOST];
	size_t count;
};

static void name_die(struct finding *finding, Dwarf_Die *die, struct sc_symbol *out)
{
	Dwarf_Attribute attribute;
	const char *linkage = NULL, *name = dwarf_diename(die);

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
		linkage = dwarf_formstring(&attribute);
	if (!linkage && !name)
		return;
	out->system_name = keep(finding->symbols, linkage ? linkage : name);
	/* Without its linkage name C++ is not qualified, but then it is C, or local. */
	out->function = linkage && finding->symbols->demangle ? readable(finding->symbols, linkage)
							      : keep(finding->symbols, linkage ? linkage : name);
}

static unsigned unsigned_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &value))
		return 0;
	return (unsigned)value;
}

/* Where an inlined function was called. */
static void call_site(struct finding *finding, Dwarf_Die *unit, Dwarf_Die *inlined, struct sc_symbol *out)
{
	unsigned number = unsigned_of(inlined, DW_AT_call_file);
	Dwarf_Files *files;
	size_t count;

	out->line = unsigned_of(inlined, DW_AT_call_line);
	if (dwarf_getsrcfiles(unit, &files, &count) == 0 && number < count)
		out->file = keep(finding->symbols, dwarf_filesrc(files, number, NULL, NULL));
}

static void find_line(struct finding *finding, struct sc_symbol *out)
{
	Dwfl_Line *line = dwfl_module_getsrc(finding->module->dwfl_module, finding->address);
	int number = 0;
	const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;

	out->file = keep(finding->symbols, file);
	out->line = file && number > 0 ? (unsigned)number : 0;
}

/* The scopes around the address as instructions are nested, innermost first; what dwarf_getscopes gives is nested as the
 * source is, from the first inlined function on. Returns how many; *out is to be freed. */
static int find_scopes(Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die **out)
{
	Dwarf_Die *scopes = NULL, innermost;
	int count = dwarf_getscopes(unit, address, &scopes);

	*out = NULL;
	if (count <= 0)
		return 0;
	innermost = scopes[0];
	free(scopes);
	count = dwarf_getscopes_die(&innermost, out);
	return count > 0 ? count : 0;
}

static void find_dwarf(struct finding *finding)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = dwfl_module_addrdie(finding->module->dwfl_module, finding->address, &bias), *scopes = NULL;
	int count = unit ? find_scopes(unit, finding->address - bias, &scopes) : 0;

	find_line(finding, &finding->found[0]);
	for (int i = 0; i < count && finding->count + 1 < INLINED_MOST; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram && tag != DW_TAG_entry_point)
			continue;
		name_die(finding, &scopes[i], &finding->found[finding->count++]);
		if (tag != DW_TAG_inlined_subroutine)
			break;
		call_site(finding, unit, &scopes[i], &finding->found[finding->count]);
	}
	free(scopes);
}

/* The symbol before the address, where debug information does not tell. */
static void find_symbol(struct finding *finding)
{
	struct sc_symbol *out = &finding->found[finding->count ? finding->count - 1 : 0];
	GElf_Off offset = 0;
	GElf_Sym symbol;
	const char *name = dwfl_module_addrinfo(finding->module->dwfl_module, finding->address, &offset, &symbol, NULL,
						NULL, NULL);

	if (finding->count == 0)
		finding->count = 1;
	if (!name || !*name)
		return;
	out->system_name = keep(finding->symbols, name);
	/* Within a function of known size its name is all there is to say. */
	if (offset < symbol.st_size)
		out->function = readable(finding->symbols, name);
	else
		out->function = with_offset(finding->symbols, readable(finding->symbols, name), offset);
}

static bool find(struct finding *finding)
{
	struct module *module = finding->module;

	if (module->dwfl_module)
		find_dwarf(finding);
	if (module->dwfl_module && (finding->count == 0 || !finding->found[finding->count - 1].function))
		find_symbol(finding);
	if (finding->count == 0)
		finding->count = 1;
	for (size_t i = 0; i < finding->count; i++)
		if (!finding->found[i].function)
			finding->found[i].function = with_offset(finding->symbols, base_name(module->path),
								 finding->address);
	return finding->found[finding->count - 1].function != NULL;
}

static int compare_places(const void *a, const void *b)
{
	const struct known *first = a, *second = b;

	return first->address < second->address ? -1 : first->address > second->address;
}

static struct known *make_known(struct sc_symbols *symbols, struct module *module, uint64_t address)
{
	struct finding finding = { .symbols = symbols, .module = module, .address = address };
	struct known *known = calloc(1, sizeof(*known));

	if (!known || !find(&finding)) {
		free(known);
		return NULL;
	}
	known->address = address;
	known->place.count = finding.count;
	known->place.symbols = reallocarray(NULL, finding.count, sizeof(*known->place.symbols));
	if (!known->place.symbols) {
		free(known);
		return NULL;
	}
	memcpy(known->place.symbols, finding.found, finding.count * sizeof(*known->place.symbols));
	return known;
}

const struct sc_symbol_place *sc_symbols_find(struct sc_symbols *symbols, int number, uint64_t address)
{
	struct module *module = &symbols->modules[number];
	const struct known key = { .address = address };
	struct known **node = tfind(&key, &module->places, compare_places), *known;

	if (node)
		return &(*node)->place;
	if (!module->opened)
		open_module(module);
	known = make_known(symbols, module, address);
	if (!known)
		return NULL;
	node = tsearch(known, &module->places, compare_places);
	if (!node) {
		free_place(known);
		return NULL;
	}
	return &known->place;
}
