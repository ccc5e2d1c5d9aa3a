/* SPDX-License-Identifier: MIT */
/*
 * What rules may call a module: its soname and its file's base name. Read from the dynamic section each time, for the
 * few who ask. No libc; any thread, as long as the module stays loaded.
 */
#ifndef SC_MODULE_NAMES_H
#define SC_MODULE_NAMES_H

#include "common/module.h"
#include "common/rules.h"

/* The first entry with a tag, or NULL. */
const ElfW(Dyn) *sc_module_dynamic(const struct sc_module *module, ElfW(Sxword) tag);

/* What an entry's pointer means: ld.so relocates some of them in place, and not others. */
uintptr_t sc_module_pointer(const struct sc_module *module, const ElfW(Dyn) *entry);

/* NULL when it has none. */
const char *sc_module_soname(const struct sc_module *module);

struct sc_library_names sc_module_names(const struct sc_module *module);

#endif
