/* SPDX-License-Identifier: MIT */
/*
 * Owns where the cache directories are, and every check that is made before a byte of a cached file
 * is believed. Does not write (store_publish.c), remove (store_evict.c) or explain (store_reason.c).
 * Called at every start of a host, hence written for few system calls.
 *
 *   lookup:  open directory -> fstat -> check -+-> openat file -> fstat -> check -> close directory
 *                                              '-> refused: next layer
 *
 * Everything is decided on descriptors, never on a path looked at before: what was checked is what
 * is used.
 */
#include "common/store.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/hash.h"
#include "common/store_internal.h"
#include "common/sys.h"

#define TOUCH_SECONDS 3600
#define CHECKSUM_SIZE sizeof(uint64_t)

static bool is_set(const char *text)
{
	return text && text[0];
}

/*
 * base without trailing slashes (O_NOFOLLOW would follow a link that is written with one), and tail
 * behind it. False, and an empty path, when that does not fit.
 */
static bool path_join(char out[PATH_MAX], const char *base, const char *tail)
{
	size_t length = strlen(base);
	size_t more = strlen(tail);

	out[0] = 0;
	while (length > 0 && base[length - 1] == '/')
		length--;
	if (length == 0 && more == 0) {
		base = "/";
		length = 1;
	}
	if (length >= PATH_MAX || more >= PATH_MAX - length)
		return false;
	memcpy(out, base, length);
	memcpy(out + length, tail, more + 1);
	return true;
}

/* The host may change directory before something is published. */
static __attribute__((noinline)) bool here_join(char out[PATH_MAX], const char *relative)
{
	char whole[PATH_MAX];
	long end = sc_syscall2(SYS_getcwd, whole, sizeof(whole)); /* its zero included */
	size_t more = strlen(relative);

	if (end < 2 || whole[0] != '/' || more >= sizeof(whole) - (size_t)end)
		return false;
	whole[end - 1] = '/';
	memcpy(whole + end, relative, more + 1);
	return path_join(out, whole, "");
}

static bool home_join(struct sc_store *store, const char *home)
{
	static const char tail[] = "/.cache/stubcache";

	if (!path_join(store->user, home, tail))
		return false;
	store->user_home = strlen(store->user) - (sizeof(tail) - 1);
	return true;
}

void sc_store_open(struct sc_store *store, const struct sc_store_options *options)
{
	bool found = true;
	bool fits = true;

	store->mode = options->mode;
	store->limit = options->limit;
	store->euid = sc_sys_geteuid();
	store->system = is_set(options->system_directory) ? options->system_directory : "";
	store->user[0] = 0;
	store->user_home = 0;
	if (is_set(options->directory))
		fits = options->directory[0] == '/' ? path_join(store->user, options->directory, "") :
						      here_join(store->user, options->directory);
	else if (options->xdg_cache_home && options->xdg_cache_home[0] == '/')
		fits = path_join(store->user, options->xdg_cache_home, "/stubcache");
	else if (options->home && options->home[0] == '/')
		fits = home_join(store, options->home);
	else
		found = false;
	store->user_reason = found && fits ? SC_STORE_OK : SC_STORE_NO_DIRECTORY;
	store->user_errno = fits ? 0 : ENAMETOOLONG;
}

/* Root may write everything anyway, so what root owns is as safe as what we own. */
static bool owner_ok(const struct sc_store *store, const struct stat *st)
{
	return st->st_uid == store->euid || st->st_uid == 0;
}

static bool others_may_write(const struct stat *st)
{
	return st->st_mode & (S_IWGRP | S_IWOTH);
}

static enum sc_store_reason check_directory(const struct sc_store *store, const struct stat *st)
{
	if (!owner_ok(store, st))
		return SC_STORE_DIRECTORY_OWNER;
	if (others_may_write(st))
		return SC_STORE_DIRECTORY_WRITABLE;
	return SC_STORE_OK;
}

enum sc_store_reason sc_store_check_file(const struct sc_store *store, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return SC_STORE_NOT_REGULAR;
	if (!owner_ok(store, st))
		return SC_STORE_OWNER;
	if (others_may_write(st))
		return SC_STORE_WRITABLE;
	if ((uint64_t)st->st_size < SC_STORE_FILE_LEAST || (uint64_t)st->st_size > SC_STORE_FILE_MOST)
		return SC_STORE_SIZE;
	return SC_STORE_OK;
}

bool sc_store_name_ok(const char *name)
{
	return is_set(name) && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strncmp(name, SC_STORE_TEMPORARY, sizeof(SC_STORE_TEMPORARY) - 1) != 0;
}

static enum sc_store_reason directory_failed(int result, int *error)
{
	if (result == -ENOTDIR || result == -ELOOP)
		return SC_STORE_NOT_DIRECTORY;
	*error = -result;
	return result == -ENOENT ? SC_STORE_NO_DIRECTORY : SC_STORE_ERROR;
}

enum sc_store_reason sc_store_open_directory(const struct sc_store *store, const char *path, int flags, int *fd,
					     int *error)
{
	enum sc_store_reason reason;
	struct stat st;
	int directory, r;

	directory = sc_sys_openat(AT_FDCWD, path, flags | O_DIRECTORY | O_NOFOLLOW, 0);
	if (directory < 0)
		return directory_failed(directory, error);
	r = sc_sys_fstat(directory, &st);
	reason = r < 0 ? directory_failed(r, error) : check_directory(store, &st);
	if (reason == SC_STORE_OK)
		*fd = directory;
	else
		sc_sys_close(directory);
	return reason;
}

/*
 * Why the file could not be opened. A symlink, a socket, a device on a nodev mount and another
 * user's private file all fail in ways of their own; what the entry is says it better.
 */
static enum sc_store_reason open_failed(const struct sc_store *store, int directory, const char *name, int result,
					int *error)
{
	enum sc_store_reason reason;
	struct stat st;

	if (result == -ENOENT)
		return SC_STORE_ABSENT;
	if (sc_sys_fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		reason = sc_store_check_file(store, &st);
		if (reason != SC_STORE_OK)
			return reason;
	}
	*error = -result;
	return SC_STORE_ERROR;
}

static enum sc_store_reason open_file(const struct sc_store *store, int directory, const char *name,
				      struct sc_store_file *out, int *error)
{
	enum sc_store_reason reason;
	struct stat st;
	int fd, r;

	/* O_NONBLOCK: a FIFO must not make the host wait for a writer. */
	fd = sc_sys_openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return open_failed(store, directory, name, fd, error);
	r = sc_sys_fstat(fd, &st);
	if (r < 0) {
		*error = -r;
		reason = SC_STORE_ERROR;
	} else {
		reason = sc_store_check_file(store, &st);
	}
	if (reason != SC_STORE_OK) {
		sc_sys_close(fd);
		return reason;
	}
	out->fd = fd;
	out->size = (uint64_t)st.st_size;
	out->stat = st;
	return SC_STORE_OK;
}

/* The first layer that refused the file itself, and the first whose directory was refused. */
struct refusals {
	enum sc_store_reason file, directory;
	int file_error, directory_error;
};

static bool lookup_layer(const struct sc_store *store, const char *path, const char *name, struct sc_store_file *out,
			 struct refusals *refusals)
{
	enum sc_store_reason reason;
	int directory, error = 0;

	reason = sc_store_open_directory(store, path, O_PATH, &directory, &error);
	if (reason != SC_STORE_OK) {
		if (reason != SC_STORE_NO_DIRECTORY && refusals->directory == SC_STORE_ABSENT) {
			refusals->directory = reason;
			refusals->directory_error = error;
		}
		return false;
	}
	reason = open_file(store, directory, name, out, &error);
	sc_sys_close(directory);
	if (reason != SC_STORE_OK && refusals->file == SC_STORE_ABSENT) {
		refusals->file = reason;
		refusals->file_error = error;
	}
	return reason == SC_STORE_OK;
}

enum sc_store_reason sc_store_lookup(const struct sc_store *store, const char *name, struct sc_store_file *out,
				     int *error)
{
	struct refusals refusals = { .file = SC_STORE_ABSENT, .directory = SC_STORE_ABSENT };
	bool by_file;

	if (store->mode == SC_STORE_OFF || !sc_store_name_ok(name))
		return SC_STORE_ABSENT;
	if (store->user[0] && lookup_layer(store, store->user, name, out, &refusals)) {
		out->from_system = false;
		out->may_touch = store->mode == SC_STORE_WRITE;
		return SC_STORE_OK;
	}
	if (store->system[0] && lookup_layer(store, store->system, name, out, &refusals)) {
		out->from_system = true;
		out->may_touch = false;
		return SC_STORE_OK;
	}
	by_file = refusals.file != SC_STORE_ABSENT;
	if ((by_file ? refusals.file : refusals.directory) == SC_STORE_ERROR)
		*error = by_file ? refusals.file_error : refusals.directory_error;
	return by_file ? refusals.file : refusals.directory;
}

bool sc_store_checksum_ok(const void *data, size_t size)
{
	uint64_t stored;

	if (size < CHECKSUM_SIZE)
		return false;
	memcpy(&stored, (const char *)data + size - CHECKSUM_SIZE, CHECKSUM_SIZE);
	return le64toh(stored) == sc_hash64(data, size - CHECKSUM_SIZE);
}

void sc_store_checksum_set(void *data, size_t size)
{
	uint64_t sum = htole64(sc_hash64(data, size - CHECKSUM_SIZE));

	memcpy((char *)data + size - CHECKSUM_SIZE, &sum, CHECKSUM_SIZE);
}

void sc_store_touch(const struct sc_store_file *file)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT } };
	struct timespec now;
	time_t used = file->stat.st_atim.tv_sec;

	if (!file->may_touch || sc_sys_clock_gettime(CLOCK_REALTIME, &now) < 0)
		return;
	/* A time in the future is corrected, or it would protect the file until then. */
	if (used <= now.tv_sec && now.tv_sec - used < TOUCH_SECONDS)
		return;
	sc_sys_futimens(file->fd, times);
}
