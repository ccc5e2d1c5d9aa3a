/* SPDX-License-Identifier: MIT */
/*
 * The modules of the test process itself, read through sc_symbols, and the one check that says
 * whether binding is right: that every slot holds what sc_symbols_bind says. For tests of the
 * engine; everything lives until the process ends.
 */
#ifndef MODULES_HELPER_H
#define MODULES_HELPER_H

#include "engine/symbols.h"

/* Starts this program again with LD_BIND_NOW, unless it was: then every slot tells what ld.so chose. */
void modules_bind_now(char **arguments);
/* Reads all modules that are loaded now. Fails the test when one cannot be read. */
void modules_open(void);
/* The module of that base name ("" is the program), or NULL. */
const struct sc_symbols *modules_named(const char *name);
/* The global scope, as long as nothing was loaded after start. */
const struct sc_symbols *const *modules_scope(size_t *count);

/* What a slot with this relocation must hold, resolvers called; 0 when nothing is found. */
uintptr_t slot_expected(const struct sc_symbols *in, const ElfW(Rela) *slot, struct sc_definition *out);
/* What it holds now. */
uintptr_t slot_content(const struct sc_symbols *in, const ElfW(Rela) *slot);
/* The first slot of a type whose symbol has that name and version (NULL: none), or NULL. */
const ElfW(Rela) *slot_named(const struct sc_symbols *in, unsigned type, const char *name, const char *version);
/* Where a definition leads: what its resolver returns, for a GNU_IFUNC. */
uintptr_t definition_target(const struct sc_definition *definition);

/* Compares all slots of all modules and fails the test at the first that differs. Returns how many
 * of them were still unbound, which only lazy ones may be. */
size_t slots_check_all(void);

#endif
