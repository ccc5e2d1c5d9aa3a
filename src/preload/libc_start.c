/* SPDX-License-Identifier: MIT */
/*
 * Owns the early start of libc. Called by clients.c before it loads the first client, and by nobody else: without
 * clients libc starts when ld.so says so.
 *
 * Our constructor runs before libc's own (csu/init-first.c), which notes the program's arguments and sets environ
 * and program_invocation_name. dlopen runs the constructors of all that the new object NEEDs, each once a process, with
 * the arguments that libc has noted. In our constructor it has noted none: libc's constructor would be run with argc 0
 * and environ NULL, and never again.
 *
 *	ld.so:  our constructor -> sc_libc_start: libc's constructors, with the real arguments
 *	                        -> dlopen: libc's constructors again, by ld.so, with what libc has noted: the same
 *	        (libc: done already) -> the program's constructors, in their order
 *
 * In glibc 2.31 to 2.41 libc's constructors only assign these values and check that stdio is unharmed: twice is once.
 */
#include "preload/libc_start.h"

#include <string.h>
#include <unistd.h>

#include "preload/modules.h"

#define SONAME "libc.so.6"

typedef void constructor(int argc, char **argv, char **env);

struct arguments {
	int argc;
	char **argv, **env;
};

/* ld.so relocates some of these entries in place, and not others. */
static uintptr_t address(const struct sc_module *module, const ElfW(Dyn) *entry)
{
	return entry->d_un.d_ptr < module->base ? module->base + entry->d_un.d_ptr : entry->d_un.d_ptr;
}

static const ElfW(Dyn) *find(const struct sc_module *module, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *entry = module->dynamic; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			return entry;
	return NULL;
}

static bool is_libc(const struct sc_module *module)
{
	const ElfW(Dyn) *soname = find(module, DT_SONAME), *strings = find(module, DT_STRTAB);

	return soname && strings &&
	       strcmp((const char *)address(module, strings) + soname->d_un.d_val, SONAME) == 0;
}

/* As ld.so does it: DT_INIT, then the array in its order. */
static void run_constructors(const struct sc_module *module, const struct arguments *with)
{
	const ElfW(Dyn) *init = find(module, DT_INIT), *array = find(module, DT_INIT_ARRAY),
			*size = find(module, DT_INIT_ARRAYSZ);

	if (init)
		((constructor *)address(module, init))(with->argc, with->argv, with->env);
	for (size_t i = 0; array && size && i < size->d_un.d_val / sizeof(ElfW(Addr)); i++)
		((constructor **)address(module, array))[i](with->argc, with->argv, with->env);
}

bool sc_libc_start(int argc, char **argv, char **env)
{
	const struct arguments arguments = { argc, argv, env };

	if (environ)
		return true; /* somebody has loaded it earlier still */
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (is_libc(&sc_modules.list[i])) {
			run_constructors(&sc_modules.list[i], &arguments);
			break;
		}
	return environ == env;
}
