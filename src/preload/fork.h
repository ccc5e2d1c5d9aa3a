/* SPDX-License-Identifier: MIT */
/*
 * fork: the child gets a record of its own, and knows that its other threads are gone.
 */
#ifndef SC_FORK_H
#define SC_FORK_H

#include <stdbool.h>
#include <sys/types.h>

/* Registers with libc's fork. Called once, in the constructor, when something is intercepted. */
void sc_fork_watch(void);

/* If this process was made by a fork that ran no handlers (_Fork, clone), does now what they would have done. Called
 * where a thread is about to take over another's state, and at the end. false: this is a vfork child, which
 * lives in its parent's memory. Async-signal safe. */
bool sc_fork_noticed(void);

/* From wrappers.S: fork of another namespace's libc, which runs no handlers of the program's. */
pid_t sc_fork_wrap_fork(pid_t (*original)(void));

#endif
