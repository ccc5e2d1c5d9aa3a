/* SPDX-License-Identifier: MIT */
/* A record of our own, for a program that is run and cannot make one. */
#ifndef SC_CMD_RECORD_NOTE_H
#define SC_CMD_RECORD_NOTE_H

#include "common/record.h"

/* In the directory: nothing was measured, but a program was started and is not observed. 0 or a negative errno; then no
 * file is left. */
int sc_record_note_unobserved(const char *directory, const char *program, enum sc_unobserved reason);

#endif
