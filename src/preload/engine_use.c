/* SPDX-License-Identifier: MIT */
/*
 * Owns the engine's handle and what every request made of it has in common. Called by the generate files, once
 * something must be made.
 */
#include "preload/engine_use.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "common/sys.h"
#include "preload/engine_file.h"
#include "preload/generator.h"
#include "preload/log.h"
#include "preload/modules.h"
#include "preload/prototypes.h"
#include "preload/runtime.h"
#include "preload/typed.h"

static const struct sc_engine_api *engine;
static bool engine_failed;

/* What the engine and its being loaded take. It makes system calls of its own. */
static bool is_allowed(void)
{
	static const uint16_t needed[] = { SYS_close, SYS_fcntl, SYS_fstat, SYS_getrlimit, SYS_lseek, SYS_mmap, SYS_mprotect,
					   SYS_munmap, SYS_newfstatat, SYS_openat, SYS_pread64, SYS_pwrite64, SYS_read,
					   SYS_write };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!sc_sys_may(needed[i]))
			return false;
	return true;
}

const struct sc_engine_api *sc_engine_get(void)
{
	static char path[PATH_MAX]; /* the host's stack may be small */
	sc_engine_entry *entry;
	void *handle;

	if (!is_allowed())
		return NULL;
	if (engine || engine_failed)
		return engine;
	engine_failed = true;
	if (!sc_engine_file(path, sizeof(path))) {
		sc_log(SC_LOG_ERROR, "cannot find libstubcache-engine.so beside '%s' nor in '%s'",
		       sc_modules_self()->path, SC_PKGLIBDIR);
		return NULL;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		sc_log(SC_LOG_ERROR, "cannot load '%s': %s", path, dlerror());
		return NULL;
	}
	entry = (sc_engine_entry *)dlsym(handle, SC_ENGINE_ENTRY);
	engine = entry ? entry(SC_ENGINE_VERSION) : NULL;
	if (!engine)
		sc_log(SC_LOG_ERROR, "'%s' is of another version", path);
	sc_runtime.engine_loaded = engine != NULL;
	if (engine)
		sc_generator_use(engine->generator);
	sc_modules_look(); /* it is one of them now, and ours */
	return engine;
}

const struct sc_engine_api *sc_engine_loaded(void)
{
	return is_allowed() ? engine : NULL;
}

int sc_engine_generate(struct sc_engine_request *request)
{
	uint32_t contexts[SC_NAMESPACES];
	int r;

	if (!sc_typed_gate_close())
		return -EBUSY;
	for (unsigned i = 0; i < SC_NAMESPACES; i++)
		contexts[i] = sc_modules_context(i);
	request->rules = &sc_runtime.rules;
	request->modules = sc_modules.list;
	request->module_count = sc_modules.count;
	request->first_index = sc_runtime.indexes;
	request->contexts = contexts;
	request->deepbind = sc_modules.deepbind;
	request->clock = sc_runtime.clock;
	request->keep_watch = true;
	request->registry = sc_persist_registry();
	request->components = sc_key_components(&sc_runtime.key, &request->component_count);
	memcpy(request->key, sc_runtime.key.bytes, sizeof(request->key));
	request->prototypes = sc_prototypes_files(&request->prototype_count);
	request->explain_fd = -1;
	if (sc_runtime.config.explain)
		request->explain_fd = sc_sys_openat(AT_FDCWD, sc_runtime.config.explain, O_WRONLY | O_APPEND | O_CREAT,
						    0600);
	r = engine->generate(request);
	sc_typed_gate_open();
	if (request->explain_fd >= 0)
		sc_sys_close(request->explain_fd);
	if (request->warning[0])
		sc_log(SC_LOG_ERROR, "%s", request->warning);
	return r;
}
