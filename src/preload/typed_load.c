/* SPDX-License-Identifier: MIT */
/*
 * Owns the handle of libstubcache-typed.so, which NEEDs libffi. Called by typed.c while clients are loaded: libc has been
 * started then.
 */
#include <dlfcn.h>
#include <limits.h>

#include "preload/engine_file.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/typed.h"

static const struct sc_typed_api *api;
static bool tried;

/* Both are ours by their names; they are not new to whoever looks next. */
static void own_what_came(void)
{
	sc_modules_look();
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (sc_modules.list[i].flags & SC_MODULE_OURS)
			sc_modules.list[i].flags &= ~(uint32_t)SC_MODULE_NEW;
}

static const struct sc_typed_api *load(void)
{
	static char path[PATH_MAX];
	sc_typed_entry *entry;
	void *handle;

	if (!sc_engine_companion(path, sizeof(path), "libstubcache-typed.so")) {
		sc_reason(SC_LOG_ERROR, "no hooks of clients: libstubcache-typed.so is not installed");
		return NULL;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		sc_reason(SC_LOG_ERROR, "no hooks of clients: %s", dlerror());
		return NULL;
	}
	own_what_came();
	entry = (sc_typed_entry *)dlsym(handle, SC_TYPED_ENTRY);
	return entry ? entry(SC_TYPED_VERSION, &sc_typed_host) : NULL;
}

const struct sc_typed_api *sc_typed_get(void)
{
	if (!tried)
		api = load();
	tried = true;
	return api;
}
