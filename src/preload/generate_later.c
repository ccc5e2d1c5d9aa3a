/* SPDX-License-Identifier: MIT */
/*
 * Owns what is made while the program runs: images for modules that dlopen brought, and for functions that dlsym
 * revealed. Called by dlwatch.c.
 *
 * They are mapped from memory files and not published at once: a program that loads thirty modules would write thirty
 * images. At the end they are merged into one (generate_publish.c).
 */
#include <errno.h>

#include "common/sys.h"
#include "preload/activate.h"
#include "preload/engine_use.h"
#include "preload/generate_internal.h"
#include "preload/module_names.h"
#include "preload/modules.h"
#include "preload/own_stack.h"
#include "preload/reason.h"
#include "preload/recording.h"
#include "preload/runtime.h"
#include "preload/stats.h"

static bool are_put_off;

struct addition {
	struct sc_engine_request request;
	struct sc_mapped_image *mapped; /* NULL: it was not made */
	int error; /* of the engine */
};

/* Generates into a memory file, maps and activates it. */
static struct sc_mapped_image *make_image(struct sc_engine_request *request, int *error)
{
	struct sc_mapped_image *mapped = NULL;
	uint32_t functions = sc_runtime.functions;
	const char *why = "";
	int fd = sc_generate_memory_file();

	if (fd < 0)
		return NULL;
	request->fd = fd;
	*error = sc_engine_generate(request);
	if (*error == 0)
		mapped = sc_generate_take_in(fd, &why);
	else
		why = *error == -EBUSY ? "a client's hook is running" : request->failure;
	if (mapped && (!sc_recording_image(mapped, NULL, -1) || !sc_activate(mapped, &why))) {
		sc_image_unload(mapped);
		mapped = NULL;
	}
	sc_sys_close(fd);
	if (!mapped) {
		sc_reason(SC_LOG_INFO, "what was loaded later is not intercepted: %s", why);
		return NULL;
	}
	sc_runtime.generated += sc_runtime.functions - functions;
	sc_generate_learned();
	sc_runtime.state = sc_runtime.state == SC_STATE_COLD ? SC_STATE_COLD : SC_STATE_MERGED;
	return mapped;
}

static void make_addition(void *argument)
{
	struct addition *addition = argument;

	if (sc_runtime_rules() && sc_engine_get())
		addition->mapped = make_image(&addition->request, &addition->error);
}

/* The host calls from wherever it likes; reading prototypes alone takes more stack than a small thread has. */
static void add_image(struct addition *addition)
{
	if (sc_own_stack_run(make_addition, addition) < 0)
		sc_reason(SC_LOG_INFO, "what was loaded later is not intercepted: no memory");
}

/* A hook of a client was running: the modules are new to the next who looks. */
static void put_off(const bool *wanted)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (wanted[i])
			sc_modules.list[i].flags |= SC_MODULE_NEW;
	are_put_off = true;
}

bool sc_generate_are_put_off(void)
{
	return are_put_off;
}

void sc_generate_modules(void)
{
	struct addition addition = { .error = 0 };
	bool *wanted;
	bool any = false;
	struct sc_arena arena = { 0 };

	wanted = sc_arena_array(&arena, sc_modules.room, sizeof(*wanted));
	for (uint32_t i = 0; wanted && i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		wanted[i] = (module->flags & SC_MODULE_NEW) && module->image_module == UINT32_MAX &&
			    !(module->flags & (SC_MODULE_OURS | SC_MODULE_GONE));
		module->flags &= ~(uint32_t)SC_MODULE_NEW;
		any = any || wanted[i];
	}
	addition.request.wanted = wanted;
	if (any)
		add_image(&addition);
	are_put_off = false;
	if (addition.error == -EBUSY)
		put_off(wanted);
	sc_arena_release(&arena);
}

uintptr_t sc_generate_symbol(uintptr_t address, const char *name, const char *version)
{
	const struct sc_module *module = sc_modules_at(address);
	struct addition addition = {
		.request = { .symbol_module = module, .symbol_name = name, .symbol_version = version },
	};
	struct sc_library_names library;

	if (!module || (module->flags & (SC_MODULE_OURS | SC_MODULE_LOADER)) || address < module->code_start ||
	    address >= module->code_end || !sc_runtime_rules())
		return 0;
	library = sc_module_names(module);
	if (!sc_rules_match(&sc_runtime.rules, name, version, &library, NULL, NULL))
		return 0;
	add_image(&addition);
	if (!addition.mapped)
		return 0;
	sc_stats_update();
	return sc_activate_stub_of(address);
}
