/* SPDX-License-Identifier: MIT */
/* What the files of the writer of C declarations share; see dwarf_c.h. */
#ifndef SC_CMD_DWARF_INTERNAL_H
#define SC_CMD_DWARF_INTERNAL_H

#include <dwarf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/dwarf_c.h"

#define SC_DWARF_DEEPEST 256 /* types in a chain; a human's have ten */
#define SC_DWARF_UNSOUND "its debug information is damaged: types without end"

enum sc_dwarf_state {
	SC_DWARF_NEW,
	SC_DWARF_FORWARD, /* its tag is declared */
	SC_DWARF_BUSY,	  /* what it needs is being written */
	SC_DWARF_DONE,
};

/* A type with a name. */
struct sc_dwarf_type {
	bool typedefed; /* else a tag: struct, union and enum share one space of names */
	char *name;
	Dwarf_Die die;
	bool whole; /* die is not just a declaration */
	bool queued;
	const char *note; /* of a typedef, or NULL */
	enum sc_dwarf_state state;
	struct sc_dwarf_type *next; /* in the order of sc_dwarf_c_add */
	struct sc_dwarf_type *later; /* in the queue of what is to be completed */
};

struct sc_dwarf_text {
	char *name;
	char *text;
};

struct sc_dwarf_c {
	void *tree; /* of struct sc_dwarf_type, by tsearch */
	struct sc_dwarf_type *first, **last;
	struct sc_dwarf_type *queue, **queue_last;
	FILE *types;
	char *types_text;
	size_t types_size;
	struct sc_dwarf_text *functions;
	size_t function_count;
	unsigned depth; /* of sc_dwarf_need */
	void *checked;	/* of struct sc_dwarf_checked, by tsearch */
	const char *unsaid; /* why C cannot say what is being declared */
	int error;
};

/* ---- dwarf_c.c ---- */

/* The type of a member, parameter, variable, pointer, ...; false: void. */
bool sc_dwarf_type_of(Dwarf_Die *die, Dwarf_Die *type);
/* Likewise through typedefs of other languages than C: their names may mean others in other scopes. */
bool sc_dwarf_spelled(Dwarf_Die *die, Dwarf_Die *type);
/* Through const, volatile, restrict, _Atomic and such typedefs; false: void. */
bool sc_dwarf_unqualified(Dwarf_Die *die, Dwarf_Die *type);
/* Through const, volatile, restrict, _Atomic and all typedefs; false: void. */
bool sc_dwarf_stripped(Dwarf_Die *die, Dwarf_Die *type);
bool sc_dwarf_is_qualifier(int tag);
bool sc_dwarf_is_struct(int tag); /* or union, or class */
bool sc_dwarf_flag(Dwarf_Die *die, unsigned attribute);
/* False, and *value untouched, when it is not there or no constant. */
bool sc_dwarf_number(Dwarf_Die *die, unsigned attribute, uint64_t *value);
/* Whether the integer that an enumeration is has a sign; it has where nothing is said. */
bool sc_dwarf_is_signed(Dwarf_Die *die);
/* Whether it points to what va_start makes, which has a name but no declaration in C. */
bool sc_dwarf_is_va_list(Dwarf_Die *die);
/* Whether its unit was written in C. */
bool sc_dwarf_is_c(Dwarf_Die *die);
/* The entry of a named type; made when there is none. NULL: it has no name, or no memory. */
struct sc_dwarf_type *sc_dwarf_named(struct sc_dwarf_c *writer, Dwarf_Die *die);

/* ---- dwarf_check.c ---- */

/*
 * Whether this type, and what has to be written or measured for it, can be followed to its ends. False: the debug
 * information is damaged, or memory is short. pointed: it may stay incomplete.
 */
bool sc_dwarf_sound(struct sc_dwarf_c *writer, Dwarf_Die *type, bool pointed);
void sc_dwarf_check_free(struct sc_dwarf_c *writer);

/* ---- dwarf_types.c ---- */

/* Writes what must be declared before this type is used; complete: its size is needed. type NULL: void. */
void sc_dwarf_need(struct sc_dwarf_c *writer, Dwarf_Die *type, bool complete);
/* Completes what was only pointed to, as far as the DWARF knows it. */
void sc_dwarf_drain(struct sc_dwarf_c *writer);

/* ---- dwarf_declare.c ---- */

/* Writes `type name`, without a semicolon. type NULL: void; depth: of indentation, for bodies. */
void sc_dwarf_declare(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, const char *name, unsigned depth);
/* Writes `(parameters)` of a subprogram or subroutine type. */
void sc_dwarf_parameters(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, const struct sc_dwarf_function *names);
/* "struct x", "union x", "enum x", as it is referred to. */
void sc_dwarf_tag(FILE *out, Dwarf_Die *die, const char *name);

/* ---- dwarf_body.c ---- */

/* Writes ` { members }` and the attributes behind it. */
void sc_dwarf_body(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, unsigned depth);

/* ---- dwarf_layout.c ---- */

uint64_t sc_dwarf_align(Dwarf_Die *type);
/* What was written behind a type or member as aligned(); 0: nothing. */
uint64_t sc_dwarf_own_align(Dwarf_Die *die);
uint64_t sc_dwarf_size(Dwarf_Die *type);

/* Where a member lies, in bits from the start. */
struct sc_dwarf_place {
	uint64_t offset;
	uint64_t bits;	/* of a bit-field; 0: none */
	uint64_t align; /* of its type, or its own, bits */
	uint64_t size;	/* of its type, bits */
};

void sc_dwarf_place(Dwarf_Die *member, struct sc_dwarf_place *place);
/* Where it would lie behind what ends at bit `end`. */
uint64_t sc_dwarf_natural(const struct sc_dwarf_place *place, uint64_t end, bool packed);
/* Whether the layout is one that only a packed struct has. */
bool sc_dwarf_packed(Dwarf_Die *die);
/* Bits of a struct that lie in none of its members; as many at most are to be written as bit-fields. */
uint64_t sc_dwarf_unexplained(Dwarf_Die *die);

#endif
