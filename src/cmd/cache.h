/* SPDX-License-Identifier: MIT */
/*
 * What the sub-commands of `stubcache cache` share: where the store is, and an image found by name.
 */
#ifndef SC_CMD_CACHE_H
#define SC_CMD_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/image.h"
#include "common/store.h"

/* Prints the help of all of them. */
int sc_cmd_cache_help(void);

/* The store as the preload would open it: the same variables. */
void sc_cache_open_store(struct sc_store *store);

/* An image file, read and looked at. */
struct sc_cache_file {
	char path[PATH_MAX]; /* as found, for messages and objdump */
	struct stat stat;
	bool from_system;
	unsigned char *data; /* the whole file, or NULL */
	bool opened;	     /* image is valid */
	struct sc_image image;
	const char *reason; /* stable word for what is wrong with it, or NULL: good */
};

/*
 * Reads and checks an image: `name` is a path when it has a slash, else a file of the store.
 * Checks owner and mode as a lookup does (not for paths), checksum, tables, that the key is that of the
 * file name and the id that of the contents. Returns 0 with file->reason telling the result, or a
 * negative errno when there is no such file or memory. Release in every case.
 */
int sc_cache_read(const struct sc_store *store, const char *name, struct sc_cache_file *file);
void sc_cache_release(struct sc_cache_file *file);

/* Visits the images of a layer (common/store.h). False when its directory cannot be used, which has been said; one that
 * does not exist yet is an empty one. */
bool sc_cache_list(const struct sc_store *store, bool system_layer,
		   bool (*visit)(void *user, const char *name, const struct stat *stat), void *user);

/* The names of all images of both layers, sorted, ending with NULL; NULL when memory is short. *complete: both could
 * be listed. What went wrong has been said. Free with sc_cache_free_names. */
char **sc_cache_names(const struct sc_store *store, bool *complete);
void sc_cache_free_names(char **names);

/* The full name for `name`, which may lack the suffix or end early, when exactly one image begins so; a
 * path stays as it is. The caller frees it. NULL when there is none or several, which has been said. */
char *sc_cache_find(const struct sc_store *store, const char *name);

/* PROGRAM of PROGRAM-KEYHEX.so into out; false when the name has another form. key gets the hex
 * digits and a terminating zero: 33 bytes. */
bool sc_cache_split_name(const char *name, char *program, size_t size, char key[33]);

#endif
