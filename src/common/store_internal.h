/* SPDX-License-Identifier: MIT */
/* What the files of the store share. Nobody else includes this; the contract is store.h. */
#ifndef SC_STORE_INTERNAL_H
#define SC_STORE_INTERNAL_H

#include "common/store.h"

/*
 * Opens a layer's directory and checks it as sc_store_lookup promises. flags: O_PATH to look up and
 * link in it, O_RDONLY to read its entries. Returns SC_STORE_OK with *fd, else a reason.
 */
enum sc_store_reason sc_store_open_directory(const struct sc_store *store, const char *path, int flags, int *fd,
					     int *error);

/* Whether a file with these attributes may be believed: SC_STORE_OK or the first objection. */
enum sc_store_reason sc_store_check_file(const struct sc_store *store, const struct stat *st);

/* A name that can only mean an entry of the directory itself, and is no temporary. */
bool sc_store_name_ok(const char *name);

#endif
