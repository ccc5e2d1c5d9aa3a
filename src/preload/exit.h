/* SPDX-License-Identifier: MIT */
/*
 * The end of the process, as far as it can be seen: exit (through an exit handler registered before all others, so
 * that it runs last), _exit, quick_exit, abort. What must then be done: the record's end, the summary, merging what
 * was learned into the published image.
 */
#ifndef SC_EXIT_H
#define SC_EXIT_H

/* Called once, in the constructor, when something is intercepted. */
void sc_exit_watch(void);

/* In the child of fork: its end is to come, whatever its parent has been through. */
void sc_exit_forked(void);

/* From wrappers.S, each with what it stands for. exit of another namespace's libc is like quick_exit: it ends the
 * process without the handlers of the program's. */
void sc_exit_wrap__exit(int status, void (*original)(int)) __attribute__((noreturn));
void sc_exit_wrap_quick_exit(int status, void (*original)(int)) __attribute__((noreturn));
void sc_exit_wrap_abort(void (*original)(void)) __attribute__((noreturn));

#endif
