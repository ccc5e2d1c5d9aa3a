/* SPDX-License-Identifier: MIT */
/*
 * The exit events of clients (dr_register_exit_event in include/dr_api.h).
 */
#ifndef SC_CLIENT_EVENTS_H
#define SC_CLIENT_EVENTS_H

#include "dr_persist.h"

/* Calls them, last registered first, each once. At the end of the process, after the last merge. Takes the registry, so
 * that no other callback runs; gives up, with a message, when that cannot be had within a second. */
void sc_client_events_run(void);

/* Forgets those of a client whose start has failed. */
void sc_client_events_drop(client_id_t client);

/* In the child of fork: a thread that does not exist here may have been registering. */
void sc_client_events_forked(void);

#endif
