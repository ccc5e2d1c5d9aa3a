/* SPDX-License-Identifier: MIT */
/*
 * A directory that lives as long as one command: for records and statistics nobody else is to see.
 */
#ifndef SC_CMD_PRIVATE_DIR_H
#define SC_CMD_PRIVATE_DIR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct sc_private_dir {
	char path[PATH_MAX]; /* "" when there is none */
};

/* In TMPDIR, else /tmp; mode 0700. False when it cannot be made, which has been said. */
bool sc_private_dir_make(struct sc_private_dir *dir);
/* The path of a file in it. False, with a message, when it is too long. */
bool sc_private_dir_file(const struct sc_private_dir *dir, const char *name, char *out, size_t size);
/* Removes it with all that is in it, following no symbolic link. Does nothing when there is none. */
void sc_private_dir_remove(struct sc_private_dir *dir);

#endif
