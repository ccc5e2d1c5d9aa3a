/* SPDX-License-Identifier: MIT */
/*
 * Owns the early start of libc. Called by clients.c and replace.c before they load the first object, and by nobody
 * else: without such objects libc starts when ld.so says so.
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

#include "preload/module_names.h"
#include "preload/modules.h"

#define SONAME "libc.so.6"

typedef void constructor(int argc, char **argv, char **env);

static bool is_libc(const struct sc_module *module)
{
	const char *soname = sc_module_soname(module);

	return soname && strcmp(soname, SONAME) == 0;
}

/* As ld.so does it: DT_INIT, then the array in its order. */
static void run_constructors(const struct sc_module *module, const struct sc_start_arguments *with)
{
	const ElfW(Dyn) *init = sc_module_dynamic(module, DT_INIT);
	const ElfW(Dyn) *array = sc_module_dynamic(module, DT_INIT_ARRAY);
	const ElfW(Dyn) *size = sc_module_dynamic(module, DT_INIT_ARRAYSZ);

	if (init)
		((constructor *)sc_module_pointer(module, init))(with->argc, with->argv, with->env);
	for (size_t i = 0; array && size && i < size->d_un.d_val / sizeof(ElfW(Addr)); i++)
		((constructor **)sc_module_pointer(module, array))[i](with->argc, with->argv, with->env);
}

bool sc_libc_start(const struct sc_start_arguments *arguments)
{
	if (environ)
		return true; /* somebody has loaded it earlier still */
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (is_libc(&sc_modules.list[i])) {
			run_constructors(&sc_modules.list[i], arguments);
			break;
		}
	return environ == arguments->env;
}
