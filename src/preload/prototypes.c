/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of prototype files. Called by start.c, key.c and engine_use.c. A warm start only looks at them: what they
 * say of a function is in the image.
 */
#include "preload/prototypes.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "common/hash.h"
#include "common/sys.h"
#include "preload/modules.h"
#include "preload/runtime.h"

#define FILES_MOST 128

static const char *files[FILES_MOST];
static uint32_t file_count;
static struct sc_hash128 identity;
static bool looked;

/* The text of a rule that may need prototypes has one of these words; that others may, too, costs a few system calls. */
static bool may_need(const char *text, size_t size)
{
	static const char *const words[] = { "trace", "inject", "stack", "client" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		for (size_t at = 0; at + length <= size; at++)
			if (memcmp(text + at, words[i], length) == 0)
				return true;
	}
	return false;
}

/* A path of the file's, and its identity, which goes on from those before. */
static void add_file(const char *path)
{
	struct {
		struct sc_hash128 before, name;
		uint64_t size, seconds, nanoseconds, inode;
	} known = { .before = identity, .name = sc_hash128(path, strlen(path)) };
	struct stat stat;

	if (file_count == FILES_MOST || sc_sys_fstatat(AT_FDCWD, path, &stat, 0) < 0 || !S_ISREG(stat.st_mode))
		return;
	known.size = (uint64_t)stat.st_size;
	known.seconds = (uint64_t)stat.st_mtim.tv_sec;
	known.nanoseconds = (uint64_t)stat.st_mtim.tv_nsec;
	known.inode = stat.st_ino;
	identity = sc_hash128(&known, sizeof(known));
	files[file_count++] = path;
}

static char *join(const char *a, size_t length, const char *b)
{
	size_t more = strlen(b);
	char *path = sc_arena_alloc(&sc_runtime.arena, length + more + 2);

	if (!path)
		return NULL;
	memcpy(path, a, length);
	path[length] = '/';
	memcpy(path + length + 1, b, more);
	return path;
}

static bool is_header(const char *name)
{
	size_t length = strlen(name);

	return length > 2 && name[0] != '.' && strcmp(name + length - 2, ".h") == 0;
}

/* The kernel's struct linux_dirent64. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t size;
	uint8_t type;
	char name[];
};

static void insert(char **names, uint32_t count, char *name)
{
	for (; count > 0 && strcmp(names[count - 1], name) > 0; count--)
		names[count] = names[count - 1];
	names[count] = name;
}

/* Files of a directory whose names end in .h, by name. */
static bool add_directory(const char *path)
{
	char buffer[4096] __attribute__((aligned(8)));
	char *names[FILES_MOST];
	uint32_t count = 0;
	ssize_t got;
	int fd = sc_sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return false;
	while ((got = sc_sys_getdents64(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < got;) {
			const struct entry *entry = (const void *)(buffer + at);
			char *name = is_header(entry->name) && count < FILES_MOST ?
					     join(path, strlen(path), entry->name) : NULL;

			if (name)
				insert(names, count++, name);
			at += entry->size;
		}
	sc_sys_close(fd);
	for (uint32_t i = 0; i < count; i++)
		add_file(names[i]);
	return true;
}

/* Beside the build directory's library, or where they are installed. */
static void add_installed(void)
{
	const char *self = sc_modules_self()->path, *slash = strrchr(self, '/');
	size_t length = slash ? (size_t)(slash - self) : 0;
	const char *near;

	if (length > 6 && memcmp(slash - 5, ".libs", 5) == 0) {
		near = join(self, length - 6, "prototypes");
		if (near && add_directory(near))
			return;
	}
	add_directory(SC_PKGDATADIR "/prototypes");
}

static void add_users(void)
{
	const char *home = sc_runtime.config.xdg_config_home, *directory = NULL;

	if (home && *home == '/')
		directory = join(home, strlen(home), "stubcache");
	else if (sc_runtime.config.home && *sc_runtime.config.home == '/')
		directory = join(sc_runtime.config.home, strlen(sc_runtime.config.home), ".config/stubcache");
	if (directory)
		add_directory(directory);
}

static void add_named(const char *list)
{
	while (list && *list) {
		size_t length = strcspn(list, ":");
		const char *path = sc_arena_string(&sc_runtime.arena, list, length);

		if (length && path)
			add_file(path);
		list += length + (list[length] == ':');
	}
}

bool sc_prototypes_look(void)
{
	if (may_need(sc_runtime.rules_text, sc_runtime.rules_size))
		sc_prototypes_need();
	return looked;
}

void sc_prototypes_need(void)
{
	if (looked)
		return;
	looked = true;
	add_installed();
	add_users();
	add_named(sc_runtime.config.prototypes);
}

bool sc_prototypes_identity(uint8_t out[16])
{
	if (looked)
		memcpy(out, identity.bytes, sizeof(identity.bytes));
	return looked;
}

const char *const *sc_prototypes_files(uint32_t *count)
{
	*count = file_count;
	return files;
}
