/* SPDX-License-Identifier: MIT */
/* Owns the test process's view of its own modules. Called by the test_symbols programs. */
#include "modules_helper.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULES_MOST 64

static struct sc_module modules[MODULES_MOST];
static struct sc_symbols symbols[MODULES_MOST];
static const struct sc_symbols *scope[MODULES_MOST];
static size_t module_count, scope_count;

static void note_segment(struct sc_module *module, const ElfW(Phdr) *segment)
{
	uintptr_t start = module->base + segment->p_vaddr;
	uintptr_t end = start + segment->p_memsz;

	switch (segment->p_type) {
	case PT_LOAD:
		if (start < module->start)
			module->start = start;
		if (end > module->end)
			module->end = end;
		if (segment->p_flags & PF_X) {
			module->code_start = start;
			module->code_end = end;
		}
		break;
	case PT_DYNAMIC:
		module->dynamic = (const ElfW(Dyn) *)start;
		break;
	case PT_GNU_RELRO:
		module->relro_start = start;
		module->relro_end = end;
		break;
	default:
		break;
	}
}

static int note_module(struct dl_phdr_info *info, size_t size, void *user)
{
	struct sc_module *module = &modules[module_count++];
	const char *slash = strrchr(info->dlpi_name, '/');

	(void)size;
	(void)user;
	ck_assert_uint_le(module_count, MODULES_MOST);
	module->base = info->dlpi_addr;
	module->start = UINTPTR_MAX;
	module->phdr = info->dlpi_phdr;
	module->phnum = info->dlpi_phnum;
	module->path = info->dlpi_name;
	module->name = slash ? slash + 1 : info->dlpi_name;
	for (unsigned i = 0; i < module->phnum; i++)
		note_segment(module, &module->phdr[i]);
	return 0;
}

static bool is_vdso(const struct sc_module *module)
{
	return strncmp(module->name, "linux-vdso", 10) == 0;
}

void modules_bind_now(char **arguments)
{
	if (getenv("LD_BIND_NOW"))
		return;
	setenv("LD_BIND_NOW", "1", 1);
	execv("/proc/self/exe", arguments);
	abort();
}

void modules_open(void)
{
	struct sc_arena arena = { NULL };

	module_count = scope_count = 0;
	memset(modules, 0, sizeof(modules));
	dl_iterate_phdr(note_module, NULL);
	for (size_t i = 0; i < module_count; i++) {
		ck_assert_msg(sc_symbols_open(&symbols[i], &modules[i], &arena) == 0, "cannot read '%s'",
			      modules[i].path);
		if (!is_vdso(&modules[i]))
			scope[scope_count++] = &symbols[i];
	}
}

const struct sc_symbols *modules_named(const char *name)
{
	for (size_t i = 0; i < module_count; i++)
		if (strcmp(modules[i].name, name) == 0)
			return &symbols[i];
	return NULL;
}

const struct sc_symbols *const *modules_scope(size_t *count)
{
	*count = scope_count;
	return scope;
}

uintptr_t definition_target(const struct sc_definition *definition)
{
	uintptr_t address = sc_definition_address(definition);

	if (ELF64_ST_TYPE(definition->symbol->st_info) != STT_GNU_IFUNC || definition->symbol->st_shndx == SHN_UNDEF)
		return address;
	return ((uintptr_t(*)(void))address)();
}

uintptr_t slot_expected(const struct sc_symbols *in, const ElfW(Rela) *slot, struct sc_definition *out)
{
	unsigned type = ELF64_R_TYPE(slot->r_info);
	uintptr_t addend = type == R_X86_64_64 ? (uintptr_t)slot->r_addend : 0;

	memset(out, 0, sizeof(*out));
	if (!sc_symbols_bind(in, ELF64_R_SYM(slot->r_info), type == R_X86_64_JUMP_SLOT ? SC_LOOKUP_PLT : 0, scope,
			     scope_count, out))
		return addend;
	return definition_target(out) + addend;
}

uintptr_t slot_content(const struct sc_symbols *in, const ElfW(Rela) *slot)
{
	return *(const uintptr_t *)(in->module->base + slot->r_offset);
}

static bool is_slot(const ElfW(Rela) *slot)
{
	unsigned type = ELF64_R_TYPE(slot->r_info);

	return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
}

static const ElfW(Rela) *table_named(const struct sc_symbols *in, const ElfW(Rela) *table, size_t count, unsigned type,
				     const char *name, const char *version)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t symbol = ELF64_R_SYM(table[i].r_info);
		const char *found = sc_symbol_version(in, symbol, NULL);

		if (ELF64_R_TYPE(table[i].r_info) != type || strcmp(sc_symbol_name(in, &in->symtab[symbol]), name))
			continue;
		if (version ? found && strcmp(found, version) == 0 : !found)
			return &table[i];
	}
	return NULL;
}

const ElfW(Rela) *slot_named(const struct sc_symbols *in, unsigned type, const char *name, const char *version)
{
	const ElfW(Rela) *slot = table_named(in, in->jmprel, in->jmprel_count, type, name, version);

	return slot ? slot : table_named(in, in->rela, in->rela_count, type, name, version);
}

/* A pointer in writable data belongs to the program, which may have changed it since. */
static bool is_fixed(const struct sc_symbols *in, const ElfW(Rela) *slot)
{
	uintptr_t address = in->module->base + slot->r_offset;

	return ELF64_R_TYPE(slot->r_info) != R_X86_64_64 ||
	       (address >= in->module->relro_start && address < in->module->relro_end);
}

/* Before its first call a lazy slot leads back into the PLT of its own module. */
static bool is_unbound(const struct sc_symbols *in, const ElfW(Rela) *slot)
{
	uintptr_t content = slot_content(in, slot);

	return ELF64_R_TYPE(slot->r_info) == R_X86_64_JUMP_SLOT && !in->bind_now &&
	       content >= in->module->code_start && content < in->module->code_end;
}

static size_t check_table(const struct sc_symbols *in, const ElfW(Rela) *table, size_t count)
{
	size_t unbound = 0;

	for (size_t i = 0; i < count; i++) {
		struct sc_definition definition;
		uintptr_t expected;

		if (!is_slot(&table[i]) || !is_fixed(in, &table[i]))
			continue;
		expected = slot_expected(in, &table[i], &definition);
		if (expected == slot_content(in, &table[i]))
			continue;
		ck_assert_msg(is_unbound(in, &table[i]), "%s: slot of %s holds %#lx, not %#lx (of %s)",
			      in->module->name,
			      sc_symbol_name(in, &in->symtab[ELF64_R_SYM(table[i].r_info)]),
			      slot_content(in, &table[i]), expected,
			      definition.in ? definition.in->module->name : "no module");
		unbound++;
	}
	return unbound;
}

size_t slots_check_all(void)
{
	size_t unbound = 0;

	for (size_t i = 0; i < module_count; i++) {
		const struct sc_symbols *in = &symbols[i];

		unbound += check_table(in, in->rela, in->rela_count);
		unbound += check_table(in, in->jmprel, in->jmprel_count);
	}
	return unbound;
}
