/* SPDX-License-Identifier: MIT */
/*
 * A program on its way to be executed: whether it will leave a record, and if not, why. Noted before, for nobody is here
 * afterwards, and taken back when nothing comes of it.
 *
 * Thread and signal safety: everything; also in a child of vfork.
 */
#ifndef SC_EXEC_PROGRAM_H
#define SC_EXEC_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "common/record.h"

/* Starts as zero. */
struct sc_exec_program {
	enum sc_unobserved reason;
	uint64_t noted;
	void *room; /* what its environment takes, where that is not on the stack; NULL: it is */
	size_t room_size;
};

/* As execveat(2) and execvp(3) have them. */
void sc_exec_program_look(struct sc_exec_program *program, int directory, const char *path, int flags);
void sc_exec_program_find(struct sc_exec_program *program, const char *file);
void sc_exec_program_note(struct sc_exec_program *program, enum sc_unobserved reason, const char *path);
/* For what exec or posix_spawn returned: gives the room back, and takes the note back unless it is 0. Returns r. */
int sc_exec_program_returned(struct sc_exec_program *program, int r);

#endif
