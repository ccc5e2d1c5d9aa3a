/* SPDX-License-Identifier: MIT */
/*
 * The one function through which anything of ours speaks in the host: a line on its stderr, for as long
 * as descriptor 2 is what it was at start. Leaves errno alone. Not for signal handlers, nor for
 * intercepted calls.
 */
#ifndef SC_LOG_H
#define SC_LOG_H

#include <stddef.h>

#include "preload/config.h"

void sc_log_start(enum sc_log_level level);
/* Remembers what descriptor 2 is, before the host can change it. One system call. If it is closed now, nothing is
 * ever said: what the host opens in its place is not ours to write to. */
void sc_log_look(void);
enum sc_log_level sc_log_level(void);
void sc_log(enum sc_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes to the stderr of the start, through a descriptor of our own that outlives the host's closing of 2
 * (coreutils do so at exit). Keep it with sc_log_keep before main. A pipe or socket that nobody reads is given a
 * second, once, and never raises SIGPIPE. Async-signal safe. */
void sc_log_keep(void);
/* In a child of fork: lets go of it. A daemon that has closed its stderr must not hold a pipe open by which its
 * starter waits for the end. */
void sc_log_forked(void);
void sc_log_write(const char *text, size_t length);

#endif
