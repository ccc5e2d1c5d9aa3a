/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a file that was generated or found to a mapped image, through memory where that is needed. Called
 * by start.c and the other generate files.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/generate_internal.h"
#include "preload/reason.h"
#include "preload/runtime.h"

int sc_generate_memory_file(void)
{
	int fd = sc_sys_memfd_create("stubcache", MFD_CLOEXEC | 0x0010u /* MFD_EXEC */);

	return fd == -EINVAL ? sc_sys_memfd_create("stubcache", MFD_CLOEXEC) : fd;
}

static uint64_t file_size(int fd)
{
	struct stat stat;

	return sc_sys_fstat(fd, &stat) == 0 ? (uint64_t)stat.st_size : 0;
}

static int copy_to_memory(int fd, uint64_t size)
{
	int copy = sc_generate_memory_file(), r = 0;
	static char buffer[16384];

	for (uint64_t at = 0; copy >= 0 && r == 0 && at < size;) {
		size_t n = size - at < sizeof(buffer) ? (size_t)(size - at) : sizeof(buffer);

		r = sc_sys_pread_full(fd, buffer, n, (off_t)at);
		if (r == 0)
			r = sc_sys_pwrite_full(copy, buffer, n, (off_t)at);
		at += n;
	}
	if (r < 0)
		sc_sys_close(copy);
	return r < 0 ? r : copy;
}

struct sc_mapped_image *sc_generate_map(int fd, uint64_t size, const char **why)
{
	struct sc_mapped_image *mapped = sc_image_load(fd, size, sc_runtime.key.bytes, why);
	int copy;

	if (mapped || strcmp(*why, "noexec") != 0)
		return mapped;
	sc_reason(SC_LOG_INFO, "cache-noexec: nothing can be executed from where the cache is");
	copy = copy_to_memory(fd, size);
	if (copy < 0) {
		*why = "noexec, and no memory file";
		return NULL;
	}
	mapped = sc_image_load(copy, size, sc_runtime.key.bytes, why);
	sc_sys_close(copy);
	return mapped;
}

struct sc_mapped_image *sc_generate_take_in(int fd, const char **why)
{
	struct sc_mapped_image *mapped = sc_generate_map(fd, file_size(fd), why);

	if (!mapped)
		return NULL;
	mapped->first_index = sc_runtime.indexes;
	sc_runtime.indexes += mapped->image.header->stub_count;
	return mapped;
}
