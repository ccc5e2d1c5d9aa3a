/* SPDX-License-Identifier: MIT */
/* liblazy.so, the private library of lazy_private.c. */
#ifndef LAZY_PRIVATE_H
#define LAZY_PRIVATE_H

int lazy_add(int a, int b);
int lazy_apply(int (*function)(int), int x);	 /* function(x) + 1 */
int lazy_factorial(int n);			 /* recursive, through the library's own PLT */
int lazy_length(const char *text, int number); /* of both, formatted in memory from malloc */

#endif
