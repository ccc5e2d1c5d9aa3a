/* SPDX-License-Identifier: MIT */
/* Files that a user names and that the preload reads again: what is no plain file (a pipe, a terminal) is gone by then. */
#ifndef SC_CMD_PLAIN_FILE_H
#define SC_CMD_PLAIN_FILE_H

#include <stddef.h>

/* Reads all of a file; *text is malloc'ed, and not terminated. 0, or a negative errno, which has been said: "cannot read
 * KIND 'PATH': ...". */
int sc_plain_file_read(const char *kind, const char *path, char **text, size_t *length);

#endif
