/* SPDX-License-Identifier: MIT */
/*
 * What lies between the preload and libstubcache-typed.so, which knows prototypes and libffi and is loaded once a client
 * registers a hook. The preload keeps hooks and calls them; this turns a prototype into a program that says where
 * arguments are, calls originals, and makes closures.
 *
 * compile and the closures: starting thread, later under the dl lock. call: any thread, in hooks. Nothing handed out is
 * ever given back.
 */
#ifndef SC_TYPED_H
#define SC_TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_TYPED_VERSION 1
#define SC_TYPED_ENTRY "stubcache_typed"

/* Where a call's values are kept for hooks. */
enum sc_typed_area {
	SC_TYPED_GENERAL,  /* rdi rsi rdx rcx r8 r9, one behind the other */
	SC_TYPED_VECTOR,   /* xmm0 to xmm7, 16 bytes each */
	SC_TYPED_STACK,	   /* what lies behind the return address */
	SC_TYPED_GATHERED, /* values whose pieces do not lie side by side */
	SC_TYPED_AREAS
};

struct sc_typed_piece {
	uint16_t area;
	uint16_t offset; /* bytes */
};

struct sc_typed_place {
	uint32_t area;
	uint32_t offset;
	struct sc_typed_piece pieces[2]; /* of SC_TYPED_GATHERED: its two words */
};

enum sc_typed_result {
	SC_TYPED_NOTHING,
	SC_TYPED_PIECES,
	SC_TYPED_MEMORY, /* rax is the address; at the entry it is in rdi */
	SC_TYPED_X87,
	SC_TYPED_X87_PAIR,
};

/* The words of SC_TYPED_PIECES. */
enum sc_typed_word { SC_TYPED_RAX, SC_TYPED_RDX, SC_TYPED_XMM0, SC_TYPED_XMM0_HIGH, SC_TYPED_XMM1 };

struct sc_typed_program {
	uint32_t count; /* places: named parameters */
	bool typed;	/* by a prototype; else they are registers */
	bool variadic;
	uint8_t result;		/* enum sc_typed_result */
	uint8_t result_words;
	uint8_t result_word[2]; /* enum sc_typed_word */
	bool result_signed;	/* an integer shorter than a register is extended */
	bool result_integer;
	uint64_t result_size;
	/* Taken by the named parameters, in words and registers. */
	uint32_t general, vector, stack;
	uint32_t gathered; /* bytes */
	void *cif;	   /* libffi's, or NULL: it has none of these types */
	struct sc_typed_place places[];
};

/* A closure that was made: libffi's cif first, so that one leads to the other. */
struct sc_typed_closure;

typedef void sc_typed_function_called(void *cif, void *ret, void **args, void *user);

/* What the preload does for the other side. */
struct sc_typed_host {
	/* Whether client code may run now, on this thread; what it leaves in *mark goes to end. */
	bool (*begin)(uintptr_t *mark);
	void (*end)(uintptr_t mark);
};

struct sc_typed_api {
	uint32_t version;
	uint32_t size;
	/*
	 * A prototype as text, or NULL: that of `function` in the files; the program is that of registers when they have
	 * none. 0; -EINVAL with a message; -ENOTSUP for a type that cannot be passed; -ENOMEM. The paths stay, and are
	 * the same in each call that has some.
	 */
	int (*compile)(const char *prototype, const char *function, const char *const *files, uint32_t file_count,
		       const struct sc_typed_program **out, char *message, size_t size);
	/* ffi_call; ret has room for the result's own size, or is NULL. The program has a cif. */
	void (*call)(const struct sc_typed_program *program, uintptr_t function, void **args, void *ret);
	/* NULL: no memory, or the program has no cif. */
	struct sc_typed_closure *(*closure)(const struct sc_typed_program *program, sc_typed_function_called *function,
					    void *user);
	void (*closure_lead)(struct sc_typed_closure *closure, uintptr_t original);
	uintptr_t (*closure_original)(const void *cif);
	/* Calls its function, as libffi would. */
	void (*closure_call)(struct sc_typed_closure *closure, void *ret, void **args);
	/* Fills a closure stub's first three words. */
	void (*closure_words)(struct sc_typed_closure *closure, uint64_t words[3]);
};

/* Exported under SC_TYPED_ENTRY. NULL when it does not know this version. */
typedef const struct sc_typed_api *sc_typed_entry(uint32_t version, const struct sc_typed_host *host);

#endif
