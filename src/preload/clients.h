/* SPDX-License-Identifier: MIT */
/*
 * Clients of the persistence protocol: objects that STUBCACHE_CLIENTS names, loaded and entered before the image is
 * looked for. What they see is include/dr_persist.h and include/dr_api.h.
 */
#ifndef SC_CLIENTS_H
#define SC_CLIENTS_H

#include <stdint.h>

/*
 * Loads what sc_runtime.config.clients names and calls each client's dr_client_main. In the constructor, after
 * sc_modules_start and sc_generator_register, before the key is made. A client that cannot be used is said in one line
 * at SC_LOG_ERROR and left out; the others keep their ids. sc_runtime.clients is how many are in use. From now on
 * nothing can be registered or unregistered.
 */
void sc_clients_load(void);

/* In the child of fork. */
void sc_clients_forked(void);

/* Of the i-th client in use, for the key: the base name of its file, and a digest of its id, its identity (that of a
 * module), its arguments and the objects that came with it. The name lives as long as the process. */
const char *sc_clients_component(uint32_t i, uint8_t digest[16]);

#endif
