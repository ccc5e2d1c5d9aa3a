/* SPDX-License-Identifier: MIT */
/*
 * Owns the making of files: drafts, and the one step that gives a complete draft its name. Does not
 * decide what is in them, nor make room (store_evict.c). Called by the engine, which is done with
 * selecting and emitting by then, and by the command.
 *
 *              O_TMPFILE                               temporary name
 *   new name:  linkat(fd -> name)                      renameat2(temporary -> name, NOREPLACE)
 *   replace:   linkat(fd -> temporary), then as  --->  renameat(temporary -> name)
 *
 * Each arrow is one atomic system call; a kill before, between or after leaves the old file, the new
 * one or none, and at most a temporary, which sc_store_evict sweeps.
 */
#include "common/store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>

#include "common/store_internal.h"
#include "common/sys.h"

#define DRAFT_MODE 0600
#define PUBLISHED_MODE 0444
#define DIRECTORY_MODE 0700
#define NAME_ATTEMPTS 8

static enum sc_store_reason write_failed(int result, int *error)
{
	*error = -result;
	switch (-result) {
	case EROFS:
	case EACCES:
	case EPERM:
		return SC_STORE_READ_ONLY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return SC_STORE_FULL;
	default:
		return SC_STORE_ERROR;
	}
}

/* Whoever has another's HOME, as sudo may leave it, would make directories there that the other cannot use. */
static bool is_anothers_home(const struct sc_store *store)
{
	char home[PATH_MAX];
	struct stat st;

	if (store->user_home == 0)
		return false;
	memcpy(home, store->user, store->user_home);
	home[store->user_home] = 0;
	return sc_sys_fstatat(AT_FDCWD, home, &st, 0) == 0 && st.st_uid != store->euid;
}

/* mkdir -p. Only the last result counts: what stands in the way of a parent shows there, too. */
static int make_directories(const struct sc_store *store)
{
	const char *path = store->user;
	char prefix[PATH_MAX];
	size_t length = strlen(path);
	int r;

	if (is_anothers_home(store))
		return -EPERM;
	r = sc_sys_mkdirat(AT_FDCWD, path, DIRECTORY_MODE);
	if (r != -ENOENT)
		return r;
	for (size_t i = store->user_home + 1; i < length; i++) {
		if (path[i] != '/')
			continue;
		memcpy(prefix, path, i);
		prefix[i] = 0;
		sc_sys_mkdirat(AT_FDCWD, prefix, DIRECTORY_MODE);
	}
	return sc_sys_mkdirat(AT_FDCWD, path, DIRECTORY_MODE);
}

static enum sc_store_reason open_or_make_directory(const struct sc_store *store, int *fd, int *error)
{
	enum sc_store_reason reason;
	int r;

	reason = sc_store_open_directory(store, store->user, O_PATH, fd, error);
	if (reason != SC_STORE_NO_DIRECTORY)
		return reason;
	r = make_directories(store);
	if (r < 0 && r != -EEXIST) {
		*error = -r;
		return SC_STORE_NO_DIRECTORY;
	}
	return sc_store_open_directory(store, store->user, O_PATH, fd, error);
}

static char *put_text(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length + 1);
	return at + length;
}

static char *put_number(char *at, uint64_t value, unsigned base)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		*at++ = digits[--n];
	*at = 0;
	return at;
}

/* .tmp-PID-RANDOM: the process id lets a sweep see whether the writer still lives. */
static void temporary_name(char *out)
{
	uint64_t random;
	char *at;

	if (sc_sys_getrandom(&random, sizeof(random)) < 0) {
		struct timespec now = { 0 };

		/* Early in boot, or forbidden: O_EXCL finds out when this was not unique. */
		sc_sys_clock_gettime(CLOCK_MONOTONIC, &now);
		random = ((uint64_t)now.tv_nsec << 32) + (uint64_t)sc_sys_gettid();
	}
	at = put_text(out, SC_STORE_TEMPORARY);
	at = put_number(at, (uint64_t)sc_sys_getpid(), 10);
	at = put_text(at, "-");
	put_number(at, random, 16);
}

/* The one path under which linkat can reach a file that has no name. */
static void descriptor_path(char out[40], int fd)
{
	put_number(put_text(out, "/proc/self/fd/"), (uint64_t)fd, 10);
}

static int open_unnamed(int directory)
{
	char path[40];
	struct stat st;
	int fd, r;

	fd = sc_sys_openat(directory, ".", O_TMPFILE | O_RDWR, DRAFT_MODE);
	if (fd < 0)
		return fd;
	/* Without /proc it could never be given a name. */
	descriptor_path(path, fd);
	r = sc_sys_fstatat(AT_FDCWD, path, &st, 0);
	if (r == 0)
		return fd;
	sc_sys_close(fd);
	return r;
}

static int open_named(int directory, char *name)
{
	int fd = -EEXIST;

	for (int i = 0; i < NAME_ATTEMPTS && fd == -EEXIST; i++) {
		temporary_name(name);
		fd = sc_sys_openat(directory, name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, DRAFT_MODE);
	}
	if (fd < 0)
		name[0] = 0;
	return fd;
}

static enum sc_store_reason may_write(const struct sc_store *store, int *error)
{
	if (store->mode == SC_STORE_OFF)
		return SC_STORE_ABSENT;
	*error = 0;
	if (store->mode != SC_STORE_WRITE)
		return SC_STORE_READ_ONLY;
	if (store->user_reason != SC_STORE_OK) {
		*error = store->user_errno;
		return store->user_reason;
	}
	return store->limit == 0 ? SC_STORE_FULL : SC_STORE_OK;
}

enum sc_store_reason sc_store_draft_begin(const struct sc_store *store, struct sc_store_draft *draft, int *error)
{
	enum sc_store_reason reason;

	*draft = (struct sc_store_draft)SC_STORE_NO_DRAFT;
	reason = may_write(store, error);
	if (reason == SC_STORE_OK)
		reason = open_or_make_directory(store, &draft->directory, error);
	if (reason != SC_STORE_OK)
		return reason;
	draft->fd = open_unnamed(draft->directory);
	/* File systems say "cannot" in many ways; a real obstacle shows again. */
	if (draft->fd < 0)
		draft->fd = open_named(draft->directory, draft->temporary);
	if (draft->fd < 0) {
		reason = write_failed(draft->fd, error);
		sc_store_draft_abandon(draft);
	}
	return reason;
}

void sc_store_draft_abandon(struct sc_store_draft *draft)
{
	if (draft->temporary[0])
		sc_sys_unlinkat(draft->directory, draft->temporary);
	if (draft->fd >= 0)
		sc_sys_close(draft->fd);
	if (draft->directory >= 0)
		sc_sys_close(draft->directory);
	*draft = (struct sc_store_draft)SC_STORE_NO_DRAFT;
}

static int link_unnamed(const struct sc_store_draft *draft, const char *name)
{
	char path[40];

	descriptor_path(path, draft->fd);
	return sc_sys_linkat(AT_FDCWD, path, draft->directory, name, AT_SYMLINK_FOLLOW);
}

/* -EEXIST when there is a file of that name. */
static int place_new(struct sc_store_draft *draft, const char *name)
{
	int r;

	if (!draft->temporary[0])
		return link_unnamed(draft, name);
	r = sc_sys_renameat2(draft->directory, draft->temporary, draft->directory, name, RENAME_NOREPLACE);
	if (r == 0)
		draft->temporary[0] = 0;
	/* Not every file system has it. With a link the temporary is still there: it is abandoned later. */
	if (r == -EINVAL || r == -ENOSYS)
		r = sc_sys_linkat(draft->directory, draft->temporary, draft->directory, name, 0);
	return r;
}

static int place_over(struct sc_store_draft *draft, const char *name)
{
	int r = 0;

	if (!draft->temporary[0]) {
		r = -EEXIST;
		for (int i = 0; i < NAME_ATTEMPTS && r == -EEXIST; i++) {
			temporary_name(draft->temporary);
			r = link_unnamed(draft, draft->temporary);
		}
		/* After other errors it may be there all the same, over a network: it is abandoned later. */
		if (r == -EEXIST)
			draft->temporary[0] = 0;
	}
	if (r == 0)
		r = sc_sys_renameat(draft->directory, draft->temporary, draft->directory, name);
	if (r == 0)
		draft->temporary[0] = 0;
	return r;
}

static bool holds_usable(const struct sc_store *store, int directory, const char *name)
{
	struct stat st;

	return sc_sys_fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       sc_store_check_file(store, &st) == SC_STORE_OK;
}

static int place(const struct sc_store *store, struct sc_store_draft *draft, const char *name, bool replace)
{
	int r;

	if (replace)
		return place_over(draft, name);
	r = place_new(draft, name);
	if (r != -EEXIST)
		return r;
	/* A FIFO or a stranger's file would otherwise stand in the way for ever. */
	return holds_usable(store, draft->directory, name) ? 0 : place_over(draft, name);
}

/* What a later lookup would refuse, or what would push everything else out, is not published. */
static enum sc_store_reason check_draft(const struct sc_store *store, const struct sc_store_draft *draft, int *error)
{
	struct stat st;
	int r = sc_sys_fstat(draft->fd, &st);

	if (r < 0)
		return write_failed(r, error);
	if ((uint64_t)st.st_size < SC_STORE_FILE_LEAST || (uint64_t)st.st_size > SC_STORE_FILE_MOST)
		return SC_STORE_SIZE;
	if ((uint64_t)st.st_size > store->limit) {
		*error = 0;
		return SC_STORE_FULL;
	}
	return SC_STORE_OK;
}

enum sc_store_reason sc_store_draft_publish(const struct sc_store *store, struct sc_store_draft *draft,
					    const char *name, bool replace, int *error)
{
	enum sc_store_reason reason;
	int r;

	reason = check_draft(store, draft, error);
	if (reason == SC_STORE_OK) {
		r = sc_store_name_ok(name) ? sc_sys_fchmod(draft->fd, PUBLISHED_MODE) : -EINVAL;
		if (r == 0)
			r = place(store, draft, name, replace);
		if (r < 0)
			reason = write_failed(r, error);
	}
	sc_store_draft_abandon(draft);
	return reason;
}
