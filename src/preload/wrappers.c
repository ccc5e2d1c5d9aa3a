/* SPDX-License-Identifier: MIT */
/*
 * Owns the tables of wrappers and of what they stand for. Called by generator.c and attach.c when a target is bound, by
 * activate.c when it goes. The wrappers themselves begin in src/x86_64/wrappers.S and go on in dlwatch.c, exit.c,
 * fork.c and confine.c; those of the exec family are in exec_follow.c, those that give up rights in drop_rights.c.
 */
#include "preload/wrappers.h"

#include <stddef.h>
#include <string.h>

#include "preload/drop_rights.h"
#include "preload/exec_follow.h"
#include "preload/hot.h"
#include "preload/modules.h"
#include "x86_64/layout.h"

struct row {
	uintptr_t originals[SC_WRAPPER_ROW / sizeof(uintptr_t)];
};

/* For wrappers.S, by enum sc_wrapper: those of the program's libc, and of other namespaces'. 0: not known. */
uintptr_t sc_wrapper_originals[SC_WRAPPERS] __attribute__((visibility("hidden"))) SC_HOT;
struct row sc_wrapper_others[SC_NAMESPACES - 1] __attribute__((visibility("hidden")));

_Static_assert(SC_WRAPPERS <= SC_WRAPPER_ROW / sizeof(uintptr_t), "wrappers.S");
_Static_assert(SC_NAMESPACES == SC_WRAPPER_NAMESPACES, "wrappers.S");
_Static_assert(SC_WRAPPER_DLCLOSE == 5 && SC_WRAPPER_ABORT == 8 && SC_WRAPPER_FORK == 21 &&
	       SC_WRAPPER_SYSCALL == 23, "wrappers.S");

extern const char sc_wrap_dlopen[], sc_wrap_dlmopen[], sc_wrap_dlsym[], sc_wrap_dlvsym[], sc_wrap_dlclose[],
	sc_wrap__exit[], sc_wrap_quick_exit[], sc_wrap_abort[], sc_wrap_exit[], sc_wrap_fork[], sc_wrap_prctl[],
	sc_wrap_syscall[];

static const char *entries_of(uint32_t kind)
{
	switch (kind) {
	case SC_WRAPPER_DLOPEN:
		return sc_wrap_dlopen;
	case SC_WRAPPER_DLMOPEN:
		return sc_wrap_dlmopen;
	case SC_WRAPPER_DLSYM:
		return sc_wrap_dlsym;
	case SC_WRAPPER_DLVSYM:
		return sc_wrap_dlvsym;
	case SC_WRAPPER_DLCLOSE:
		return sc_wrap_dlclose;
	case SC_WRAPPER__EXIT:
		return sc_wrap__exit;
	case SC_WRAPPER_QUICK_EXIT:
		return sc_wrap_quick_exit;
	case SC_WRAPPER_ABORT:
		return sc_wrap_abort;
	case SC_WRAPPER_EXIT:
		return sc_wrap_exit;
	case SC_WRAPPER_FORK:
		return sc_wrap_fork;
	case SC_WRAPPER_PRCTL:
		return sc_wrap_prctl;
	case SC_WRAPPER_SYSCALL:
		return sc_wrap_syscall;
	default:
		return NULL;
	}
}

static uintptr_t wrapper_address(uint32_t kind, unsigned space)
{
	const char *entries = entries_of(kind);

	if (entries)
		return (uintptr_t)entries + space * SC_WRAPPER_ENTRY;
	if (space)
		return 0;
	return kind >= SC_WRAPPER_SETUID ? sc_drop_rights_wrapper(kind) : sc_exec_follow_wrapper(kind);
}

static uintptr_t *originals_of(unsigned space)
{
	return space == 0 ? sc_wrapper_originals : sc_wrapper_others[space - 1].originals;
}

uintptr_t sc_wrapper_set(uint32_t kind, unsigned space, uintptr_t original)
{
	uintptr_t *known, wrapper = kind < SC_WRAPPERS ? wrapper_address(kind, space) : 0;

	if (!wrapper)
		return original;
	known = &originals_of(space)[kind];
	if (!*known)
		*known = original;
	return *known == original ? wrapper : original;
}

/* One that was only taken for gone (modules_look.c) may be in use meanwhile, by whoever is about to call an original. */
static bool is_back(const struct sc_module *module)
{
	const struct sc_module *here = sc_modules_at(module->start);

	return here && here->base == module->base && here->space == module->space &&
	       memcmp(here->identity, module->identity, sizeof(here->identity)) == 0;
}

void sc_wrapper_forget(const struct sc_module *module)
{
	uintptr_t *known = originals_of(module->space);

	if (is_back(module))
		return;
	for (uint32_t kind = 0; kind < SC_WRAPPERS; kind++)
		if (known[kind] >= module->start && known[kind] < module->end)
			known[kind] = 0;
}
