/* SPDX-License-Identifier: MIT */
/*
 * Owns the way to the modules of other namespaces: the list that ld.so keeps for debuggers. It is chained since glibc
 * 2.35, whose <link.h> calls it struct r_debug_extended; ours is a copy of the layout, which can be built on older
 * ones. Called by modules_look.c, once there are such modules.
 *
 *	DT_DEBUG of the program -> r_debug, version 2: the program's -> next: namespace 1 -> next: namespace 2 ...
 *
 * A namespace that is empty stays in the chain and is used again, so places in the chain are numbers that hold. The
 * symbol _r_debug is of no use: a program that names it has a copy of its own, which ld.so does not keep.
 */
#include "preload/namespaces.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "preload/log.h"
#include "preload/modules.h"
#include "preload/runtime.h"

struct chained {
	struct r_debug base;
	struct chained *next; /* since version 2 */
};

static unsigned first = 1; /* those before are auditors' */

static const struct chained *program_list(void)
{
	const ElfW(Dyn) *entry = sc_modules.count ? sc_modules.list[0].dynamic : NULL;

	for (; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_DEBUG)
			return (const struct chained *)entry->d_un.d_ptr;
	return NULL;
}

static const struct chained *others(void)
{
	const struct chained *list = program_list();

	return list && __atomic_load_n(&list->base.r_version, __ATOMIC_ACQUIRE) >= 2 ? list->next : NULL;
}

void sc_namespaces_leave_alone(void)
{
	for (const struct chained *list = others(); list; list = list->next)
		first++;
}

void sc_namespaces_each(void (*visit)(void *user, unsigned space, const struct link_map *map), void *user)
{
	const struct chained *list = others();
	unsigned space = 1;
	static bool said;

	if (!list && !said) {
		said = true;
		sc_log(SC_LOG_INFO, "what dlmopen loads is not intercepted: only glibc 2.35 and later tell of it");
	}
	for (; list && space < SC_NAMESPACES; list = list->next, space++)
		for (const struct link_map *map = list->base.r_map; map && space >= first; map = map->l_next)
			visit(user, space, map);
}

/* A link_map does not tell. The ELF header is where the first segment begins, and what it says is believed when its
 * dynamic segment is the link_map's. */
bool sc_namespaces_headers(const struct link_map *map, const ElfW(Phdr) **phdr, uint16_t *phnum)
{
	const ElfW(Ehdr) *header;
	const ElfW(Phdr) *segments;
	Dl_info information;

	if (!dladdr(map->l_ld, &information) || !information.dli_fbase)
		return false;
	header = information.dli_fbase;
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_phentsize != sizeof(*segments) ||
	    header->e_phoff > sc_runtime.page_size ||
	    header->e_phnum > (sc_runtime.page_size - header->e_phoff) / sizeof(*segments))
		return false;
	segments = (const void *)((const char *)header + header->e_phoff);
	for (uint16_t i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type != PT_DYNAMIC || map->l_addr + segments[i].p_vaddr != (uintptr_t)map->l_ld)
			continue;
		*phdr = segments;
		*phnum = header->e_phnum;
		return true;
	}
	return false;
}
