/* SPDX-License-Identifier: MIT */
/*
 * What the files have in common that keep the list of modules.
 */
#ifndef SC_MODULES_INTERNAL_H
#define SC_MODULES_INTERNAL_H

#include "preload/modules.h"

/* A module as ld.so tells of it: dl_iterate_phdr for the program's namespace, a link_map for others. */
struct sc_module_seen {
	uintptr_t base;
	const char *name;
	const ElfW(Phdr) *phdr; /* NULL: not looked for yet */
	uint16_t phnum;
	const ElfW(Dyn) *dynamic; /* when phdr is NULL */
	unsigned space;
};

/* The entry it has, or NULL. */
struct sc_module *sc_modules_find(const struct sc_module_seen *seen);

/* Gives it an entry; phdr is set. The name of a module of the start is kept as it is, others are copied. NULL when
 * there is no room. */
struct sc_module *sc_modules_add(const struct sc_module_seen *seen, uint32_t flags);

/* Nothing is loaded in this namespace: the next module makes it one of another kind. */
void sc_modules_space_empty(unsigned space);

#endif
