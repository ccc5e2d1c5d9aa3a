/* SPDX-License-Identifier: MIT */
/* libifunc.so: ifunc_triple is an IFUNC, ifunc_triple_inside calls it through the library's own PLT. */
#ifndef IFUNC_H
#define IFUNC_H

int ifunc_triple(int x);
int ifunc_triple_inside(int x);

#endif
