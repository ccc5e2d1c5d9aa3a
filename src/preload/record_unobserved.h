/* SPDX-License-Identifier: MIT */
/*
 * What the record says of programs that this process starts and that leave no record of their own (common/record.h).
 *
 * Thread and signal safety: everything; also in a child of vfork, where the record is the parent's. Nothing waits.
 */
#ifndef SC_RECORD_UNOBSERVED_H
#define SC_RECORD_UNOBSERVED_H

#include "common/record.h"

/*
 * Notes that the program is executed and why it is not observed, before it is: afterwards nobody is here to do so. When
 * the record has started. Returns what sc_record_unobserved_undo takes.
 */
uint64_t sc_record_unobserved(enum sc_unobserved reason, const char *path);
/* It was not executed after all. */
void sc_record_unobserved_undo(enum sc_unobserved reason, uint64_t noted);

#endif
