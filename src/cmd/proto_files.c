/* SPDX-License-Identifier: MIT */
/*
 * Owns which files prototypes are read from, and what is said when that fails. The preload reads the same ones, see
 * src/preload/prototypes.c. Called by proto_show.c and whatever prints calls.
 */
#include "cmd/proto_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/plain_file.h"

static int say(const char *path, int error)
{
	sc_cmd_error("cannot read prototypes '%s': %s", path, strerror(error));
	return -error;
}

static void say_errors(const char *path, const struct sc_proto_errors *errors)
{
	unsigned kept = errors->count < SC_PROTO_ERRORS ? errors->count : SC_PROTO_ERRORS;

	for (unsigned i = 0; i < kept; i++) {
		const struct sc_proto_error *error = &errors->errors[i];

		sc_cmd_error("%s:%u:%u: %s", path, error->line, error->column, error->message);
	}
	if (errors->count > kept)
		sc_cmd_error("%s: and %u more", path, errors->count - kept);
}

int sc_protos_load_file(struct sc_protos *protos, const char *path)
{
	struct sc_proto_errors errors = { 0 };
	char *text = NULL;
	size_t length = 0;
	int r = sc_plain_file_read("prototypes", path, &text, &length);

	if (r)
		return r;
	r = sc_protos_read(protos, text, length, path, &errors);
	free(text);
	if (r == -EINVAL)
		say_errors(path, &errors);
	else if (r)
		say(path, -r);
	return r;
}

/* The first failure is kept. */
static void load(struct sc_protos *protos, const char *path, int *result)
{
	int r = sc_protos_load_file(protos, path);

	if (!*result)
		*result = r;
}

static int is_header(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 2 && entry->d_name[0] != '.' && !strcmp(entry->d_name + length - 2, ".h");
}

/* As bytes, whatever the locale: alphasort would collate. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* False when there is no such directory. */
static bool load_directory(struct sc_protos *protos, const char *directory, int *result)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_header, by_name);

	if (count < 0)
		return false;
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name) < sizeof(path))
			load(protos, path, result);
		free(entries[i]);
	}
	free(entries);
	return true;
}

/* Beside this program in a build directory, where the library is in .libs; else where they are installed. */
static void load_installed(struct sc_protos *protos, int *result)
{
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length > 0) {
		self[length] = 0;
		slash = strrchr(self, '/');
		*slash = 0;
		slash = strrchr(self, '/');
		if (slash && !strcmp(slash, "/.libs"))
			*slash = 0;
		snprintf(path, sizeof(path), "%s/.libs", self);
		if (access(path, X_OK) == 0) {
			snprintf(path, sizeof(path), "%s/prototypes", self);
			if (load_directory(protos, path, result))
				return;
		}
	}
	if (!load_directory(protos, SC_PKGDATADIR "/prototypes", result))
		sc_cmd_error("there are no prototypes in '%s': install them", SC_PKGDATADIR "/prototypes");
}

static void load_users(struct sc_protos *protos, int *result)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char path[PATH_MAX];

	if (config && *config == '/')
		snprintf(path, sizeof(path), "%s/stubcache", config);
	else if (home && *home == '/')
		snprintf(path, sizeof(path), "%s/.config/stubcache", home);
	else
		return;
	load_directory(protos, path, result);
}

static void load_environments(struct sc_protos *protos, int *result)
{
	const char *list = getenv("STUBCACHE_PROTOTYPES");

	while (list && *list) {
		size_t length = strcspn(list, ":");
		char path[PATH_MAX];

		if (length && length < sizeof(path)) {
			memcpy(path, list, length);
			path[length] = 0;
			load(protos, path, result);
		}
		list += length + (list[length] == ':');
	}
}

int sc_protos_load(struct sc_protos *protos, const char *const *named, size_t count)
{
	int result = 0;

	load_installed(protos, &result);
	load_users(protos, &result);
	load_environments(protos, &result);
	for (size_t i = 0; i < count; i++)
		load(protos, named[i], &result);
	return result;
}
