/* SPDX-License-Identifier: MIT */
/*
 * Owns what indexes mean: the names of images in the record, the copies of their files beside it (the
 * report needs them when the cache has long evicted the originals), and the names of stubs that are in no
 * image. Called when an image comes into use, and when stubs are made while the process runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "common/sys.h"
#include "preload/record_chunks.h"
#include "preload/record_file.h"
#include "preload/record_map.h"

#define BLOCK 4096
#define NAMES_MOST (64u << 20)

static void append_hex(char *out, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
}

static int contents(int from, int to, uint64_t size)
{
	char block[BLOCK];
	int r = 0;

	for (uint64_t at = 0; r == 0 && at < size; at += sizeof(block)) {
		size_t part = size - at < sizeof(block) ? (size_t)(size - at) : sizeof(block);

		r = sc_sys_pread_full(from, block, part, (off_t)at);
		if (r == 0)
			r = sc_sys_pwrite_full(to, block, part, (off_t)at);
	}
	return r;
}

/* A complete file or none: written under a name of our own, then linked. */
static int copy(int fd, const char *target)
{
	char name[] = "images/.tmp-0000000000000000", temporary[PATH_MAX];
	struct stat stat;
	uint64_t random;
	int to, r = sc_sys_fstat(fd, &stat);

	if (r)
		return r;
	if ((uint64_t)stat.st_size > sc_record_file_most())
		return -EFBIG;
	if (sc_sys_getrandom(&random, sizeof(random)))
		random = sc_record_header()->start_realtime;
	append_hex(name + sizeof("images/.tmp-") - 1, (const uint8_t *)&random, sizeof(random));
	r = sc_record_file_beside(temporary, sizeof(temporary), name);
	if (r)
		return r;
	to = sc_sys_openat(AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY, 0444);
	if (to < 0)
		return to;
	r = contents(fd, to, (uint64_t)stat.st_size);
	sc_sys_close(to);
	if (r == 0)
		r = sc_sys_renameat(AT_FDCWD, temporary, AT_FDCWD, target);
	if (r)
		sc_sys_unlinkat(AT_FDCWD, temporary);
	return r;
}

/* Whether path is still the file that fd is: it may have been replaced since it was opened. */
static bool same_file(const char *path, int fd)
{
	struct stat a, b;

	return sc_sys_fstatat(AT_FDCWD, path, &a, AT_SYMLINK_NOFOLLOW) == 0 && sc_sys_fstat(fd, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int put_beside(const uint8_t id[16], const char *path, int fd)
{
	char name[] = "images/00000000000000000000000000000000.so", target[PATH_MAX];
	struct stat stat;
	int r;

	append_hex(name + sizeof("images/") - 1, id, 16);
	r = sc_record_file_beside(target, sizeof(target), name);
	if (r)
		return r == -ENOENT ? 0 : r;
	/* Most often it is there: the first process of this program has put it. */
	if (sc_sys_fstatat(AT_FDCWD, target, &stat, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	target[sc_record_file_beside(target, sizeof(target), "images") ? 0 : PATH_MAX - 1] = 0;
	r = sc_sys_mkdirat(AT_FDCWD, target, 0700);
	if (r && r != -EEXIST)
		return r;
	sc_record_file_beside(target, sizeof(target), name);
	if (path && same_file(path, fd)) {
		r = sc_sys_linkat(AT_FDCWD, path, AT_FDCWD, target, 0);
		if (r == 0 || r == -EEXIST)
			return 0;
	}
	return copy(fd, target);
}

int sc_record_add_image(const uint8_t id[16], uint32_t first_index, uint32_t count, const char *path, int fd)
{
	struct sc_record_header *header = sc_chunks_header();
	uint32_t n = __atomic_load_n(&header->image_count, __ATOMIC_RELAXED);
	struct sc_record_image *image;

	do {
		if (n >= SC_RECORD_IMAGES)
			return -ENOSPC;
	} while (!__atomic_compare_exchange_n(&header->image_count, &n, n + 1, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	image = &header->images[n];
	for (unsigned i = 0; i < 16; i++)
		image->id[i] = id[i];
	image->first_index = first_index;
	__atomic_store_n(&image->count, count, __ATOMIC_RELEASE);
	return put_beside(id, path, fd);
}

int sc_record_add_names(uint32_t first_index, uint32_t count, const char *strings, uint64_t size)
{
	uint64_t whole = (sizeof(struct sc_record_names) + size + SC_CHUNK_ALIGNMENT - 1) &
			 ~(uint64_t)(SC_CHUNK_ALIGNMENT - 1);
	struct sc_record_names *names;
	uint64_t offset;
	char *to;

	if (size > NAMES_MOST)
		return -E2BIG;
	sc_chunks_enter();
	offset = sc_chunks_claim(whole, whole);
	if (offset) {
		names = sc_chunks_at(offset);
		names->first_index = first_index;
		names->count = count;
		names->size = size;
		to = (char *)(names + 1);
		for (uint64_t i = 0; i < size; i++)
			to[i] = strings[i];
		sc_chunks_publish(offset, SC_RECORD_NAMES);
	}
	sc_chunks_leave();
	return offset ? 0 : -ENOSPC;
}
