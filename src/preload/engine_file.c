/* SPDX-License-Identifier: MIT */
/*
 * Owns where the engine, and what else is loaded when needed, is looked for. A warm start asks for the engine's identity
 * only: one or two stat calls. Called by start.c, generate.c and unwind_load.c.
 */
#include "preload/engine_file.h"

#include <fcntl.h>
#include <string.h>

#include "common/hash.h"
#include "common/sys.h"
#include "preload/modules.h"

#define ENGINE_NAME "libstubcache-engine.so"

static bool join(char *out, size_t size, const char *directory, size_t length, const char *name)
{
	if (length + strlen(name) + 2 > size)
		return false;
	memcpy(out, directory, length);
	out[length] = '/';
	memcpy(out + length + 1, name, strlen(name) + 1);
	return true;
}

static bool find(char *out, size_t size, const char *name, struct stat *stat)
{
	const char *self = sc_modules_self()->path;
	const char *slash = strrchr(self, '/');

	if (slash && join(out, size, self, (size_t)(slash - self), name) &&
	    sc_sys_fstatat(AT_FDCWD, out, stat, 0) == 0)
		return true;
	return join(out, size, SC_PKGLIBDIR, strlen(SC_PKGLIBDIR), name) &&
	       sc_sys_fstatat(AT_FDCWD, out, stat, 0) == 0;
}

bool sc_engine_file(char *out, size_t size)
{
	return sc_engine_companion(out, size, ENGINE_NAME);
}

bool sc_engine_companion(char *out, size_t size, const char *name)
{
	struct stat stat;

	return find(out, size, name, &stat);
}

bool sc_engine_identity(uint8_t out[16])
{
	struct {
		uint64_t size, seconds, nanoseconds, inode;
	} known = { 0 };
	struct sc_hash128 hash;
	struct stat stat;
	char path[4096];

	if (!find(path, sizeof(path), ENGINE_NAME, &stat))
		return false;
	known.size = (uint64_t)stat.st_size;
	known.seconds = (uint64_t)stat.st_mtim.tv_sec;
	known.nanoseconds = (uint64_t)stat.st_mtim.tv_nsec;
	known.inode = stat.st_ino;
	hash = sc_hash128(&known, sizeof(known));
	memcpy(out, hash.bytes, sizeof(hash.bytes));
	return true;
}
