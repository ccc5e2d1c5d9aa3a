/* SPDX-License-Identifier: MIT */
/*
 * Memory of clients (dr_global_alloc in include/dr_api.h).
 */
#ifndef SC_CLIENT_MEMORY_H
#define SC_CLIENT_MEMORY_H

/* In the child of fork: a thread that does not exist here may have been inside. */
void sc_client_memory_forked(void);

#endif
