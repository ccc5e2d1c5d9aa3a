/* SPDX-License-Identifier: MIT */
/*
 * What the files that read prototypes share. The way of a text:
 *
 *	proto_read.c		declarations one after the other, going on behind errors; proto_refuse.c: messages
 *	proto_specifiers.c	const unsigned int, struct x, a typedef's name
 *	proto_declare.c		*name[3](parameters), and what becomes of it
 *	proto_aggregate.c	bodies of structs and unions, and their layout
 *	proto_enum.c		enumerations
 *	proto_expression.c	constants
 *	proto_function.c	parameters, and functions
 *	proto_notes.c		[[...]], proto_measure.c what is computed in them; proto_attributes.c: __attribute__((...))
 *	proto_lex.c		words, numbers, punctuation; the table of words
 *	proto_types.c		types that are made of others
 *	proto_basic.c		types that are there before anything was read
 *
 * After the first error in a declaration every token is SC_TOKEN_END, so that whatever is being read ends by itself;
 * results are then meaningless, but never NULL where a type is promised.
 */
#ifndef SC_PROTO_INTERNAL_H
#define SC_PROTO_INTERNAL_H

#include "common/proto.h"

/* ---- Words and tokens ---- */

/* Single characters stand for themselves. */
enum sc_token_code {
	SC_TOKEN_END = 0,
	SC_TOKEN_ELLIPSIS = 256,
	SC_TOKEN_NOTES, /* [[ */
	SC_TOKEN_SHIFT_LEFT,
	SC_TOKEN_SHIFT_RIGHT,
	SC_TOKEN_LESS_EQUAL,
	SC_TOKEN_GREATER_EQUAL,
	SC_TOKEN_EQUAL,
	SC_TOKEN_NOT_EQUAL,
	SC_TOKEN_AND,
	SC_TOKEN_OR,
	SC_TOKEN_NUMBER,
	SC_TOKEN_STRING,
	SC_TOKEN_WORD,
	SC_TOKEN_KEYWORD, /* and those behind it */
	SC_WORD_TYPEDEF = SC_TOKEN_KEYWORD,
	SC_WORD_STORAGE, /* extern, static, inline, ...: read over */
	SC_WORD_CONST,
	SC_WORD_VOLATILE,
	SC_WORD_RESTRICT,
	SC_WORD_ATOMIC,
	SC_WORD_VOID,
	SC_WORD_BOOL,
	SC_WORD_CHAR,
	SC_WORD_SHORT,
	SC_WORD_INT,
	SC_WORD_LONG,
	SC_WORD_INT128,
	SC_WORD_FLOAT,
	SC_WORD_DOUBLE,
	SC_WORD_FLOAT128,
	SC_WORD_COMPLEX,
	SC_WORD_SIGNED,
	SC_WORD_UNSIGNED,
	SC_WORD_STRUCT,
	SC_WORD_UNION,
	SC_WORD_ENUM,
	SC_WORD_ATTRIBUTE,
	SC_WORD_ASM,
	SC_WORD_ALIGNAS,
	SC_WORD_ALIGNOF,
	SC_WORD_SIZEOF,
	SC_WORD_STATIC_ASSERT,
};

enum sc_word_is { SC_WORD_IS_NOTHING, SC_WORD_IS_TYPE, SC_WORD_IS_CONSTANT };

/* An identifier that has occurred. Names in types point to its text. */
struct sc_word {
	struct sc_word *next; /* of the same bucket */
	union {
		const struct sc_type *type;
		const int64_t *constant;
	};
	struct sc_type *tag; /* of struct, union and enum, which share one name space */
	struct sc_proto *function;
	uint32_t hash;
	uint16_t length;
	uint8_t keyword; /* sc_token_code - SC_TOKEN_KEYWORD + 1; 0: none */
	uint8_t is;	 /* enum sc_word_is */
	char text[];
};

/* Where something begins in the text. */
struct sc_proto_place {
	const char *at;
	const char *line_start;
	unsigned line;
};

struct sc_token {
	unsigned code; /* enum sc_token_code or a character */
	uint32_t length;
	struct sc_proto_place place;
	struct sc_word *word; /* WORD and keywords */
	uint64_t value;	      /* NUMBER */
	bool is_unsigned, is_long;
};

/* ---- Types under construction ---- */

/* Every type that is not of proto_basic.c's constants is part of one, with what has been made of it already. */
struct sc_type_node {
	struct sc_type type;
	struct sc_type_node *pointer, *constant;
};

enum sc_basic {
	SC_BASIC_VOID,
	SC_BASIC_BOOL,
	SC_BASIC_CHAR,
	SC_BASIC_SIGNED_CHAR,
	SC_BASIC_UNSIGNED_CHAR,
	SC_BASIC_SHORT,
	SC_BASIC_UNSIGNED_SHORT,
	SC_BASIC_INT,
	SC_BASIC_UNSIGNED_INT,
	SC_BASIC_LONG,
	SC_BASIC_UNSIGNED_LONG,
	SC_BASIC_LONG_LONG,
	SC_BASIC_UNSIGNED_LONG_LONG,
	SC_BASIC_INT128,
	SC_BASIC_UNSIGNED_INT128,
	SC_BASIC_FLOAT,
	SC_BASIC_DOUBLE,
	SC_BASIC_LONG_DOUBLE,
	SC_BASIC_FLOAT128,
	SC_BASIC_COMPLEX_FLOAT,
	SC_BASIC_COMPLEX_DOUBLE,
	SC_BASIC_COMPLEX_LONG_DOUBLE,
	SC_BASIC_COMPLEX_FLOAT128,
	SC_BASIC_COUNT,
};

extern const struct sc_type sc_type_basics[SC_BASIC_COUNT];
/* Declarations of the types that every text may use. */
extern const char sc_proto_prelude[];

struct sc_proto_tables {
	struct sc_word **buckets;
	uint32_t bucket_count; /* a power of 2 */
	uint32_t word_count;
	struct sc_proto *first, *last;
	char *reserve; /* memory for readers that have no other */
	struct sc_type_node basics[SC_BASIC_COUNT];
};

/* What attributes change. */
struct sc_attributes {
	bool packed;
	unsigned align; /* 0: not given */
};

#define SC_NOTES_MOST 4 /* groups of [[...]] behind one declarator */

/* A declarator, and what stands behind it. */
struct sc_declarator {
	struct sc_word *word; /* NULL: abstract */
	struct sc_token name;
	const struct sc_type *type;
	uint32_t elements; /* of an array that became a pointer; else 1 */
	struct sc_attributes attributes;
	unsigned note_count;
	struct sc_proto_place notes[SC_NOTES_MOST];
};

enum sc_declarator_form {
	SC_DECLARATOR_OUTER,	 /* at file level: with a name */
	SC_DECLARATOR_MEMBER,	 /* the name may be missing before a colon */
	SC_DECLARATOR_PARAMETER, /* with or without a name; arrays and functions become pointers */
	SC_DECLARATOR_TYPE_NAME, /* without a name */
};

struct sc_specifiers {
	const struct sc_type *type;
	bool is_typedef;
	struct sc_attributes attributes;
};

/* What names in notes and measures refer to. */
struct sc_proto_scope {
	const struct sc_parameter *parameters;
	unsigned count;
};

#define SC_PROTO_NESTING 40 /* declarators, bodies, expressions, one in the other */

struct sc_proto_reader {
	struct sc_protos *protos;
	struct sc_arena *arena;
	struct sc_proto_tables *tables;
	const char *end; /* of the text */
	const char *source;
	struct sc_token token; /* the one to be looked at next */
	struct sc_proto_place after; /* where reading goes on behind it */
	bool line_begins;	     /* nothing but blanks so far on the line: # makes it one to be read over */
	bool failed;		     /* this declaration is given up */
	bool missing_end;	     /* and it was for want of a ';' before the token at failed_at */
	struct sc_proto_place failed_at;
	bool unbalanced;	     /* a bracket that is not closed was met: no more looking for the end */
	bool recovering;	     /* looking for the end of a failed one: nothing more is said of it */
	bool no_memory;
	unsigned nesting;
	unsigned linkage; /* extern "C" {, not closed yet */
	struct sc_proto_scope scope;
	struct sc_proto_errors *errors;
	const struct sc_proto **one; /* sc_protos_read_one: where the function goes; nothing is entered */
	struct sc_scratch_block *scratch, *scratch_first;
	size_t scratch_used;
	char *reserve; /* for what is still built when there is no memory */
	size_t reserve_used;
};

/* ---- proto_lex.c ---- */

void sc_lex_next(struct sc_proto_reader *p);
/* Reading goes on at a place that a token had. Does nothing once the declaration has failed. */
void sc_lex_seek(struct sc_proto_reader *p, struct sc_proto_place place);
/* The word with this text, made when it is not there and create is set. NULL: not there, or no memory. */
struct sc_word *sc_proto_word(struct sc_proto_tables *tables, struct sc_arena *arena, const char *text, size_t length,
			      bool create);
/* Enters the keywords. -ENOMEM or 0. */
int sc_lex_keywords(struct sc_proto_tables *tables, struct sc_arena *arena);
/* Skips from an opening bracket to behind the one that closes it; SC_TOKEN_NOTES closes with two. */
void sc_lex_skip_brackets(struct sc_proto_reader *p);

static inline bool sc_lex_is(const struct sc_proto_reader *p, unsigned code)
{
	return p->token.code == code;
}

/* Takes the token when it is this one. */
static inline bool sc_lex_take(struct sc_proto_reader *p, unsigned code)
{
	if (p->token.code != code)
		return false;
	sc_lex_next(p);
	return true;
}

/* ---- proto_refuse.c ---- */

/* The declaration is given up: what is wrong, at a token. */
void sc_proto_refuse(struct sc_proto_reader *p, const struct sc_token *token, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Takes the token, or says that it was expected ("',' or ')'") where another stands. */
bool sc_proto_expect(struct sc_proto_reader *p, unsigned code, const char *what);
/* Says that something was expected where the token stands. */
void sc_proto_refuse_here(struct sc_proto_reader *p, const char *what);
/* A declaration ends here, with a semicolon, which is left alone: what is behind it is another matter. */
void sc_proto_expect_end(struct sc_proto_reader *p);
/* "'word'", "a number", "the end of the text", for messages; the buffer is the caller's. */
#define SC_TOKEN_SHOWN 48
const char *sc_token_show(const struct sc_token *token, char out[SC_TOKEN_SHOWN]);
/* Refuses a word that means nothing here, with the nearest one that would. */
void sc_proto_refuse_name(struct sc_proto_reader *p, const struct sc_token *token, const char *kind,
			  bool (*fits)(const struct sc_word *word));
bool sc_word_is_type(const struct sc_word *word);
bool sc_word_is_constant(const struct sc_word *word);
bool sc_word_is_enum(const struct sc_word *word);
bool sc_word_is_function(const struct sc_word *word);
/* The nearest word that fits, or NULL. */
const struct sc_word *sc_proto_nearest(const struct sc_proto_tables *tables, const char *typed,
				       bool (*fits)(const struct sc_word *word));
/* One level deeper; false (and refused) when that is too deep. sc_proto_leave ends it in either case. */
bool sc_proto_enter(struct sc_proto_reader *p);
void sc_proto_leave(struct sc_proto_reader *p);

/* ---- proto_read.c ---- */

/* Zeroed memory of the arena. When there is no more, the declaration fails, and the reader stops behind it; until then
 * there is enough for what is small, and NULL for more than 4 KiB. */
void *sc_proto_alloc(struct sc_proto_reader *p, size_t size);
/* Zeroed memory that is given back by sc_proto_scratch_end, in reverse order. */
struct sc_scratch_mark {
	struct sc_scratch_block *block;
	size_t used;
};
struct sc_scratch_mark sc_proto_scratch_begin(const struct sc_proto_reader *p);
void *sc_proto_scratch(struct sc_proto_reader *p, size_t size);
void sc_proto_scratch_end(struct sc_proto_reader *p, struct sc_scratch_mark mark);

/* ---- proto_types.c ---- */

struct sc_type_node *sc_type_node_new(struct sc_proto_reader *p, enum sc_type_kind kind);
const struct sc_type *sc_type_builtin(struct sc_proto_reader *p, enum sc_basic basic);
const struct sc_type *sc_type_pointer_to(struct sc_proto_reader *p, const struct sc_type *target);
const struct sc_type *sc_type_qualify(struct sc_proto_reader *p, const struct sc_type *target, unsigned qualifiers);
/* complete: it has a count. Refuses at the token what cannot be an element. */
const struct sc_type *sc_type_array_of(struct sc_proto_reader *p, const struct sc_token *token,
				       const struct sc_type *element, uint64_t count, bool complete);
/* How deep a type is, typedefs counted. Refuses at the token when something of this depth could not be built. */
unsigned sc_type_depth(const struct sc_type *type);
bool sc_type_check_depth(struct sc_proto_reader *p, const struct sc_token *token, unsigned depth);
static inline bool sc_type_is(const struct sc_type *type, enum sc_type_kind kind)
{
	return sc_type_real(type)->kind == kind;
}
/* An integer, enumeration, character or bool of at most 8 bytes. */
bool sc_type_is_word(const struct sc_type *type);

/* ---- proto_specifiers.c ---- */

/* Whether a declaration or type name can begin with the token. */
bool sc_specifiers_begin(const struct sc_proto_reader *p);
/* out->type is never NULL. */
void sc_specifiers_read(struct sc_proto_reader *p, struct sc_specifiers *out);
/* A type name, as in sizeof and casts. */
const struct sc_type *sc_type_name_read(struct sc_proto_reader *p);

/* ---- proto_declare.c ---- */

void sc_declarator_read(struct sc_proto_reader *p, const struct sc_type *base, enum sc_declarator_form form,
			struct sc_declarator *out);
/* proto_function.c: "(" was taken; reads parameters up to behind ")", and returns the type of such a function. */
const struct sc_type *sc_parameters_read(struct sc_proto_reader *p, const struct sc_type *result);
/* proto_function.c: enters a function. notes_at: of the [[...]] before the declaration (notes_at.at NULL: none). */
void sc_function_declare(struct sc_proto_reader *p, const struct sc_declarator *d, struct sc_proto_place notes_at);
/* One declaration at file level, from its first token on up to its last one. */
void sc_declaration_read(struct sc_proto_reader *p);

/* ---- proto_aggregate.c, proto_enum.c: behind the keyword ---- */

const struct sc_type *sc_aggregate_read(struct sc_proto_reader *p, enum sc_type_kind kind);
const struct sc_type *sc_enum_read(struct sc_proto_reader *p);
/* proto_layout.c: offsets, size and alignment of the members that are there. */
struct sc_layout {
	bool is_union, packed;
	unsigned align, depth;
	uint64_t bits; /* so far */
};
void sc_layout_add(struct sc_proto_reader *p, struct sc_layout *layout, const struct sc_token *token,
		   struct sc_member *member, const struct sc_attributes *attributes, int width);
void sc_layout_end(const struct sc_layout *layout, const struct sc_attributes *attributes, struct sc_type *type);

/* ---- proto_expression.c ---- */

struct sc_constant {
	int64_t value;
	bool is_unsigned, is_long;
};

/* A constant expression: levels of precedence from the loosest on. */
enum sc_precedence { SC_PRECEDENCE_CONDITION, SC_PRECEDENCE_SHIFT = 8, SC_PRECEDENCE_UNARY = 11 };
struct sc_constant sc_expression_read(struct sc_proto_reader *p, enum sc_precedence loosest);

/* ---- proto_notes.c ---- */

/* What stands behind a declarator: attributes; groups of [[...]], which are skipped, but it is noted where they are. */
void sc_notes_skip(struct sc_proto_reader *p, struct sc_declarator *d);
/* The notes of a declarator; NULL: there are none. p->scope holds what they may name. Reading goes on where it was. */
enum sc_notes_of { SC_NOTES_OF_PARAMETER, SC_NOTES_OF_RESULT, SC_NOTES_OF_MEMBER, SC_NOTES_OF_TYPEDEF };
const struct sc_notes *sc_notes_read(struct sc_proto_reader *p, const struct sc_declarator *d, enum sc_notes_of of);
/* Notes before a function, into proto. The reader stands at the first; behind the last afterwards. */
void sc_notes_read_function(struct sc_proto_reader *p, struct sc_proto *proto);
/* proto_measure.c: "(n * size)", the bracket included. */
void sc_measure_read(struct sc_proto_reader *p, bool may_return, struct sc_measure *out);
void sc_condition_read(struct sc_proto_reader *p, struct sc_proto *proto);
/* The number of the parameter that the token names, or SC_PARAMETER_NONE. */
unsigned sc_scope_find(const struct sc_proto_reader *p, const struct sc_token *token);

/* ---- proto_attributes.c ---- */

/* Any number of __attribute__((...)), asm("...") and _Alignas(...). */
void sc_attributes_read(struct sc_proto_reader *p, struct sc_attributes *attributes);

#endif
