/* SPDX-License-Identifier: MIT */
/*
 * Owns looking up a loaded module's names. Called by libc_start.c, and where rules are matched in the process: by
 * generate_later.c, replace.c, hooks_bind.c and, inside intercepted calls, hooks.c.
 */
#include "preload/module_names.h"

#include <stddef.h>

const ElfW(Dyn) *sc_module_dynamic(const struct sc_module *module, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *entry = module->dynamic; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			return entry;
	return NULL;
}

uintptr_t sc_module_pointer(const struct sc_module *module, const ElfW(Dyn) *entry)
{
	return entry->d_un.d_ptr < module->base ? module->base + entry->d_un.d_ptr : entry->d_un.d_ptr;
}

const char *sc_module_soname(const struct sc_module *module)
{
	const ElfW(Dyn) *soname = sc_module_dynamic(module, DT_SONAME);
	const ElfW(Dyn) *strings = sc_module_dynamic(module, DT_STRTAB);

	return soname && strings ? (const char *)sc_module_pointer(module, strings) + soname->d_un.d_val : NULL;
}

struct sc_library_names sc_module_names(const struct sc_module *module)
{
	return (struct sc_library_names){ .soname = sc_module_soname(module), .file = module->name };
}
