/* SPDX-License-Identifier: MIT */
/*
 * Owns the finding, reading and judging of image files for the command. What the preload decides at a
 * lookup is asked of the store; what it decides while loading is checked here by the same readers.
 * Called by the sub-commands of cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cache.h"
#include "cmd/cmd.h"
#include "common/hash.h"
#include "common/size.h"
#include "common/sys.h"

#define KEY_DIGITS 32

void sc_cache_open_store(struct sc_store *store)
{
	const char *limit = getenv("STUBCACHE_LIMIT");
	struct sc_store_options options = {
		.mode = SC_STORE_WRITE,
		.directory = getenv("STUBCACHE_DIR"),
		.system_directory = getenv("STUBCACHE_SYSTEM_DIR"),
		.xdg_cache_home = getenv("XDG_CACHE_HOME"),
		.home = getenv("HOME"),
		.limit = SC_STORE_LIMIT_DEFAULT,
	};

	if (limit && *limit && !sc_size_parse(limit, &options.limit)) {
		sc_cmd_error("cannot use STUBCACHE_LIMIT '%s': not a size such as 256M", limit);
		options.limit = SC_STORE_LIMIT_DEFAULT;
	}
	sc_store_open(store, &options);
}

bool sc_cache_split_name(const char *name, char *program, size_t size, char key[33])
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	size_t length = strlen(base), suffix = strlen(SC_STORE_SUFFIX);
	size_t tail = 1 + KEY_DIGITS + suffix;

	if (length <= tail || strcmp(base + length - suffix, SC_STORE_SUFFIX) || base[length - tail] != '-')
		return false;
	if (strspn(base + length - tail + 1, "0123456789abcdef") != KEY_DIGITS)
		return false;
	memcpy(key, base + length - tail + 1, KEY_DIGITS);
	key[KEY_DIGITS] = 0;
	snprintf(program, size, "%.*s", (int)(length - tail), base);
	return true;
}

/* The id is the hash of what is loaded, taken while its own field is zero. */
static bool id_ok(struct sc_cache_file *file)
{
	size_t at = SC_IMAGE_HEADER_OFFSET + offsetof(struct sc_image_header, id);
	const uint8_t zero[16] = { 0 };
	uint8_t id[16];
	struct sc_hash128 hash;

	memcpy(id, file->data + at, sizeof(id));
	memcpy(file->data + at, zero, sizeof(zero));
	hash = sc_hash128(file->data, file->image.header->load_size);
	memcpy(file->data + at, id, sizeof(id));
	return !memcmp(hash.bytes, id, sizeof(id));
}

static bool key_ok(const struct sc_cache_file *file)
{
	char program[NAME_MAX + 1], named[33], own[33];
	struct sc_hash128 key;

	/* Images beside records are named for their id: nothing to compare with. */
	if (!sc_cache_split_name(file->path, program, sizeof(program), named))
		return true;
	memcpy(key.bytes, file->image.header->key, sizeof(key.bytes));
	sc_hash128_hex(&key, own);
	return !strcmp(named, own);
}

static const char *judge(struct sc_cache_file *file)
{
	const char *why;

	if (!sc_store_checksum_ok(file->data, (size_t)file->stat.st_size))
		return sc_store_reason_name(SC_STORE_CHECKSUM);
	if (sc_image_open(&file->image, file->data, (size_t)file->stat.st_size, &why))
		return why;
	file->opened = true;
	if (file->image.header->file_size != (uint64_t)file->stat.st_size)
		return "file-size";
	if (!key_ok(file))
		return "key";
	return id_ok(file) ? NULL : "id";
}

static int read_contents(struct sc_cache_file *file, int fd)
{
	int r;

	if (!S_ISREG(file->stat.st_mode) || (uint64_t)file->stat.st_size > SC_STORE_FILE_MOST) {
		file->reason = sc_store_reason_name(S_ISREG(file->stat.st_mode) ? SC_STORE_SIZE :
										 SC_STORE_NOT_REGULAR);
		return 0;
	}
	file->data = malloc((size_t)file->stat.st_size + 1);
	if (!file->data)
		return -ENOMEM;
	r = sc_sys_pread_full(fd, file->data, (size_t)file->stat.st_size, 0);
	if (r == 0)
		file->reason = judge(file);
	return r;
}

static int read_path(const char *path, struct sc_cache_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	snprintf(file->path, sizeof(file->path), "%s", path);
	r = fstat(fd, &file->stat) ? -errno : read_contents(file, fd);
	close(fd);
	return r;
}

int sc_cache_read(const struct sc_store *store, const char *name, struct sc_cache_file *file)
{
	struct sc_store_file found;
	enum sc_store_reason reason;
	const char *directory;
	int error = 0, r;

	memset(file, 0, sizeof(*file));
	if (strchr(name, '/'))
		return read_path(name, file);
	reason = sc_store_lookup(store, name, &found, &error);
	if (reason == SC_STORE_ABSENT)
		return -ENOENT;
	if (reason != SC_STORE_OK) {
		snprintf(file->path, sizeof(file->path), "%s", name);
		file->reason = sc_store_reason_name(reason);
		return 0;
	}
	directory = found.from_system ? store->system : store->user;
	if ((size_t)snprintf(file->path, sizeof(file->path), "%s/%s", directory, name) >= sizeof(file->path))
		file->path[0] = 0;
	file->stat = found.stat;
	file->from_system = found.from_system;
	r = read_contents(file, found.fd);
	close(found.fd);
	return r;
}

void sc_cache_release(struct sc_cache_file *file)
{
	free(file->data);
	file->data = NULL;
	file->opened = false;
}

bool sc_cache_list(const struct sc_store *store, bool system_layer,
		   bool (*visit)(void *user, const char *name, const struct stat *stat), void *user)
{
	char text[PATH_MAX + 200];
	enum sc_store_reason reason;
	int error;

	if (system_layer && !store->system[0])
		return true;
	reason = sc_store_list(store, system_layer, visit, user, &error);
	if (reason == SC_STORE_OK || reason == SC_STORE_ABSENT ||
	    (reason == SC_STORE_NO_DIRECTORY && (system_layer || store->user[0])))
		return true;
	sc_store_reason_text(store, reason, error, text, sizeof(text));
	sc_cmd_error("%s", text);
	return false;
}

struct names {
	char **list;
	size_t count;
	bool failed;
};

static bool add_name(void *user, const char *name, const struct stat *stat)
{
	struct names *names = user;
	char **grown = reallocarray(names->list, names->count + 2, sizeof(*grown));

	(void)stat;
	if (grown) {
		names->list = grown;
		grown[names->count] = strdup(name);
		grown[names->count + 1] = NULL;
	}
	names->failed = !grown || !grown[names->count];
	names->count += !names->failed;
	return !names->failed;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **sc_cache_names(const struct sc_store *store, bool *complete)
{
	struct names names = { .list = calloc(1, sizeof(char *)) };
	size_t kept = 0;

	if (!names.list)
		return NULL;
	*complete = sc_cache_list(store, true, add_name, &names);
	if (!names.failed)
		*complete &= sc_cache_list(store, false, add_name, &names);
	if (names.failed) {
		sc_cmd_error("out of memory");
		sc_cache_free_names(names.list);
		return NULL;
	}
	qsort(names.list, names.count, sizeof(*names.list), by_name);
	/* An image of both layers is one name: the user's is the one that is used. */
	for (size_t i = 0; i < names.count; i++) {
		if (kept && !strcmp(names.list[kept - 1], names.list[i]))
			free(names.list[i]);
		else
			names.list[kept++] = names.list[i];
	}
	names.list[kept] = NULL;
	return names.list;
}

void sc_cache_free_names(char **names)
{
	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}

char *sc_cache_find(const struct sc_store *store, const char *name)
{
	char **names, *found = NULL;
	size_t matches = 0;
	bool complete;

	if (strchr(name, '/'))
		return strdup(name);
	names = sc_cache_names(store, &complete);
	for (char **each = names; each && *each; each++) {
		if (strncmp(*each, name, strlen(name)))
			continue;
		matches++;
		if (!found || !strcmp(*each, name))
			found = *each;
		if (!strcmp(*each, name)) {
			matches = 1;
			break;
		}
	}
	if (matches == 1)
		found = strdup(found);
	else if (matches)
		sc_cmd_error("'%s' is the beginning of %zu images: give more of the name", name, matches);
	else
		sc_cmd_error("no image '%s' in the cache: see 'stubcache cache ls'", name);
	sc_cache_free_names(names);
	return matches == 1 ? found : NULL;
}
