/* SPDX-License-Identifier: MIT */
/*
 * The guard around a client's start: a crash in it becomes one line that names the client.
 */
#ifndef SC_CLIENT_GUARD_H
#define SC_CLIENT_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Between begin and end, on the starting thread alone. The dispositions of the signals of a crash and the alternate
 * stack are ours meanwhile; end restores each exactly, unless a client has set another one for itself.
 */
void sc_client_guard_begin(void);
void sc_client_guard_end(void);

/* Whose start is running, for the line, and what it is doing ("loading", "dr_client_main"). The strings stay until
 * the next call. */
void sc_client_guard_name(const char *path, const char *doing);

/*
 * Calls work(argument), whose code is in [start, end). Returns 0 when it comes back. When an instruction in that
 * range crashes, returns the signal's number: work is left where it was. A crash anywhere else is said in one line and
 * takes its normal course: libc's locks or heap may be broken then, and a host that goes on with these is worse
 * than one that ends.
 */
int sc_client_guard_call(void (*work)(void *), void *argument, uintptr_t start, uintptr_t end);

#endif
