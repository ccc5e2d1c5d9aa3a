/* SPDX-License-Identifier: MIT */
/*
 * Replacements: what stubs of replaced functions lead to. stubcache_original is declared in include/stubcache.h.
 */
#ifndef SC_REPLACE_H
#define SC_REPLACE_H

#include <stdint.h>

#include "common/module.h"

/*
 * The address that the rules put in the place of a function of `module` (version "": none). Loads the object it is in,
 * once a process; its module and all that came with it are ours from then on. When the object or its symbol cannot be
 * had this is said in one line, and `original`, the address that the function has now, is returned. In the
 * constructor, later under the dl lock.
 */
uintptr_t sc_replace_address(const struct sc_module *module, const char *function, const char *version,
			     uintptr_t original);

/* Makes a function known to stubcache_original; sc_replace_address does so itself. */
void sc_replace_note(const struct sc_module *module, const char *function, const char *version, uintptr_t original);

#endif
