/* SPDX-License-Identifier: MIT */
/*
 * Owns what is found out and noted of a program before it is executed. Called by exec_follow.c. Does not own what its
 * file says (common/program.c), nor how it is written down (record_unobserved.c).
 */
#include "preload/exec_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/program.h"
#include "common/sys.h"
#include "preload/confine.h"
#include "preload/exec_environment.h"
#include "preload/modules.h"
#include "preload/record_file.h"
#include "preload/record_unobserved.h"
#include "preload/recording.h"

#define OTHERS_ROOM ((uint64_t)64 << 20) /* for the program, its libraries, and what we map later */

void sc_exec_program_note(struct sc_exec_program *program, enum sc_unobserved reason, const char *path)
{
	program->reason = reason;
	if (sc_recording_started())
		program->noted = sc_record_unobserved(reason, path[0] ? path : "(a descriptor)");
}

/* In another root the path to our library leads nowhere; another user may not read it: ld.so would say so. Where the
 * library is and the records are not, we would say so. */
static bool we_are_there(void)
{
	int fd = sc_sys_openat(AT_FDCWD, sc_exec_environment_library(), O_RDONLY | O_NOCTTY, 0);

	if (fd >= 0)
		sc_sys_close(fd);
	return fd != -ENOENT && fd != -ENOTDIR && fd != -EACCES && sc_record_file_reachable();
}

/* ld.so would say that it cannot map us. */
static bool we_have_room(void)
{
	const struct sc_module *self = sc_modules_self();
	struct rlimit limit;

	return sc_syscall2(SYS_getrlimit, RLIMIT_AS, &limit) < 0 || limit.rlim_cur >= self->end - self->start + OTHERS_ROOM;
}

void sc_exec_program_look(struct sc_exec_program *program, int directory, const char *path, int flags)
{
	enum sc_unobserved reason = sc_program_look(directory, path, flags);
	struct stat stat;

	if (reason == SC_OBSERVED && !we_are_there() &&
	    sc_sys_fstatat(directory, path, &stat, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) == 0)
		reason = SC_UNOBSERVED_ROOT;
	/* It keeps the filter, and our constructor would know nothing of it. */
	if (reason == SC_OBSERVED && !sc_confine_leaves_all())
		reason = SC_UNOBSERVED_CONFINED;
	if (reason == SC_OBSERVED && !we_have_room())
		reason = SC_UNOBSERVED_MEMORY;
	if (reason != SC_OBSERVED)
		sc_exec_program_note(program, reason, path);
}

static void look_at_found(void *program, const char *path)
{
	sc_exec_program_look(program, AT_FDCWD, path, 0);
}

static const char *search_path(void)
{
	for (char *const *at = environ; at && *at; at++)
		if (strncmp(*at, "PATH=", 5) == 0)
			return *at + 5;
	return NULL;
}

void sc_exec_program_find(struct sc_exec_program *program, const char *file)
{
	sc_program_find(file, search_path(), look_at_found, program);
}

int sc_exec_program_returned(struct sc_exec_program *program, int r)
{
	if (program->room)
		sc_sys_munmap(program->room, program->room_size);
	if (r && program->reason != SC_OBSERVED && sc_recording_started())
		sc_record_unobserved_undo(program->reason, program->noted);
	return r;
}
