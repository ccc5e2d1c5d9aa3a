/* SPDX-License-Identifier: MIT */
/*
 * Owns the lists of functions that are treated specially, with the reason that `stubcache explain` gives. Called by
 * select.c for every target.
 */
#include "engine/exclude.h"

#include <string.h>

#include "engine/engine.h"

static const char twice[] = "returns more than once or on another stack: counted, not timed or injected";
static const char jumps[] = "never returns to its caller: counted, not timed or injected";
static const char caller[] = "looks at its caller: counted, not timed or injected";
static const char unwinds[] = "walks the stack from its caller: counted, not timed or injected";
static const char convention[] = "has a calling convention of its own";
static const char loader[] = "is between the loader, libc and the start files";

static const struct special {
	const char *name; /* a trailing '*' matches any rest */
	enum sc_treatment treatment;
	const char *why;
} specials[] = {
	{ "setjmp", SC_TREAT_TAIL, twice },
	{ "_setjmp", SC_TREAT_TAIL, twice },
	{ "sigsetjmp", SC_TREAT_TAIL, twice },
	{ "__sigsetjmp", SC_TREAT_TAIL, twice },
	{ "savectx", SC_TREAT_TAIL, twice },
	{ "__wine_setjmpex", SC_TREAT_TAIL, twice },
	{ "vfork", SC_TREAT_TAIL, twice },
	{ "__vfork", SC_TREAT_TAIL, twice },
	{ "clone", SC_TREAT_TAIL, twice },
	{ "__clone", SC_TREAT_TAIL, twice },
	{ "clone3", SC_TREAT_TAIL, twice },
	{ "getcontext", SC_TREAT_TAIL, twice },
	{ "setcontext", SC_TREAT_TAIL, twice },
	{ "swapcontext", SC_TREAT_TAIL, twice },
	{ "makecontext", SC_TREAT_TAIL, twice },
	{ "longjmp", SC_TREAT_TAIL, jumps },
	{ "_longjmp", SC_TREAT_TAIL, jumps },
	{ "siglongjmp", SC_TREAT_TAIL, jumps },
	{ "__longjmp_chk", SC_TREAT_TAIL, jumps },
	{ "__wine_longjmp", SC_TREAT_TAIL, jumps },
	{ "dlopen", SC_TREAT_TAIL, caller },
	{ "dlmopen", SC_TREAT_TAIL, caller },
	{ "dlsym", SC_TREAT_TAIL, caller },
	{ "dlvsym", SC_TREAT_TAIL, caller },
	{ "dl_iterate_phdr", SC_TREAT_TAIL, caller }, /* of its namespace */
	{ "__libc_dlopen*", SC_TREAT_TAIL, caller },
	{ "__libc_dlsym*", SC_TREAT_TAIL, caller },
	/* What compilers put calls of into a program that is built with sanitizers: it reports where it is called. */
	{ "__asan_*", SC_TREAT_TAIL, caller },
	{ "__hwasan_*", SC_TREAT_TAIL, caller },
	{ "__msan_*", SC_TREAT_TAIL, caller },
	{ "__sanitizer_*", SC_TREAT_TAIL, caller },
	{ "__tsan_*", SC_TREAT_TAIL, caller },
	{ "__ubsan_*", SC_TREAT_TAIL, caller },
	{ "_Unwind_*", SC_TREAT_TAIL, unwinds },
	{ "unw_*", SC_TREAT_TAIL, unwinds },
	{ "_ULx86_64_*", SC_TREAT_TAIL, unwinds },
	{ "__tls_get_addr", SC_TREAT_ALONE, convention },
	{ "___tls_get_addr", SC_TREAT_ALONE, convention },
	{ "mcount", SC_TREAT_ALONE, convention },
	{ "_mcount", SC_TREAT_ALONE, convention },
	{ "__fentry__", SC_TREAT_ALONE, convention },
	{ "__libc_start_main", SC_TREAT_ALONE, loader },
	{ "__libc_start_call_main", SC_TREAT_ALONE, loader },
	{ "__cxa_finalize", SC_TREAT_ALONE, loader },
	{ "__gmon_start__", SC_TREAT_ALONE, loader },
	{ "_ITM_*", SC_TREAT_ALONE, loader },
	{ "_dl_*", SC_TREAT_ALONE, loader },
};

static int special_matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return strncmp(pattern, name, n - 1) == 0;
	return strcmp(pattern, name) == 0;
}

enum sc_treatment sc_exclude(const char *name, const char **why)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		if (special_matches(specials[i].name, name)) {
			*why = specials[i].why;
			return specials[i].treatment;
		}
	}
	*why = "";
	return SC_TREAT_FULLY;
}

struct watch {
	const char *name;
	uint32_t wrapper;
};

static const struct watch everywhere[] = {
	{ "dlopen", SC_WRAPPER_DLOPEN },   { "dlmopen", SC_WRAPPER_DLMOPEN },
	{ "dlsym", SC_WRAPPER_DLSYM },	   { "dlvsym", SC_WRAPPER_DLVSYM },
	{ "dlclose", SC_WRAPPER_DLCLOSE }, { "_exit", SC_WRAPPER__EXIT },
	{ "_Exit", SC_WRAPPER__EXIT },	   { "quick_exit", SC_WRAPPER_QUICK_EXIT },
	{ "abort", SC_WRAPPER_ABORT },	   { "prctl", SC_WRAPPER_PRCTL },
	{ "syscall", SC_WRAPPER_SYSCALL }, { NULL, SC_WRAPPER_NONE },
};

static const struct watch in_the_program[] = {
	{ "execve", SC_WRAPPER_EXECVE },	   { "execv", SC_WRAPPER_EXECV },
	{ "execvp", SC_WRAPPER_EXECVP },	   { "execvpe", SC_WRAPPER_EXECVPE },
	{ "execl", SC_WRAPPER_EXECL },		   { "execlp", SC_WRAPPER_EXECLP },
	{ "execle", SC_WRAPPER_EXECLE },	   { "fexecve", SC_WRAPPER_FEXECVE },
	{ "execveat", SC_WRAPPER_EXECVEAT },	   { "posix_spawn", SC_WRAPPER_POSIX_SPAWN },
	{ "posix_spawnp", SC_WRAPPER_POSIX_SPAWNP }, { "setuid", SC_WRAPPER_SETUID },
	{ "seteuid", SC_WRAPPER_SETEUID },	     { "setreuid", SC_WRAPPER_SETREUID },
	{ "setresuid", SC_WRAPPER_SETRESUID },	     { "chroot", SC_WRAPPER_CHROOT },
	{ NULL, SC_WRAPPER_NONE },
};

/* Their libc knows nothing of the handlers that we have with the program's; its environment is the one of the start,
 * so what it executes is followed without us. */
static const struct watch in_others[] = {
	{ "exit", SC_WRAPPER_EXIT }, { "fork", SC_WRAPPER_FORK },
	{ "__fork", SC_WRAPPER_FORK }, { NULL, SC_WRAPPER_NONE },
};

static uint32_t watch_of(const struct watch *watches, const char *name)
{
	while (watches->name && strcmp(watches->name, name) != 0)
		watches++;
	return watches->wrapper;
}

uint32_t sc_exclude_wrapper(const char *name, const char *library, unsigned space)
{
	uint32_t wrapper;

	if (strncmp(library, "libc.so", 7) != 0 && strncmp(library, "libdl.so", 8) != 0)
		return SC_WRAPPER_NONE;
	wrapper = watch_of(everywhere, name);
	return wrapper ? wrapper : watch_of(space ? in_others : in_the_program, name);
}
