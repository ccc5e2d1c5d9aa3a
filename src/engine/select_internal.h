/* SPDX-License-Identifier: MIT */
/*
 * What select.c, which decides, and select_explain.c, which says so, have in common.
 */
#ifndef SC_SELECT_INTERNAL_H
#define SC_SELECT_INTERNAL_H

#include "common/proto.h"
#include "engine/select.h"
#include "engine/symbols.h"

/* What was decided about a symbol of a module: the plan's target, or that it is none. */
enum { UNDECIDED = 0, REFUSED = 1, FIRST_TARGET = 2 };

/* What `stubcache explain` says of a symbol, besides what was decided. */
struct considered {
	const char *reason; /* why less than was asked for, or NULL */
	uint32_t slots;
	uint32_t canonical; /* slots that hold a program's own PLT entry instead */
};

struct candidate {
	struct sc_symbols symbols;
	bool open;
	struct sc_library_names names;
	const char *name;	/* as the plan and the user have it: soname, else file */
	uint32_t plan_module;	/* index in the plan, UINT32_MAX: not there */
	uint32_t *decided;	/* by symbol: REFUSED, or FIRST_TARGET + target */
	struct considered *considered; /* by symbol, when it is to be explained; else NULL */
};

/* Modules in the order in which they are searched. */
struct scope {
	const struct sc_symbols **modules; /* NULL: nothing is loaded there */
	size_t count;
};

struct selection {
	struct sc_engine_request *request;
	struct sc_plan *plan;
	struct candidate *candidates; /* one a module of the request */
	struct scope scopes[SC_NAMESPACES]; /* where the search of each module of a namespace begins */
	bool by_caller; /* some rule has from= */
	bool failed; /* no memory */
	struct sc_protos protos; /* read when first needed: select_capture.c */
	struct sc_capture *capture_room;
};

/* Which module's symbols these are. */
static inline uint32_t index_of(const struct selection *s, const struct sc_symbols *symbols)
{
	return (uint32_t)(symbols->module - s->request->modules);
}

/* Makes s->scopes, once all candidates are open. */
bool sc_select_scopes(struct selection *s);
/* What a relocation of module i binds to; false when it is not bound or cannot be known. */
bool sc_select_bind(struct selection *s, uint32_t i, const ElfW(Rela) *relocation, struct sc_definition *definition);
/* Whether module i finds this definition whatever else is loaded: the scope of each begins with the modules of the
 * start, unless it was loaded with RTLD_DEEPBIND. Another namespace may begin with any module. */
bool sc_select_is_fixed(const struct selection *s, uint32_t i, const struct sc_definition *definition);

/* What is recorded of calls of a function of this name, by its prototype (select_capture.c). Never NULL; good
 * until the next call. */
const struct sc_capture *sc_select_capture(struct selection *s, const char *name);

/* Room for what will be explained of a candidate that was opened. */
bool sc_select_explain_start(struct selection *s, struct candidate *candidate);
/* A reference whose definition is no function that could get a stub. */
void sc_select_explain_other(struct selection *s, const struct candidate *caller, uint32_t reference, unsigned type,
			     const struct sc_definition *definition);
/* A definition that a lazy slot may be bound to, or another one of its name. */
void sc_select_explain_uncertain(struct selection *s, const struct sc_definition *definition);
/* A function that dlsym has revealed. */
void sc_select_explain_symbol(const struct selection *s, const struct candidate *in,
			      const struct sc_plan_target *target, const char *why);
/* All that was considered, and what a rule names that was not. */
void sc_select_explain_all(const struct selection *s);

#endif
