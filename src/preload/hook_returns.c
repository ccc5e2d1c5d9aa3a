/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of error conventions, for functions of libc and libpthread, after their manual pages. What is not here
 * returns -1 and sets errno, as most do. Called by hooks_bind.c
 * for functions whose prototype does not say it, or is not known.
 *
 * Where a name has a form of its own for large files or a version with checks (fopen64, __fread_chk), the pattern
 * covers it.
 */
#include "preload/hook_returns.h"

#include <stddef.h>

#include "common/glob.h"

static const struct convention {
	const char *name; /* glob; the first that matches counts */
	enum sc_hook_returns returns;
} conventions[] = {
	/* exceptions from what follows */
	{ "posix_openpt", SC_RETURNS_MINUS_ONE },
	{ "pthread_getspecific", SC_RETURNS_ZERO },
	/* the error itself */
	{ "pthread_*", SC_RETURNS_ERROR },
	{ "posix_*", SC_RETURNS_ERROR },
	{ "clock_nanosleep", SC_RETURNS_ERROR },
	{ "sigwait", SC_RETURNS_ERROR },
	{ "getpw*_r", SC_RETURNS_ERROR },
	{ "getgr*_r", SC_RETURNS_ERROR },
	{ "getsp*_r", SC_RETURNS_ERROR },
	{ "getlogin_r", SC_RETURNS_ERROR },
	{ "gethost*_r", SC_RETURNS_ERROR },
	{ "getserv*_r", SC_RETURNS_ERROR },
	{ "readdir*_r", SC_RETURNS_ERROR },
	{ "ttyname_r", SC_RETURNS_ERROR },
	{ "ptsname_r", SC_RETURNS_ERROR },
	{ "argz_*", SC_RETURNS_ERROR },
	{ "envz_add", SC_RETURNS_ERROR },
	/* memory, strings */
	{ "malloc", SC_RETURNS_ZERO },
	{ "calloc", SC_RETURNS_ZERO },
	{ "realloc", SC_RETURNS_ZERO },
	{ "reallocarray", SC_RETURNS_ZERO },
	{ "aligned_alloc", SC_RETURNS_ZERO },
	{ "memalign", SC_RETURNS_ZERO },
	{ "valloc", SC_RETURNS_ZERO },
	{ "pvalloc", SC_RETURNS_ZERO },
	{ "_Znwm*", SC_RETURNS_ZERO }, /* operator new, and new[] */
	{ "_Znam*", SC_RETURNS_ZERO },
	{ "*strdup", SC_RETURNS_ZERO },
	{ "*strndup", SC_RETURNS_ZERO },
	{ "wcsdup", SC_RETURNS_ZERO },
	/* streams */
	{ "fopen*", SC_RETURNS_ZERO },
	{ "fdopen*", SC_RETURNS_ZERO }, /* fdopendir, too */
	{ "freopen*", SC_RETURNS_ZERO },
	{ "fmemopen", SC_RETURNS_ZERO },
	{ "open_memstream", SC_RETURNS_ZERO },
	{ "open_wmemstream", SC_RETURNS_ZERO },
	{ "popen", SC_RETURNS_ZERO },
	{ "tmpfile*", SC_RETURNS_ZERO },
	{ "*fread*", SC_RETURNS_ZERO },
	{ "fwrite*", SC_RETURNS_ZERO },
	{ "*fgets*", SC_RETURNS_ZERO },
	{ "*fgetws*", SC_RETURNS_ZERO },
	{ "*gets", SC_RETURNS_ZERO },
	{ "setmntent", SC_RETURNS_ZERO },
	{ "getmntent*", SC_RETURNS_ZERO },
	/* directories, paths */
	{ "opendir", SC_RETURNS_ZERO },
	{ "readdir*", SC_RETURNS_ZERO },
	{ "*getcwd*", SC_RETURNS_ZERO },
	{ "getwd", SC_RETURNS_ZERO },
	{ "get_current_dir_name", SC_RETURNS_ZERO },
	{ "*realpath*", SC_RETURNS_ZERO },
	{ "canonicalize_file_name", SC_RETURNS_ZERO },
	{ "mkdtemp*", SC_RETURNS_ZERO },
	{ "tempnam", SC_RETURNS_ZERO },
	{ "tmpnam*", SC_RETURNS_ZERO },
	{ "fts*_open", SC_RETURNS_ZERO },
	{ "fts*_read", SC_RETURNS_ZERO },
	/* the environment, the system's tables */
	{ "getenv", SC_RETURNS_ZERO },
	{ "secure_getenv", SC_RETURNS_ZERO },
	{ "getpw*", SC_RETURNS_ZERO },
	{ "getgrent", SC_RETURNS_ZERO },
	{ "getgrgid", SC_RETURNS_ZERO },
	{ "getgrnam", SC_RETURNS_ZERO },
	{ "getsp*", SC_RETURNS_ZERO },
	{ "getlogin", SC_RETURNS_ZERO },
	{ "gethostby*", SC_RETURNS_ZERO },
	{ "gethostent", SC_RETURNS_ZERO },
	{ "getserv*", SC_RETURNS_ZERO },
	{ "getproto*", SC_RETURNS_ZERO },
	{ "ttyname", SC_RETURNS_ZERO },
	{ "ptsname", SC_RETURNS_ZERO },
	{ "crypt*", SC_RETURNS_ZERO },
	{ "if_nametoindex", SC_RETURNS_ZERO },
	{ "if_indextoname", SC_RETURNS_ZERO },
	{ "if_nameindex", SC_RETURNS_ZERO },
	{ "inet_ntop", SC_RETURNS_ZERO },
	{ "localtime*", SC_RETURNS_ZERO },
	{ "gmtime*", SC_RETURNS_ZERO },
	{ "asctime*", SC_RETURNS_ZERO },
	{ "ctime*", SC_RETURNS_ZERO },
	{ "setlocale", SC_RETURNS_ZERO },
	{ "newlocale", SC_RETURNS_ZERO },
	{ "duplocale", SC_RETURNS_ZERO },
	{ "textdomain", SC_RETURNS_ZERO },
	{ "bindtextdomain", SC_RETURNS_ZERO },
	/* the rest */
	{ "sem_open", SC_RETURNS_ZERO },
	{ "tsearch", SC_RETURNS_ZERO },
	{ "hsearch", SC_RETURNS_ZERO },
	{ "hcreate", SC_RETURNS_ZERO },
};

enum sc_hook_returns sc_hook_returns(const char *function)
{
	for (size_t i = 0; i < sizeof(conventions) / sizeof(conventions[0]); i++)
		if (sc_glob_match(conventions[i].name, function))
			return conventions[i].returns;
	return SC_RETURNS_MINUS_ONE;
}
