/* SPDX-License-Identifier: MIT */
/*
 * What clients may ask about stubs (dr_fragment_persistable in include/dr_persist.h).
 */
#ifndef SC_CLIENT_FRAGMENTS_H
#define SC_CLIENT_FRAGMENTS_H

#include <stdbool.h>

/* For sc_persist_set_persistable: perscxt is that of an image being loaded, or NULL for all that are in use. */
bool sc_client_fragment_persistable(void *perscxt, const void *tag);

#endif
