/* SPDX-License-Identifier: MIT */
/*
 * The namespaces beside the program's own: what dlmopen makes. dl_iterate_phdr shows each caller its own alone.
 */
#ifndef SC_NAMESPACES_H
#define SC_NAMESPACES_H

#include <link.h>
#include <stdbool.h>

/* Calls visit for each module of the others, in load order, with the number of its namespace (from 1). With ld.so's
 * lock; visit must not load or unload. Not those of an auditor, and none where glibc is older than 2.35: it lists only
 * the program's. */
void sc_namespaces_each(void (*visit)(void *user, unsigned space, const struct link_map *map), void *user);

/* Where the program headers of such a module are; false when that cannot be known for certain. */
bool sc_namespaces_headers(const struct link_map *map, const ElfW(Phdr) **phdr, uint16_t *phnum);

/* In the constructor, when more is loaded than dl_iterate_phdr shows: what is there before any program has run are
 * auditors (LD_AUDIT), whose code runs inside of ld.so. */
void sc_namespaces_leave_alone(void);

#endif
