/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of wrappers. Called by generator.c when a target is bound; the wrappers themselves are in
 * src/x86_64/wrappers.S (dl functions, which look at their return address), exit.c and exec_follow.c.
 */
#include "preload/wrappers.h"

#include <stddef.h>

#include "preload/exec_follow.h"
#include "preload/exit.h"
#include "preload/hot.h"

uintptr_t sc_wrapper_originals[SC_WRAPPERS] SC_HOT;

extern const char sc_wrap_dlopen[], sc_wrap_dlmopen[], sc_wrap_dlsym[], sc_wrap_dlvsym[], sc_wrap_dlclose[];

static uintptr_t wrapper_address(uint32_t kind)
{
	switch (kind) {
	case SC_WRAPPER_DLOPEN:
		return (uintptr_t)sc_wrap_dlopen;
	case SC_WRAPPER_DLMOPEN:
		return (uintptr_t)sc_wrap_dlmopen;
	case SC_WRAPPER_DLSYM:
		return (uintptr_t)sc_wrap_dlsym;
	case SC_WRAPPER_DLVSYM:
		return (uintptr_t)sc_wrap_dlvsym;
	case SC_WRAPPER_DLCLOSE:
		return (uintptr_t)sc_wrap_dlclose;
	case SC_WRAPPER__EXIT:
		return (uintptr_t)sc_exit_wrap__exit;
	case SC_WRAPPER_QUICK_EXIT:
		return (uintptr_t)sc_exit_wrap_quick_exit;
	case SC_WRAPPER_ABORT:
		return (uintptr_t)sc_exit_wrap_abort;
	default:
		return sc_exec_follow_wrapper(kind);
	}
}

uintptr_t sc_wrapper_set(uint32_t kind, uintptr_t original)
{
	uintptr_t wrapper = kind < SC_WRAPPERS ? wrapper_address(kind) : 0;

	if (!wrapper)
		return original;
	if (!sc_wrapper_originals[kind])
		sc_wrapper_originals[kind] = original;
	return sc_wrapper_originals[kind] == original ? wrapper : original;
}
