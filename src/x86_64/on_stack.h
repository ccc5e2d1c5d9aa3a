/* SPDX-License-Identifier: MIT */
#ifndef SC_X86_64_ON_STACK_H
#define SC_X86_64_ON_STACK_H

/* Calls work(argument) on the stack that ends at top (a multiple of 16), then comes back. Any thread, any signal
 * handler; the stack is the caller's to provide and to release. */
__attribute__((visibility("hidden"))) void sc_on_stack(void (*work)(void *), void *argument, void *top);

#endif
