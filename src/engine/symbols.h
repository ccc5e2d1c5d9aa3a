/* SPDX-License-Identifier: MIT */
/*
 * What ld.so knows about a module, read again from its dynamic section: symbols, versions,
 * relocations, and the lookup that binds one to the other. Only the engine uses it: a warm start
 * reads no symbol table.
 *
 * Sources: ELF gABI chapter 5; "GNU hash ELF sections" (binutils); LSB symbol versioning; glibc
 * elf/dl-lookup.c for the order of things, elf/get-dynamic-info.h for which d_ptr are relocated.
 *
 * Memory comes from the caller's arena. Nothing is written outside it. Not signal safe; read-only
 * after sc_symbols_open, so any number of threads may look up.
 */
#ifndef SC_SYMBOLS_H
#define SC_SYMBOLS_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/module.h"

/* DT_GNU_HASH taken apart once, so that a lookup is a bloom test, a division and a walk. */
struct sc_gnu_hash {
	const uint64_t *bloom;
	const uint32_t *buckets; /* first symbol of each chain, or 0; NULL: the module has no such table */
	const uint32_t *chains;	 /* of symbol first_symbol on */
	uint32_t bloom_mask, bloom_shift;
	uint32_t bucket_count;
	uint32_t first_symbol;
};

/* DT_HASH, looked at only where there is no DT_GNU_HASH, as ld.so does. */
struct sc_sysv_hash {
	const uint32_t *buckets; /* NULL: the module has no such table */
	const uint32_t *chains;
	uint32_t bucket_count, chain_count;
};

struct sc_symbols {
	const struct sc_module *module;
	const ElfW(Sym) *symtab;
	const char *strtab;
	size_t strtab_size;
	uint32_t symbol_count;	       /* from the hash tables; without a usable one, from the relocations */
	const ElfW(Half) *versym;      /* or NULL; NULL too when there is no version at all */
	const char **version_names;    /* by version index (without the hidden bit); NULL: none, or the base version */
	const char **version_files;    /* by version index: the needed library's name, NULL for own definitions */
	bool *version_hidden;	       /* by version index: a reference that takes no unversioned definition */
	uint32_t version_count;
	struct sc_gnu_hash gnu_hash;
	struct sc_sysv_hash sysv_hash;
	const ElfW(Rela) *rela;	       /* DT_RELA, relative ones first: rela + rela_relative on */
	size_t rela_count, rela_relative;
	const ElfW(Rela) *jmprel;      /* DT_JMPREL; never overlaps rela[0..rela_count) */
	size_t jmprel_count;
	const char *soname;	       /* DT_SONAME, or NULL */
	bool symbolic;		       /* DT_SYMBOLIC or DF_SYMBOLIC: own definitions come first */
	bool bind_now;		       /* DF_BIND_NOW or DF_1_NOW */
	bool has_runpath;	       /* DT_RUNPATH or DT_RPATH */
	bool has_textrel;
	const char **needed;	       /* DT_NEEDED names */
	uint32_t needed_count;
};

/* 0; -ENOENT when the module has no dynamic symbol table; -EINVAL when its tables contradict each
 * other or lead out of its PT_LOAD segments (nothing outside them is ever read); -ENOMEM. */
int sc_symbols_open(struct sc_symbols *out, const struct sc_module *module, struct sc_arena *arena);

struct sc_definition {
	const struct sc_symbols *in; /* NULL: not found */
	const ElfW(Sym) *symbol;
	uint32_t index;
	const char *version; /* name of the version it is defined with, or NULL */
};

enum sc_lookup_flag {
	SC_LOOKUP_PLT = 1 << 0, /* for a JUMP_SLOT: an undefined symbol with a value (canonical PLT) is not a match */
};

/*
 * Finds what a reference from `from` to its symbol number `reference` binds to, as
 * _dl_lookup_symbol_x of glibc 2.36 does, over scope[0..count) in order (and `from` first when it is
 * DT_SYMBOLIC). A reference that is local, hidden or internal is its own definition; so is a protected
 * one, unless a canonical PLT entry stands for it and SC_LOOKUP_PLT is not given. Without
 * SC_LOOKUP_PLT an undefined FUNC symbol with a value != 0 in a scope module matches, as it does
 * for ld.so: the caller sees symbol->st_shndx == SHN_UNDEF. Weak definitions are not passed over
 * for strong ones (no LD_DYNAMIC_WEAK). Versions match as in elf/dl-lookup.c:check_match, for
 * versioned and unversioned references and definitions, hidden versions included. STT types other
 * than NOTYPE, OBJECT, FUNC, COMMON, TLS, GNU_IFUNC are ignored as there; a FUNC reference that
 * ld.so would bind to a TLS symbol is not found.
 *
 * The scope is what the caller says it is: the global one is the start-up modules in the order of
 * dl_iterate_phdr, but without the vdso. STB_GNU_UNIQUE counts as global: ld.so takes the first it
 * ever bound of that name, whatever its version or scope, but only data is ever unique.
 * true when found; *out is untouched otherwise.
 */
bool sc_symbols_bind(const struct sc_symbols *from, uint32_t reference, unsigned flags,
		     const struct sc_symbols *const *scope, size_t count, struct sc_definition *out);

/* Looks a definition up by name in one module: version NULL takes the default (non-hidden) version,
 * as dlsym(handle, name) does; otherwise exactly that version, as dlvsym does. Unlike those it never
 * finds an undefined symbol (a canonical PLT entry). */
bool sc_symbols_find(const struct sc_symbols *in, const char *name, const char *version, struct sc_definition *out);

static inline const char *sc_symbol_name(const struct sc_symbols *in, const ElfW(Sym) *symbol)
{
	return symbol->st_name < in->strtab_size ? in->strtab + symbol->st_name : "";
}

/* Where a definition is: for a GNU_IFUNC, where its resolver is. Only absolute symbols do not move. */
static inline uintptr_t sc_definition_address(const struct sc_definition *definition)
{
	uintptr_t base = definition->symbol->st_shndx == SHN_ABS ? 0 : definition->in->module->base;

	return base + definition->symbol->st_value;
}

/* The version a symbol of `in` is defined or referenced with, or NULL. *hidden, unless hidden is NULL,
 * as in .gnu.version. */
const char *sc_symbol_version(const struct sc_symbols *in, uint32_t index, bool *hidden);

#endif
