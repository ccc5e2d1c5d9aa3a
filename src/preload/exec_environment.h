/* SPDX-License-Identifier: MIT */
/*
 * The environment of programs that are executed: the host's, with what keeps us in them.
 *
 * Thread safety: any thread, but for the start. Signal safety: everything.
 */
#ifndef SC_EXEC_ENVIRONMENT_H
#define SC_EXEC_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "preload/exec_program.h"

/* Copies what children need, before the program can change its environment strings. Once, in the constructor. */
void sc_exec_environment_start(void);
/* Whether it was asked for; then our own path. */
bool sc_exec_environment_started(void);
const char *sc_exec_environment_library(void);

/* How many words of the caller's stack sc_exec_environment needs for `env`, which may be NULL. When that are too many the
 * program will be without us, which is noted. */
size_t sc_exec_environment_words(char *const *env, struct sc_exec_program *program, const char *path);
/* The environment to use instead of env: in `words` words at `out`, or in the program's room, as long as they live; or env
 * itself when nothing is wrong with it, or when it cannot be completed. */
char *const *sc_exec_environment(char *const *env, char **out, size_t words, const struct sc_exec_program *program);

#endif
