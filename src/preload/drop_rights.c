/* SPDX-License-Identifier: MIT */
/*
 * Owns the wrappers of functions that take away the right, or the path, to open the record and our own file again. Does not
 * own the room that is made for it (record_map.c, frame_memory.c). Called by the host in their place (wrappers.c), by any thread, signal handlers
 * too, also between vfork and exec: no heap, no lock that is waited for; errno is the original's.
 *
 * The originals are reached through our own imports, so that another interposer still sees the call.
 */
#include "preload/drop_rights.h"

#include <unistd.h>

#include "engine/engine.h"
#include "preload/frame_memory.h"
#include "preload/record_map.h"
#include "preload/recording.h"

static void prepare(void)
{
	if (sc_recording_started())
		sc_record_prepare();
	sc_frame_memory_prepare();
}

static int wrap_setuid(uid_t user)
{
	prepare();
	return setuid(user);
}

static int wrap_seteuid(uid_t user)
{
	prepare();
	return seteuid(user);
}

static int wrap_setreuid(uid_t real, uid_t effective)
{
	prepare();
	return setreuid(real, effective);
}

static int wrap_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	prepare();
	return setresuid(real, effective, saved);
}

static int wrap_chroot(const char *path)
{
	prepare();
	return chroot(path);
}

uintptr_t sc_drop_rights_wrapper(uint32_t kind)
{
	switch (kind) {
	case SC_WRAPPER_SETUID:
		return (uintptr_t)wrap_setuid;
	case SC_WRAPPER_SETEUID:
		return (uintptr_t)wrap_seteuid;
	case SC_WRAPPER_SETREUID:
		return (uintptr_t)wrap_setreuid;
	case SC_WRAPPER_SETRESUID:
		return (uintptr_t)wrap_setresuid;
	case SC_WRAPPER_CHROOT:
		return (uintptr_t)wrap_chroot;
	default:
		return 0;
	}
}
