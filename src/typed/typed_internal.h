/* SPDX-License-Identifier: MIT */
/*
 * Inside libstubcache-typed.so:
 *
 *	typed.c		the entry; prototypes by text and by name
 *	typed_program.c	a prototype -> where its arguments and result are
 *	typed_types.c	a type -> libffi's
 *	typed_ffi.c	calls and closures
 */
#ifndef SC_TYPED_INTERNAL_H
#define SC_TYPED_INTERNAL_H

#include <ffi.h>

#include "common/arena.h"
#include "common/proto.h"
#include "typed/typed.h"

/* Everything here stays for ever. */
extern struct sc_arena sc_typed_arena;
extern const struct sc_typed_host *sc_typed_preload;

/* Compiles a function's type; NULL: that of registers alone. 0, -ENOTSUP or -ENOMEM. */
int sc_typed_program_make(const struct sc_type *function, const struct sc_typed_program **out);

/* libffi's type for an argument, or for what is returned; NULL: it has none, or there is no memory. */
ffi_type *sc_typed_type(const struct sc_type *type, bool returned);

void sc_typed_call(const struct sc_typed_program *program, uintptr_t function, void **args, void *ret);
struct sc_typed_closure *sc_typed_closure_make(const struct sc_typed_program *program,
					       sc_typed_function_called *function, void *user);
void sc_typed_closure_lead(struct sc_typed_closure *closure, uintptr_t original);
uintptr_t sc_typed_closure_original(const void *cif);
void sc_typed_closure_call(struct sc_typed_closure *closure, void *ret, void **args);
void sc_typed_closure_words(struct sc_typed_closure *closure, uint64_t words[3]);

#endif
