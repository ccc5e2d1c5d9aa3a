/* SPDX-License-Identifier: MIT */
/*
 * Keeping ld.so still: while modules are read and written, no other thread may load, relocate or unload any.
 */
#ifndef SC_LOADER_LOCK_H
#define SC_LOADER_LOCK_H

/* Calls work(argument) while this thread holds ld.so's lock; waits for it, as dlopen, dlclose and dlsym do, so only
 * where the host has called one of those. work may load and look up. dlerror has nothing to say afterwards. */
void sc_loader_locked(void (*work)(void *), void *argument);

#endif
