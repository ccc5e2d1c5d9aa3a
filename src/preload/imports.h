/* SPDX-License-Identifier: MIT */
/*
 * What we call of libc ourselves.
 */
#ifndef SC_IMPORTS_H
#define SC_IMPORTS_H

#include <link.h>

/*
 * Binds our calls to libc's own functions where the program, or a library ahead of libc, defines others under their
 * names: those may rely on what a constructor of theirs does, and none has run yet. First of all in our constructor,
 * before anything is called. The program's headers, as the kernel tells of them. Calls nothing, waits for nothing.
 */
void sc_imports_settle(const ElfW(Phdr) *phdr, size_t phnum);

#endif
