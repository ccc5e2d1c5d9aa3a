/* SPDX-License-Identifier: MIT */
/*
 * Work that takes more stack than the host may have left where it calls us: in small threads, in coroutines, in signal
 * handlers on an alternate stack.
 */
#ifndef SC_OWN_STACK_H
#define SC_OWN_STACK_H

/* Calls work(argument) on a stack of 256 KiB that is mapped for it. 0, or -ENOMEM: it was not called. Any thread; two
 * system calls. */
int sc_own_stack_run(void (*work)(void *), void *argument);

#endif
