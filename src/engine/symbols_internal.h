/* SPDX-License-Identifier: MIT */
/*
 * What symbols.c and symbols_versions.c share while a struct sc_symbols is being filled: access to
 * the module's tables that cannot lead out of it. No one else includes this.
 */
#ifndef SC_SYMBOLS_INTERNAL_H
#define SC_SYMBOLS_INTERNAL_H

#include "engine/symbols.h"

/* d_ptr of DT_VERSYM, DT_VERNEED and DT_VERDEF; 0: absent. */
struct sc_symbols_version_tables {
	ElfW(Xword) versym, verneed, verdef;
};

/* ld.so adds the base to some d_ptr in place and leaves others (DT_VERNEED, DT_VERDEF, all of the
 * vdso's) as they are in the file. What does not lie within the module has no base in it yet. */
uintptr_t sc_symbols_pointer(const struct sc_module *module, ElfW(Xword) value);

/* The table of count elements at an address, or NULL when it is empty, does not fit into one readable
 * segment, or is not aligned. */
const void *sc_symbols_table(const struct sc_module *module, uintptr_t address, size_t count, size_t size,
			     size_t align);

/* The terminated string at an offset of the string table, or NULL beyond its end. */
const char *sc_symbols_string(const struct sc_symbols *out, ElfW(Xword) offset);

/* Fills versym and version_*; needs module, strtab and symbol_count. 0, -EINVAL or -ENOMEM. */
int sc_symbols_read_versions(struct sc_symbols *out, const struct sc_symbols_version_tables *tables,
			     struct sc_arena *arena);

#endif
