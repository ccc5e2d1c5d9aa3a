/* SPDX-License-Identifier: MIT */
/*
 * The loader of glibc's programs (System V ABI, AMD64 supplement, section 5.2.1): what a program that takes us as a
 * preload names in PT_INTERP.
 */
#ifndef SC_X86_64_LOADER_H
#define SC_X86_64_LOADER_H

#define SC_LOADER_NAME "ld-linux-x86-64.so.2"
#define SC_LOADER_PATH "/lib64/" SC_LOADER_NAME

#endif
