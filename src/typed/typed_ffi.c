/* SPDX-License-Identifier: MIT */
/*
 * Owns what is done by libffi: calls of originals, and closures. The code of a closure is the stub of its function
 * (x86_64/stub.S), in the image; ffi_prep_go_closure fills the data that the stub leads to. So no memory is ever made
 * executable for it. Called by the preload, and by libffi inside intercepted calls.
 */
#include <string.h>

#include "typed/typed_internal.h"

struct sc_typed_closure {
	ffi_cif cif; /* first: it is what a closure is called with */
	sc_typed_function_called *function;
	void *user;
	uintptr_t original;
};

static void (*function_at(uintptr_t address))(void)
{
	return (void (*)(void))address;
}

/* libffi widens short integers. */
void sc_typed_call(const struct sc_typed_program *program, uintptr_t function, void **args, void *ret)
{
	ffi_arg wide = 0;
	bool is_short = program->result_size < sizeof(wide);

	ffi_call(program->cif, function_at(function), is_short ? &wide : ret, args);
	if (is_short && ret)
		memcpy(ret, &wide, program->result_size);
}

struct sc_typed_closure *sc_typed_closure_make(const struct sc_typed_program *program,
					       sc_typed_function_called *function, void *user)
{
	struct sc_typed_closure *closure = sc_arena_alloc(&sc_typed_arena, sizeof(*closure));

	if (closure)
		*closure = (struct sc_typed_closure){ .cif = *(ffi_cif *)program->cif, .function = function,
						      .user = user };
	return closure;
}

void sc_typed_closure_lead(struct sc_typed_closure *closure, uintptr_t original)
{
	__atomic_store_n(&closure->original, original, __ATOMIC_RELEASE);
}

uintptr_t sc_typed_closure_original(const void *cif)
{
	return __atomic_load_n(&((const struct sc_typed_closure *)cif)->original, __ATOMIC_ACQUIRE);
}

void sc_typed_closure_call(struct sc_typed_closure *closure, void *ret, void **args)
{
	closure->function(&closure->cif, ret, args, closure->user);
}

/* From libffi, in place of the function. Where no code of clients may run, the original it is. */
static void entered(ffi_cif *cif, void *ret, void **args, void *words)
{
	struct sc_typed_closure *closure = (struct sc_typed_closure *)cif;
	uintptr_t mark;
	(void)words;

	if (!sc_typed_preload->begin(&mark)) {
		ffi_call(cif, function_at(sc_typed_closure_original(cif)), ret, args);
		return;
	}
	sc_typed_closure_call(closure, ret, args);
	sc_typed_preload->end(mark);
}

_Static_assert(sizeof(ffi_go_closure) == 3 * sizeof(uint64_t), "the words of a closure stub");

void sc_typed_closure_words(struct sc_typed_closure *closure, uint64_t words[3])
{
	ffi_go_closure go;

	if (ffi_prep_go_closure(&go, &closure->cif, entered) == FFI_OK)
		memcpy(words, &go, sizeof(go));
}
