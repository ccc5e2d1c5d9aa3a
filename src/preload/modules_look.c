/* SPDX-License-Identifier: MIT */
/*
 * Owns the looks at what is loaded: who is there, who came, who went. Called by the constructor and by dlwatch.c.
 *
 * A later look goes through all modules twice. First those that are known are found again, and all others are gone;
 * then those that are not known get entries, and numbers that are free now.
 */
#include <errno.h>
#include <string.h>

#include "preload/hot.h"
#include "preload/modules_internal.h"
#include "preload/namespaces.h"


struct look {
	uint32_t flags;	      /* of what comes */
	bool only_known;      /* nothing is added */
	bool again;	      /* not the first look */
	bool same;	      /* nothing has changed since the last one */
	const char *program;  /* in place of the first name, which is empty */
	uint64_t adds;	      /* all that was loaded since, */
	uint64_t found;	      /* and how much of it was found */
	uint64_t loaded;      /* more than was visited if there are other namespaces */
	uint64_t visited;
	uint32_t shared;      /* what is seen in other namespaces, but is the program's (ld.so) */
	uint32_t positions[SC_NAMESPACES];
	bool in_use[SC_NAMESPACES];
	uint8_t *seen;
};

static void take(struct look *look, const struct sc_module_seen *seen)
{
	struct sc_module *module = look->again ? sc_modules_find(seen) : NULL;

	look->in_use[seen->space] = true;
	if (!module) {
		look->found++;
		if (look->only_known)
			return;
		module = sc_modules_add(seen, look->flags);
		if (!module)
			return;
	}
	if (look->seen)
		look->seen[module - sc_modules.list] = 1;
	if (!(module->flags & SC_MODULE_OURS))
		module->position = look->positions[seen->space]++;
}

static int visit(struct dl_phdr_info *info, size_t size, void *user)
{
	struct look *look = user;
	struct sc_module_seen seen = { .base = info->dlpi_addr, .name = info->dlpi_name, .phdr = info->dlpi_phdr,
				       .phnum = info->dlpi_phnum };
	(void)size;

	if (look->only_known && info->dlpi_adds == sc_modules.adds && info->dlpi_subs == sc_modules.subs) {
		look->same = true;
		return 1;
	}
	look->adds = info->dlpi_adds - sc_modules.adds;
	look->loaded = info->dlpi_adds - info->dlpi_subs;
	look->visited++;
	/* The vdso has no file, and nothing calls it through a slot. */
	if (strncmp(info->dlpi_name, "linux-vdso", 10) == 0 || strncmp(info->dlpi_name, "linux-gate", 10) == 0)
		return 0;
	if (look->program) {
		seen.name = look->program;
		look->program = NULL;
	}
	take(look, &seen);
	return 0;
}

static bool is_shared(const struct sc_module_seen *seen)
{
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if (module->space == 0 && module->dynamic == seen->dynamic && !(module->flags & SC_MODULE_GONE))
			return true;
	}
	return false;
}

static void visit_other(void *user, unsigned space, const struct link_map *map)
{
	struct look *look = user;
	struct sc_module_seen seen = { .base = map->l_addr, .name = map->l_name, .dynamic = map->l_ld,
				       .space = space };

	if (!seen.dynamic || is_shared(&seen)) {
		look->shared++;
		return;
	}
	/* Not relocated yet, as far as anyone can know, while its headers cannot be found. */
	if (!look->only_known && !sc_modules_find(&seen) && !sc_namespaces_headers(map, &seen.phdr, &seen.phnum))
		return;
	take(look, &seen);
}

static void go_through(struct look *look)
{
	dl_iterate_phdr(visit, look);
	if (!look->same && look->loaded != look->visited)
		sc_namespaces_each(visit_other, look);
}

static int remember_generation(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size;
	(void)user;
	sc_modules.adds = info->dlpi_adds;
	sc_modules.subs = info->dlpi_subs;
	return 1;
}

static int compare_generation(struct dl_phdr_info *info, size_t size, void *changed)
{
	(void)size;
	*(bool *)changed = info->dlpi_adds != sc_modules.adds || info->dlpi_subs != sc_modules.subs;
	return 1;
}

bool sc_modules_changed(void)
{
	bool changed = true;

	dl_iterate_phdr(compare_generation, &changed);
	return changed;
}

int sc_modules_start(const char *program)
{
	struct look look = { .flags = SC_MODULE_STARTUP, .program = program };
	static struct sc_module list[SC_MODULES_MOST] SC_HOT_LONGEST;

	sc_modules.list = list;
	sc_modules.room = SC_MODULES_MOST;
	dl_iterate_phdr(visit, &look);
	dl_iterate_phdr(remember_generation, NULL);
	if (look.loaded != look.visited)
		sc_namespaces_leave_alone();
	return sc_modules_self() ? 0 : -ENOMEM;
}

/* The entries of what went are given to new modules from the next look on: until then images are bound to them. */
static void set_gone(const uint8_t *seen)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (!seen[i])
			sc_modules.list[i].flags |= SC_MODULE_GONE;
}

static void free_gone(void)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (sc_modules.list[i].flags & SC_MODULE_GONE)
			sc_modules.list[i].flags |= SC_MODULE_FREE;
}

/* Between two looks a module may have gone and come back to the same place, where it looks as before: more was loaded
 * than was found. All that came after the start counts as new then. */
static void forget_later(void)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (!(sc_modules.list[i].flags & (SC_MODULE_STARTUP | SC_MODULE_OURS)))
			sc_modules.list[i].flags |= SC_MODULE_GONE;
}

bool sc_modules_look(void)
{
	static uint32_t shared; /* at the last look */
	uint8_t seen[SC_MODULES_MOST] = { 0 };
	struct look known = { .only_known = true, .again = true, .seen = seen };
	struct look all = { .flags = SC_MODULE_NEW, .again = true };

	free_gone();
	go_through(&known);
	if (known.same)
		return false;
	set_gone(seen);
	if (known.shared > shared)
		known.found += known.shared - shared;
	shared = known.shared;
	if (known.adds > known.found)
		forget_later();
	for (unsigned space = 1; space < SC_NAMESPACES; space++)
		if (!known.in_use[space])
			sc_modules_space_empty(space);
	go_through(&all);
	dl_iterate_phdr(remember_generation, NULL);
	return all.found > 0;
}
