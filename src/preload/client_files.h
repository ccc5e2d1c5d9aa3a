/* SPDX-License-Identifier: MIT */
/*
 * Files of clients (include/dr_api.h): the standard three as they were at the start, and those that a client opens.
 */
#ifndef SC_CLIENT_FILES_H
#define SC_CLIENT_FILES_H

/* Remembers what descriptors 0, 1 and 2 are. In the constructor, before the first client. */
void sc_client_files_look(void);
/* Keeps descriptors of our own for 1 and 2, which the host may close before the end. Once clients are in use. */
void sc_client_files_keep(void);
/* In the child of fork: lets go of them, since a daemon must not hold its starter's pipe open, and of what was opened
 * with DR_FILE_CLOSE_ON_FORK. */
void sc_client_files_forked(void);

#endif
