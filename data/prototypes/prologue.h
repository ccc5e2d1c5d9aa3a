/* SPDX-License-Identifier: MIT */
/*
 * Read before all headers while prototypes are made. With _GNU_SOURCE <sys/socket.h> declares addresses as transparent
 * unions, of whose members the debug information of gcc says nothing. It does not for compilers before gcc 2.7.
 */
#include <features.h>

#undef __GNUC_PREREQ
#define __GNUC_PREREQ(major, minor) ((major) > 2 && ((__GNUC__ << 16) + __GNUC_MINOR__ >= ((major) << 16) + (minor)))
