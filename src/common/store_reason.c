/* SPDX-License-Identifier: MIT */
/*
 * Owns the words for why the store was not used: stable names for programs, one line for people.
 * Decides nothing. Called by the preload's one message and by the command.
 */
#include "common/store.h"

#include <fcntl.h>
#include <string.h>

#include "common/store_internal.h"
#include "common/sys.h"

/* Rows of characters rather than pointers: nothing for ld.so to relocate in every process. */
static const char names[SC_STORE_REASONS][32] = {
	[SC_STORE_OK] = "ok",
	[SC_STORE_ABSENT] = "cache-absent",
	[SC_STORE_NO_DIRECTORY] = "cache-no-directory",
	[SC_STORE_DIRECTORY_OWNER] = "cache-directory-owner",
	[SC_STORE_DIRECTORY_WRITABLE] = "cache-directory-writable",
	[SC_STORE_NOT_DIRECTORY] = "cache-not-directory",
	[SC_STORE_NOT_REGULAR] = "cache-file-not-regular",
	[SC_STORE_OWNER] = "cache-file-owner",
	[SC_STORE_WRITABLE] = "cache-file-writable",
	[SC_STORE_SIZE] = "cache-file-size",
	[SC_STORE_CHECKSUM] = "cache-file-checksum",
	[SC_STORE_READ_ONLY] = "cache-read-only",
	[SC_STORE_FULL] = "cache-full",
	[SC_STORE_ERROR] = "cache-error",
};

const char *sc_store_reason_name(enum sc_store_reason reason)
{
	return (unsigned)reason < SC_STORE_REASONS ? names[reason] : "cache-unknown";
}

/* Appends what fits; out[used] is always the terminator. */
struct line {
	char *out;
	size_t size;
	size_t used;
};

static void add(struct line *line, const char *text)
{
	size_t length = strlen(text);
	size_t room = line->size - 1 - line->used;

	if (length > room)
		length = room;
	memcpy(line->out + line->used, text, length);
	line->used += length;
	line->out[line->used] = 0;
}

static void add_number(struct line *line, unsigned value)
{
	char digits[12];
	char *at = digits + sizeof(digits) - 1;

	*at = 0;
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	add(line, at);
}

/* Not strerror, which translates, allocates and remembers. */
static void add_error(struct line *line, int error)
{
	const char *text = strerrordesc_np(error);

	if (text) {
		add(line, text);
		return;
	}
	add(line, "error ");
	add_number(line, (unsigned)error);
}

static bool layer_refused(const struct sc_store *store, const char *path, enum sc_store_reason reason)
{
	enum sc_store_reason found;
	int fd, error;

	if (!path[0])
		return false;
	found = sc_store_open_directory(store, path, O_PATH, &fd, &error);
	if (found == SC_STORE_OK)
		sc_sys_close(fd);
	return found == reason;
}

/* The directory a reason is about: the first layer that gives it, else the one we would write. */
static const char *layer_of(const struct sc_store *store, enum sc_store_reason reason)
{
	if (!store->user[0] || layer_refused(store, store->system, reason))
		return store->system;
	return store->user;
}

static void add_directory_owner(struct line *line, const char *path)
{
	struct stat st;

	add(line, "owned by ");
	if (sc_sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		add(line, "another user");
		return;
	}
	add(line, "uid ");
	add_number(line, st.st_uid);
}

static void add_directory_reason(struct line *line, const char *path, enum sc_store_reason reason, int error)
{
	add(line, "cannot use cache '");
	add(line, path);
	add(line, "': ");
	if (reason == SC_STORE_DIRECTORY_OWNER)
		add_directory_owner(line, path);
	else if (reason == SC_STORE_DIRECTORY_WRITABLE)
		add(line, "others may write it, chmod go-w makes it usable");
	else if (reason == SC_STORE_NOT_DIRECTORY)
		add(line, "not a directory");
	else if (error)
		add_error(line, error);
	else
		add(line, "it does not exist");
}

static const char *file_problem(enum sc_store_reason reason)
{
	switch (reason) {
	case SC_STORE_NOT_REGULAR:
		return "not a plain file";
	case SC_STORE_OWNER:
		return "owned by another user";
	case SC_STORE_WRITABLE:
		return "others may write it";
	case SC_STORE_SIZE:
		return "too short or too long";
	default:
		return "damaged, its checksum differs";
	}
}

static void add_write_reason(struct line *line, const char *path, enum sc_store_reason reason, int error)
{
	add(line, "cannot write to cache '");
	add(line, path);
	add(line, "': ");
	if (error)
		add_error(line, error);
	else if (reason == SC_STORE_READ_ONLY)
		add(line, "it is used for reading only");
	else
		add(line, "the image exceeds STUBCACHE_LIMIT");
}

static void add_reason(struct line *line, const char *path, enum sc_store_reason reason, int error)
{
	switch (reason) {
	case SC_STORE_OK:
		add(line, "cache is usable");
		break;
	case SC_STORE_ABSENT:
		add(line, "no image in the cache yet");
		break;
	case SC_STORE_NOT_REGULAR:
	case SC_STORE_OWNER:
	case SC_STORE_WRITABLE:
	case SC_STORE_SIZE:
	case SC_STORE_CHECKSUM:
		add(line, "cannot use an image in cache '");
		add(line, path);
		add(line, "': ");
		add(line, file_problem(reason));
		break;
	case SC_STORE_READ_ONLY:
	case SC_STORE_FULL:
		add_write_reason(line, path, reason, error);
		break;
	default:
		add_directory_reason(line, path, reason, error);
	}
}

size_t sc_store_reason_text(const struct sc_store *store, enum sc_store_reason reason, int error, char *out,
			    size_t size)
{
	struct line line = { .out = out, .size = size };
	const char *path = layer_of(store, reason);

	out[0] = 0;
	if (reason == SC_STORE_NO_DIRECTORY && !store->user[0])
		add(&line, "no directory for the cache, set STUBCACHE_DIR or HOME to an absolute path");
	else
		add_reason(&line, path, reason, error);
	return line.used;
}
