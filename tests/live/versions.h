/* SPDX-License-Identifier: MIT */
/* libversions.so: versions_which is there twice. */
#ifndef VERSIONS_H
#define VERSIONS_H

int versions_first(int x);  /* versions_which@VERSIONS_1, for old programs: x + 1000 */
int versions_second(int x); /* versions_which@@VERSIONS_2, the default: x + 2000 */
int versions_which(int x);

#endif
