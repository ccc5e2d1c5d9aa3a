/* SPDX-License-Identifier: MIT */
/*
 * The file behind a record: made, found again, given storage. Knows nothing of what lies in it.
 *
 * Between calls no descriptor is kept. A kept one would outlive chroot and a change of user, but a
 * host may close it and open a file of its own under the same number between our check of it and our
 * use; then we would grow a file of the host's. So growing opens the file again by its absolute path,
 * and a path that has come to mean another file (chroot, renames) is noticed by device and inode.
 *
 * All functions: raw system calls only, negative errno on failure, callable from a signal handler.
 */
#ifndef SC_RECORD_FILE_H
#define SC_RECORD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Remembers the directory as an absolute path. Touches nothing. */
int sc_record_file_directory(const char *directory);

/* Makes DIRECTORY/PID-START.record, the directory too when only that is missing, with storage for
 * [0, size), and makes it *the* file. Returns its descriptor, for the caller to close. On failure no
 * file is left, and there is none until the next success. */
int sc_record_file_create(uint32_t pid, uint64_t start, uint64_t size);

/* Whether there is a file; else the record is anonymous memory. */
bool sc_record_file_present(void);
/* Forgets the file, and removes it: nothing was measured in it yet. */
void sc_record_file_remove(void);

/* A descriptor of the file, for the caller to close; -ESTALE: its path names another one now. */
int sc_record_file_open(void);

/* Whether a program that is executed now would put its record beside ours: in another root the path leads to another
 * directory or to none. */
bool sc_record_file_reachable(void);

/* Gives [offset, offset + size) storage, so that no store to it through a mapping can fail. Without a
 * file: 0. Contents stay, but where sc_record_file_exclusive: there they become zero. */
int sc_record_file_reserve(uint64_t offset, uint64_t size);
/* Storage for the first so many bytes, for which nothing needs to be reserved then. What cannot be is not. */
void sc_record_file_prepare(uint64_t size);
/* Whether the file system cannot reserve, so that zeros are written instead: then nobody else may be
 * about to use the bytes, and whoever reserves takes turns (sc_chunks_lock). */
bool sc_record_file_exclusive(void);

/* DIRECTORY/name into out; 0, or -ENAMETOOLONG, or -ENOENT without a file. */
int sc_record_file_beside(char *out, size_t size, const char *name);

/* Bytes that the process may have in a file (RLIMIT_FSIZE): going beyond raises SIGXFSZ in the host. */
uint64_t sc_record_file_most(void);

#endif
