/* SPDX-License-Identifier: MIT */
/*
 * A record's file is opened again whenever it grows (record_file.h), which a program cannot any more when it has become
 * another user, or has another root. So what it will need is prepared for before it does: setuid, seteuid, setreuid,
 * setresuid and chroot have wrappers (wrappers.h), whatever the rules say. What does not fit afterwards is counted and
 * reported as lost or untimed, as before. Who does so by a system call of its own is not noticed.
 */
#ifndef SC_DROP_RIGHTS_H
#define SC_DROP_RIGHTS_H

#include <stdint.h>

/* The wrapper of such a function (enum sc_wrapper), or 0. */
uintptr_t sc_drop_rights_wrapper(uint32_t kind);

#endif
