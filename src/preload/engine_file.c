/* SPDX-License-Identifier: MIT */
/*
 * Owns where the engine is looked for. A warm start asks for its identity only: one or two stat calls. Called by
 * start.c and generate.c.
 */
#include "preload/engine_file.h"

#include <fcntl.h>
#include <string.h>

#include "common/hash.h"
#include "common/sys.h"
#include "preload/modules.h"

#define ENGINE_NAME "libstubcache-engine.so"

static bool join(char *out, size_t size, const char *directory, size_t length)
{
	if (length + 1 + sizeof(ENGINE_NAME) > size)
		return false;
	memcpy(out, directory, length);
	out[length] = '/';
	memcpy(out + length + 1, ENGINE_NAME, sizeof(ENGINE_NAME));
	return true;
}

static bool find(char *out, size_t size, struct stat *stat)
{
	const char *self = sc_modules_self()->path;
	const char *slash = strrchr(self, '/');

	if (slash && join(out, size, self, (size_t)(slash - self)) && sc_sys_fstatat(AT_FDCWD, out, stat, 0) == 0)
		return true;
	return join(out, size, SC_PKGLIBDIR, strlen(SC_PKGLIBDIR)) && sc_sys_fstatat(AT_FDCWD, out, stat, 0) == 0;
}

bool sc_engine_file(char *out, size_t size)
{
	struct stat stat;

	return find(out, size, &stat);
}

bool sc_engine_identity(uint8_t out[16])
{
	struct {
		uint64_t size, seconds, nanoseconds, inode;
	} known = { 0 };
	struct sc_hash128 hash;
	struct stat stat;
	char path[4096];

	if (!find(path, sizeof(path), &stat))
		return false;
	known.size = (uint64_t)stat.st_size;
	known.seconds = (uint64_t)stat.st_mtim.tv_sec;
	known.nanoseconds = (uint64_t)stat.st_mtim.tv_nsec;
	known.inode = stat.st_ino;
	hash = sc_hash128(&known, sizeof(known));
	memcpy(out, hash.bytes, sizeof(hash.bytes));
	return true;
}
