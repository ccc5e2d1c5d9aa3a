/* SPDX-License-Identifier: MIT */
/*
 * Prototypes: what functions take and return, read from C declarations (doc/prototypes.md is the language). Where the
 * arguments are is proto_abi.h's, what of a call is recorded proto_capture.h's.
 *
 * Everything read lies in the caller's arena and lives as long as that; nothing points into the text that was read. A type
 * may be there more than once: comparing addresses means nothing. Reading is for one thread; what has been read may be
 * looked at by many as long as nobody reads more. Nothing here is for signal handlers or intercepted calls. errno is left
 * alone, no floating point is used, and no bytes that are read can crash the reader or take it deeper than a fixed depth.
 */
#ifndef SC_PROTO_H
#define SC_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/capture.h"

/* ---- Types ---- */

enum sc_type_kind {
	SC_TYPE_VOID = 1,
	SC_TYPE_BOOL,
	SC_TYPE_CHAR,	     /* char, signed char, unsigned char: also uint8_t, by way of a typedef */
	SC_TYPE_INTEGER,     /* size 2, 4, 8, 16 (__int128) */
	SC_TYPE_FLOAT,
	SC_TYPE_DOUBLE,
	SC_TYPE_LONG_DOUBLE, /* x87's, 16 bytes of which 10 count */
	SC_TYPE_FLOAT128,
	SC_TYPE_COMPLEX_FLOAT,
	SC_TYPE_COMPLEX_DOUBLE,
	SC_TYPE_COMPLEX_LONG_DOUBLE,
	SC_TYPE_COMPLEX_FLOAT128,
	SC_TYPE_POINTER,     /* target: what it points to */
	SC_TYPE_ARRAY,	     /* target: the element; count of them; not complete without a count */
	SC_TYPE_STRUCT,
	SC_TYPE_UNION,
	SC_TYPE_ENUM,	     /* target: the integer that it is */
	SC_TYPE_FUNCTION,    /* target: what it returns */
	SC_TYPE_TYPEDEF,     /* name for target */
	SC_TYPE_QUALIFIED,   /* target, with qualifiers */
};

enum sc_type_qualifier {
	SC_TYPE_CONST = 1 << 0,
	SC_TYPE_VOLATILE = 1 << 1,
	SC_TYPE_RESTRICT = 1 << 2,
};

struct sc_member;
struct sc_enumerator;
struct sc_parameter;
struct sc_notes;

#define SC_TYPE_DEPTH 64

struct sc_type {
	uint8_t kind;	    /* enum sc_type_kind */
	bool is_signed;	    /* CHAR, INTEGER, ENUM */
	bool complete;	    /* its size and what it consists of are known. The only thing that may change later, with
			       size, alignment and contents: a struct, union or enum is completed where it is */
	uint8_t qualifiers; /* QUALIFIED: a set of enum sc_type_qualifier */
	bool variadic;	    /* FUNCTION */
	bool unspecified;   /* FUNCTION: `()`, it says nothing of parameters */
	bool flags;	    /* ENUM: declared [[flags]] */
	bool packed;	    /* STRUCT, UNION */
	uint8_t depth;	    /* types within, one in the other, are never more than SC_TYPE_DEPTH; not through pointers to
			       structs and unions */
	uint16_t align;	    /* bytes, a power of 2; 0: incomplete, or a function, or a TYPEDEF that does not change it:
			       sc_type_align */
	uint32_t count;	    /* of ARRAY's elements, members, enumerators, parameters */
	uint64_t size;	    /* bytes; 0 for TYPEDEF and QUALIFIED: ask the real type */
	const char *name;   /* STRUCT, UNION, ENUM: tag; TYPEDEF: its name; basic types: as in C. NULL: none */
	const struct sc_type *target;
	union {
		const struct sc_member *members;	 /* STRUCT, UNION */
		const struct sc_enumerator *enumerators; /* ENUM */
		const struct sc_parameter *parameters;	 /* FUNCTION */
		const struct sc_notes *notes;		 /* TYPEDEF: what holds for all of the type, or NULL */
	};
};

/* The type itself, behind typedefs and qualifiers; never NULL for what this library hands out. */
static inline const struct sc_type *sc_type_real(const struct sc_type *type)
{
	while (type->kind == SC_TYPE_TYPEDEF || type->kind == SC_TYPE_QUALIFIED)
		type = type->target;
	return type;
}

/* All qualifiers of the type, those in typedefs included. */
static inline unsigned sc_type_qualifiers(const struct sc_type *type)
{
	unsigned all = 0;

	for (; type->kind == SC_TYPE_TYPEDEF || type->kind == SC_TYPE_QUALIFIED; type = type->target)
		all |= type->qualifiers;
	return all;
}

/* Bytes, a power of 2; 0: incomplete, or a function. */
static inline unsigned sc_type_align(const struct sc_type *type)
{
	while ((type->kind == SC_TYPE_TYPEDEF || type->kind == SC_TYPE_QUALIFIED) && !type->align)
		type = type->target;
	return type->align;
}

struct sc_enumerator {
	const char *name;
	int64_t value; /* of an unsigned 64-bit enumeration: its bits */
	uint64_t mask; /* [[mask(3)]]: it is there when value & mask is this; 0: none was given */
};

/* ---- What C cannot say ---- */

enum sc_mark {
	SC_MARK_FLAGS = 1 << 0,	   /* bits of notes.set */
	SC_MARK_ENUM = 1 << 1,	   /* one of notes.set */
	SC_MARK_OCTAL = 1 << 2,
	SC_MARK_HEX = 1 << 3,
	SC_MARK_FD = 1 << 4,
	SC_MARK_STRING = 1 << 5,
	SC_MARK_STRINGS = 1 << 6,
	SC_MARK_OPAQUE = 1 << 7,   /* what it points to is never looked at */
	SC_MARK_IN = 1 << 8,	   /* what it points to is recorded at the entry */
	SC_MARK_OUT = 1 << 9,	   /* at the return */
	SC_MARK_SOCKADDR = 1 << 10,
	SC_MARK_SIGNAL = 1 << 11,
	SC_MARK_ERRNO = 1 << 12,
	SC_MARK_DECIMAL = 1 << 13, /* of a member or parameter whose typedef says otherwise */
	SC_MARK_CHAR = 1 << 14,	   /* an int that holds a character */
	SC_MARK_PATH = 1 << 15,	   /* of a string: the name of a file, recorded and shown whatever its length */
	SC_MARK_POINTS = SC_MARK_STRING | SC_MARK_PATH | SC_MARK_STRINGS | SC_MARK_OPAQUE | SC_MARK_IN | SC_MARK_OUT |
			 SC_MARK_SOCKADDR, /* those that say what is done with a pointer */
};

enum sc_factor_kind {
	SC_FACTOR_PARAMETER = 1, /* its value */
	SC_FACTOR_POINTED,	 /* the 32- or 64-bit integer that it points to */
	SC_FACTOR_RETURN,	 /* what the function returned */
};

struct sc_factor {
	uint8_t kind;
	uint8_t parameter; /* its number, from 0 */
};

#define SC_FACTORS 2

/* A number that is known only in the call: times * the factors. */
struct sc_measure {
	uint32_t times; /* 0: nothing was given. Else the product of the constants; 1: none */
	uint8_t factor_count;
	struct sc_factor factors[SC_FACTORS];
};

struct sc_notes {
	uint32_t marks;		   /* a set of enum sc_mark */
	const struct sc_type *set; /* FLAGS, ENUM: a SC_TYPE_ENUM */
	struct sc_measure size;	   /* bytes that a pointer points to */
};

struct sc_member {
	const char *name; /* NULL: an unnamed struct or union, whose members are the outer one's, too */
	const struct sc_type *type;
	uint64_t offset;    /* bytes from the start of the outer one */
	uint8_t bit_offset; /* bit-field: from the lowest bit of the byte at offset, 0..7 */
	uint8_t bit_width;  /* 0: no bit-field. Unnamed ones are not kept */
	const struct sc_notes *notes; /* NULL: none */
};

struct sc_parameter {
	const char *name;	    /* NULL: it has none */
	const struct sc_type *type; /* arrays and functions are pointers already */
	const struct sc_notes *notes; /* NULL: none */
	uint32_t elements;	    /* declared as an array of so many; else 1 */
};

/*
 * The marks that hold for a value of this type: what its notes (or NULL) say, then what its typedefs say, then the defaults
 * (const char * is SC_MARK_STRING | SC_MARK_IN, a pointer to a const and complete struct or union SC_MARK_IN). A string
 * that says no direction is SC_MARK_IN (the caller knows when it is the return value). *set, unless set is NULL: the
 * enumeration of SC_MARK_FLAGS or SC_MARK_ENUM, which is given for a value of an enumerated type, too, or NULL.
 */
unsigned sc_notes_marks(const struct sc_notes *notes, const struct sc_type *type, const struct sc_type **set);

/* ---- Functions ---- */

#define SC_PARAMETERS_MOST 120
#define SC_PARAMETER_NONE 255

/* cmd == F_SETLK (equal), flags & O_CREAT (not equal: any bit of value). */
struct sc_condition {
	uint8_t parameter;
	bool equal;
	uint32_t value;
};

struct sc_proto {
	const char *name;
	const struct sc_type *type; /* SC_TYPE_FUNCTION: what it returns, parameters, whether it is variadic */
	const struct sc_notes *result; /* notes of the returned value; NULL: none */
	uint8_t error;		    /* enum sc_capture_error: the one given, or SC_ERROR_NONE */
	bool error_given;
	uint8_t format; /* number of the parameter that is a printf format, or SC_PARAMETER_NONE */
	uint8_t valist; /* likewise: the va_list that holds its arguments; SC_PARAMETER_NONE: they are variadic */
	const struct sc_measure *bytes; /* how many an allocator was asked for; NULL: it is none */
	/* Of a variant: it holds when one of these does. */
	const struct sc_condition *conditions;
	unsigned condition_count;
	const struct sc_proto *variant; /* the next variant of the function, in the order declared, or NULL */
	const char *source; /* as sc_protos_read was told, where it was declared */
	unsigned line;
	const struct sc_proto *next; /* sc_protos_next's */
};

/*
 * The prototype that holds for a call: the first variant whose condition does, or proto itself. values[0..count) are
 * those of the parameters from the first on, as 64-bit words; what is not there is taken as 0.
 */
const struct sc_proto *sc_proto_choose(const struct sc_proto *proto, const uint64_t *values, unsigned count);

/* ---- Reading ---- */

struct sc_proto_tables; /* proto_internal.h */

struct sc_protos {
	struct sc_arena *arena;
	struct sc_proto_tables *tables; /* NULL at first */
};

struct sc_proto_error {
	unsigned line, column; /* from 1; column in bytes */
	char message[200];     /* lower case, no final stop, printable */
};

#define SC_PROTO_ERRORS 16

struct sc_proto_errors {
	unsigned count; /* all that there were; the first SC_PROTO_ERRORS are kept */
	struct sc_proto_error errors[SC_PROTO_ERRORS];
};

/*
 * Adds the declarations in text[0..length) to the database (start with {.arena = ...}), which knows the usual types
 * (size_t, pid_t, uint8_t, va_list, FILE, ...) already. source names the text in struct sc_proto; it is copied. A later
 * declaration of a function, or a variant with the same condition, replaces an earlier one; so does one of a type, for
 * what is declared from there on (an enumeration, or a struct or union of the same size and alignment, also for what was
 * declared with the earlier one).
 *
 * Returns 0; -EINVAL when something could not be understood: errors (may be NULL) says what and where, reading went on
 * behind it, and everything else that was declared is there; -E2BIG for more than 64 MiB; -ENOMEM, and then what was
 * read so far is there.
 */
int sc_protos_read(struct sc_protos *protos, const char *text, size_t length, const char *source,
		   struct sc_proto_errors *errors);

/*
 * Reads the declaration of one function without adding it, as text that a user gives with a call: the types are those of
 * the database (types that the text declares are added). The final semicolon may be left out. 0, -EINVAL with *error
 * (may be NULL) filled, or -ENOMEM.
 */
int sc_protos_read_one(struct sc_protos *protos, const char *text, size_t length, const struct sc_proto **out,
		       struct sc_proto_error *error);

/* By name, in constant time; NULL: not declared. Its variants hang on it. */
const struct sc_proto *sc_protos_find(const struct sc_protos *protos, const char *function);
/* All functions in the order in which they were first declared: NULL gives the first, the last gives NULL. */
const struct sc_proto *sc_protos_next(const struct sc_protos *protos, const struct sc_proto *previous);
/* "struct stat", "union u", "enum e" or the name of a typedef or a basic type; NULL: not declared. */
const struct sc_type *sc_protos_type(const struct sc_protos *protos, const char *name);
/* The function whose name is nearest to a misspelt one, or NULL. */
const struct sc_proto *sc_protos_nearest(const struct sc_protos *protos, const char *function);

/* A basic type that needs no database: kind from SC_TYPE_VOID to SC_TYPE_COMPLEX_FLOAT128; size and is_signed are looked
 * at for SC_TYPE_CHAR and SC_TYPE_INTEGER. NULL: there is none. For the variadic arguments of a printf format. */
const struct sc_type *sc_type_basic(enum sc_type_kind kind, unsigned size, bool is_signed);
/* void * and char *, likewise. */
extern const struct sc_type sc_type_void_pointer, sc_type_char_pointer;

/* ---- Text ---- */

/* These write C to out[0..size), terminated when size is not 0, and return the length of all of it, as snprintf does. */

/* A prototype with its attributes, ended by ";\n"; then its variants, each likewise. Read again it means the same. */
size_t sc_proto_text(const struct sc_proto *proto, char *out, size_t size);
/* A declaration of `name` ("" or NULL: an abstract one): "const char *const name[3]", "struct stat *". */
size_t sc_type_text(const struct sc_type *type, const char *name, char *out, size_t size);
/* A struct, union or enum with its body, ended by ";\n"; a typedef of one: with its name. */
size_t sc_type_definition_text(const struct sc_type *type, char *out, size_t size);

#endif
