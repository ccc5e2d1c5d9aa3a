/* SPDX-License-Identifier: MIT */
/*
 * Whether a program that is about to be executed can be observed: what its file says, before the kernel and a loader
 * look at it. A guess where the file cannot be read; nothing is promised of what becomes of the file meanwhile.
 *
 * Thread and signal safety: everything; system calls only (common/sys.h), no more of the stack than 2 KiB, and what is
 * said of PATH below. No descriptor is left open, errno stays.
 */
#ifndef SC_PROGRAM_H
#define SC_PROGRAM_H

#include <stdbool.h>

#include "common/record.h"

/*
 * SC_OBSERVED, or why not: SC_UNOBSERVED_STATIC, _LOADER, _MACHINE or _RIGHTS. Path and flags (AT_EMPTY_PATH,
 * AT_SYMLINK_NOFOLLOW) are those of execveat(2). A script is what interprets it. What cannot be read, or executed, is
 * SC_OBSERVED.
 */
enum sc_unobserved sc_program_look(int directory, const char *path, int flags);

/* Whether a loader would refuse our preload or say something about it, or the program die of it: then it must get none. */
static inline bool sc_program_refuses(enum sc_unobserved reason)
{
	return reason == SC_UNOBSERVED_LOADER || reason == SC_UNOBSERVED_MACHINE || reason == SC_UNOBSERVED_ROOT ||
	       reason == SC_UNOBSERVED_CONFINED || reason == SC_UNOBSERVED_MEMORY;
}

/*
 * Calls visit(context, path) for the file that execvp(3) would execute: `file` itself when it has a slash, else the first
 * in a directory of `search` (NULL: that of a system without PATH) that is a file and executable for someone. The stack
 * holds the path meanwhile. Not called when there is none.
 */
void sc_program_find(const char *file, const char *search, void (*visit)(void *context, const char *path), void *context);

#endif
