/* SPDX-License-Identifier: MIT */
/*
 * Owns the environment of a program that is to be run, but for its rules (launch_rules.c). Called by run, explain,
 * campaign and cache warm.
 */
#include "cmd/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "common/program.h"

#define LIBRARY "libstubcache.so"

bool sc_launch_set(const char *variable, const char *value)
{
	if (setenv(variable, value, 1) == 0)
		return true;
	sc_cmd_error("cannot set %s: %s", variable, strerror(errno));
	return false;
}

static bool readable(const char *path)
{
	return access(path, R_OK) == 0;
}

/* The library beside this program in a build directory: the program itself, or (when libtool put a
 * script in its place) in .libs with it. */
static bool uninstalled(char *out, size_t size)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length <= 0)
		return false;
	self[length] = 0;
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = 0;
	if ((size_t)snprintf(out, size, "%s/.libs/" LIBRARY, self) < size && readable(out))
		return true;
	slash = strrchr(self, '/');
	return slash && !strcmp(slash, "/.libs") && (size_t)snprintf(out, size, "%s/" LIBRARY, self) < size &&
	       readable(out);
}

static bool find_library(char *out, size_t size)
{
	const char *given = getenv("STUBCACHE_LIBRARY");

	if (given && *given) {
		char absolute[PATH_MAX];

		/* The program may change directory and start others: only an absolute path stays right. */
		if (!realpath(given, absolute) || (size_t)snprintf(out, size, "%s", absolute) >= size) {
			sc_cmd_error("cannot use STUBCACHE_LIBRARY '%s': %s", given, strerror(errno));
			return false;
		}
		return true;
	}
	if (uninstalled(out, size))
		return true;
	if ((size_t)snprintf(out, size, "%s/" LIBRARY, SC_LIBDIR) < size && readable(out))
		return true;
	sc_cmd_error("cannot find " LIBRARY " in '%s': install it, or name it in STUBCACHE_LIBRARY", SC_LIBDIR);
	return false;
}

/* The program and its children may change directory: what is named relative to ours stays what it is. */
static bool make_absolute(const char *variable)
{
	const char *path = getenv(variable);
	char here[PATH_MAX], *whole;
	bool ok;

	if (!path || !*path || *path == '/')
		return true;
	if (!getcwd(here, sizeof(here)) || asprintf(&whole, "%s/%s", here, path) < 0) {
		sc_cmd_error("cannot make %s '%s' absolute: %s", variable, path, strerror(errno));
		return false;
	}
	ok = sc_launch_set(variable, whole);
	free(whole);
	return ok;
}

/* Paths joined by ':'. searched: each with arguments behind a comma, and looked for as a library without a slash. */
static bool make_list_absolute(const char *variable, bool searched)
{
	const char *list = getenv(variable);
	char here[PATH_MAX], *whole = NULL;
	size_t size;
	FILE *out;
	bool ok;

	if (!list || !*list || !getcwd(here, sizeof(here)) || strpbrk(here, searched ? ":," : ":"))
		return true;
	out = open_memstream(&whole, &size);
	for (const char *at = list; out && *at;) {
		size_t path = strcspn(at, searched ? ":," : ":"), client = strcspn(at, ":");

		if (path && *at != '/' && (!searched || memchr(at, '/', path)))
			fprintf(out, "%s/", here);
		client += at[client] == ':';
		fwrite(at, 1, client, out);
		at += client;
	}
	ok = out && fclose(out) == 0;
	if (!ok)
		sc_cmd_error("out of memory");
	ok = ok && sc_launch_set(variable, whole);
	free(whole);
	return ok;
}

static void look_at(void *reason, const char *path)
{
	*(enum sc_unobserved *)reason = sc_program_look(AT_FDCWD, path, 0);
}

static enum sc_unobserved look(const char *program)
{
	enum sc_unobserved reason = SC_OBSERVED;

	sc_program_find(program, getenv("PATH"), look_at, &reason);
	if (reason != SC_OBSERVED)
		sc_cmd_error("cannot observe '%s': %s", program, sc_unobserved_text(reason));
	return reason;
}

bool sc_launch_set_preload(const char *program, enum sc_unobserved *reason)
{
	static const char *const paths[] = { "STUBCACHE_DIR", "STUBCACHE_OUT", "STUBCACHE_RULES", "STUBCACHE_STATS",
					     "STUBCACHE_SYSTEM_DIR" };
	const char *before = getenv("LD_PRELOAD");
	enum sc_unobserved seen;
	char library[PATH_MAX];
	char *joined;
	bool ok;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!make_absolute(paths[i]))
			return false;
	if (!make_list_absolute("STUBCACHE_CLIENTS", true) || !make_list_absolute("STUBCACHE_PROTOTYPES", false))
		return false;
	if (!find_library(library, sizeof(library)))
		return false;
	seen = look(program);
	if (reason)
		*reason = seen;
	else if (seen != SC_OBSERVED)
		return false;
	if (sc_program_refuses(seen))
		return true;
	if (strpbrk(library, " :")) {
		sc_cmd_error("cannot preload '%s': ld.so takes spaces and colons in LD_PRELOAD for separators",
			     library);
		return false;
	}
	if (asprintf(&joined, "%s%s%s", library, before && *before ? ":" : "", before ? before : "") < 0) {
		sc_cmd_error("out of memory");
		return false;
	}
	/* Children that are started with another environment are followed, too: see stubcache(1). */
	ok = sc_launch_set("LD_PRELOAD", joined) && sc_launch_set("STUBCACHE_FOLLOW", "1");
	free(joined);
	return ok;
}
