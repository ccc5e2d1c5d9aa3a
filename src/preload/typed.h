/* SPDX-License-Identifier: MIT */
/*
 * Hooks and closures of clients (include/stubcache.h).
 *
 *	typed.c		what clients register; which functions that selects
 *	typed_load.c	libstubcache-typed.so
 *	typed_bind.c	at activation: what is registered and a function -> struct sc_typed_function
 *	typed_calls.c	inside intercepted calls: arguments and results for hooks, and back
 *	typed_api.c	what hooks ask of the call they are in
 *	typed_gate.c	that no client code runs while an image is generated
 */
#ifndef SC_TYPED_PRELOAD_H
#define SC_TYPED_PRELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/module.h"
#include "common/rules.h"
#include "stubcache.h"
#include "typed/typed.h"

/* ---- What is registered ---- */

struct sc_typed_hook {
	struct sc_typed_hook *next; /* in the order of registering */
	uint32_t client;
	const char *rule;		/* "client=TARGETS", or NULL: what the user's client rules name */
	const struct sc_typed_program *program; /* NULL: by each function's name */
	void (*enter)(struct stubcache_call *call, void **args, void *user);
	void (*leave)(struct stubcache_call *call, void **args, void *ret, void *user);
	sc_typed_function_called *closure; /* NULL: it is a hook */
	void *user;
};

/* The first; NULL: nothing is registered. */
const struct sc_typed_hook *sc_typed_hooks(void);
/* Its start has failed. */
void sc_typed_drop_client(uint32_t client);
/* Adds what its hooks select, if it has any, to a hash. For the key. */
void sc_typed_identity(uint32_t client, struct sc_hash128 *hash);
/* Adds the rules that clients have registered behind the user's. 0 or -ENOMEM. Once. */
int sc_typed_add_rules(struct sc_rules *rules);
/* How many of the rules are the user's. */
unsigned sc_typed_user_rules(void);

/* libstubcache-typed.so's, loaded; NULL: it cannot be had. What there is to say of that was said. */
const struct sc_typed_api *sc_typed_get(void);

/* ---- A function ---- */

struct sc_typed_binding {
	const struct sc_typed_hook *hook;
	const struct sc_typed_program *program;
	const char *from; /* glob of the calling module, or NULL */
	struct sc_typed_closure *closure;
	uint32_t pointers; /* where in a call's block its args are, */
	uint32_t gathered; /* what was gathered, */
	uint32_t word;	   /* and its word */
};

#define SC_TYPED_BINDINGS 64 /* hooks on one function */

struct sc_typed_function {
	const char *name;
	uintptr_t original;  /* what the stub calls */
	bool leaves;	     /* some hook has a leave */
	bool vectors;	     /* some hook sees argument registers that are vectors */
	bool x87;	     /* some hook's result may be on the x87 stack: looking there takes long */
	uint32_t block_size; /* of a call */
	uint32_t stack;	     /* words of named arguments on the stack, at most */
	uint32_t count;
	struct sc_typed_binding bindings[];
};

/* The hooks that a function gets, in their order; NULL: none. As sc_hooks_bind. */
struct sc_typed_function *sc_typed_bind(const struct sc_module *module, const char *function, const char *version);

/* What its stub calls. */
void sc_typed_lead(struct sc_typed_function *function, uintptr_t original);

/* Fills the words of a closure stub that leads to `original` otherwise. */
void sc_typed_bind_closure(const struct sc_module *module, const char *function, const char *version, uintptr_t original,
			   uint64_t words[4]);

/* ---- A call ---- */

struct sc_hook_call;
struct sc_hook_state;
struct sc_hook_thread;

/* Runs the enter functions: whether the original is not to be called. *keep: the return is of interest. */
bool sc_typed_enter(struct sc_typed_function *function, struct sc_hook_call *call, struct sc_hook_state *state,
		    struct sc_hook_thread *hooks, bool *keep);
/* Runs the leave functions, with what sc_typed_enter has left in the state. */
void sc_typed_leave(struct sc_hook_state *state, uintptr_t returned[2]);

/* ---- Who runs ---- */

/* Marks that a hook runs on the thread, whose code begins below `here`. false: it must not, because one runs already,
 * or because an image is being generated. *mark is for sc_typed_gate_end. */
bool sc_typed_gate_begin(struct sc_hook_thread *hooks, uintptr_t here, uintptr_t *mark);
void sc_typed_gate_end(struct sc_hook_thread *hooks, uintptr_t mark);

/* The same for closures, whose own calls may be hooked. */
extern const struct sc_typed_host sc_typed_host;

/* When the first hook is registered. */
void sc_typed_gate_start(void);

/* Keeps hooks out until sc_typed_gate_open: those that come go past. false: one is running, and nothing has changed. Under
 * the dl lock. */
bool sc_typed_gate_close(void);
void sc_typed_gate_open(void);

#endif
