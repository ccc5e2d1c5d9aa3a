/* SPDX-License-Identifier: MIT */
/*
 * The loaded modules, of all namespaces: who is there, who is new, who is gone. Order is load order, the program
 * first; for the modules of the start that is the global search order.
 *
 * Not thread safe: the constructor, then whoever holds the dl lock (dlwatch.c).
 */
#ifndef SC_MODULES_H
#define SC_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/module.h"

#define SC_MODULES_MOST 2048 /* untouched entries take no memory */

struct sc_modules {
	struct sc_module *list; /* entries never move; those of modules that went are used again */
	uint32_t count;
	uint32_t room;
	uint64_t adds, subs; /* dlpi_adds, dlpi_subs of the last look */
	bool deepbind;	     /* something was loaded with RTLD_DEEPBIND: such modules prefer their own group */
};

extern struct sc_modules sc_modules;

/* The look of the constructor. program: path as executed. 0 or -ENOMEM. */
int sc_modules_start(const char *program);

/* Whether anything was loaded or unloaded since the last look. Any thread. */
bool sc_modules_changed(void);

/* Looks again if anything was loaded or unloaded since. Modules that came are marked SC_MODULE_NEW, and true is
 * returned; those that went are marked SC_MODULE_GONE, and nothing may know them by the next look. */
bool sc_modules_look(void);

/* What was loaded after the start into a namespace, and whether with RTLD_DEEPBIND, as a number: what a lazy slot of
 * such a module will be bound to may depend on it. Never 0. */
uint32_t sc_modules_context(unsigned space);

/* The module that an address lies in, or NULL. */
struct sc_module *sc_modules_at(uintptr_t address);

/* The bytes of its build-id, in the module's own mapping, or NULL: it has none. */
const void *sc_module_build_id(const struct sc_module *module, uint32_t *size);

/* The module that dlopen gave this handle for, once it has been looked for; or NULL. */
struct sc_module *sc_modules_opened(void *handle);

/* Ours: libstubcache.so itself. Never NULL after start. */
const struct sc_module *sc_modules_self(void);

/* Whether another libstubcache.so was loaded ahead of ours: of two, each would intercept what the other does. */
bool sc_modules_second(void);

#endif
