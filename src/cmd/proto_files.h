/* SPDX-License-Identifier: MIT */
/*
 * The files that prototypes are read from, for all commands. One thread.
 */
#ifndef SC_CMD_PROTO_FILES_H
#define SC_CMD_PROTO_FILES_H

#include <stddef.h>

#include "common/proto.h"

/*
 * Adds all prototypes to the database: installed ones (or, when this program was not installed, those in prototypes/
 * beside it), the user's ($XDG_CONFIG_HOME/stubcache/ *.h, by name), those of STUBCACHE_PROTOTYPES, then named[0..count).
 * What cannot be opened or understood is said, with file, line and column, and the rest is read.
 *
 * Returns 0; -ENOENT when a file that was named cannot be opened; -EINVAL when something was not understood; -ENOMEM.
 * All of them have been said, and the database is usable.
 */
int sc_protos_load(struct sc_protos *protos, const char *const *named, size_t count);

/* Adds one file likewise. */
int sc_protos_load_file(struct sc_protos *protos, const char *path);

#endif
