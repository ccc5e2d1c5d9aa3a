/* SPDX-License-Identifier: MIT */
/*
 * Owns what a declaration begins with: storage, qualifiers, and the words that together are a type. Called by the files
 * that read prototypes.
 */
#include "common/proto_internal.h"

/* The words of a type so far. */
struct words {
	const struct sc_type *type; /* of a struct, union, enum, typedef; then no other word may be there */
	unsigned base;		    /* void, char, int, float, double, ...: a keyword, or 0 */
	unsigned longs;
	bool is_short, is_signed, is_unsigned, is_complex;
};

static bool is_type_keyword(unsigned code)
{
	return code >= SC_WORD_VOID && code <= SC_WORD_UNSIGNED;
}

bool sc_specifiers_begin(const struct sc_proto_reader *p)
{
	unsigned code = p->token.code;

	if (code == SC_TOKEN_WORD)
		return p->token.word->is == SC_WORD_IS_TYPE;
	return code >= SC_WORD_TYPEDEF && code <= SC_WORD_ENUM;
}

/* Adds one word; false when it does not go with those before it. */
static bool add_word(struct words *w, unsigned code)
{
	if (w->type)
		return false;
	switch (code) {
	case SC_WORD_SHORT:
		if (w->longs || w->is_short)
			return false;
		w->is_short = true;
		return true;
	case SC_WORD_LONG:
		return !w->is_short && ++w->longs <= 2;
	case SC_WORD_SIGNED:
		w->is_signed = true;
		return !w->is_unsigned;
	case SC_WORD_UNSIGNED:
		w->is_unsigned = true;
		return !w->is_signed;
	case SC_WORD_COMPLEX:
		w->is_complex = true;
		return true;
	default:
		if (w->base)
			return false;
		w->base = code;
		return true;
	}
}

static int integer_of(const struct words *w)
{
	if (w->is_short)
		return w->is_unsigned ? SC_BASIC_UNSIGNED_SHORT : SC_BASIC_SHORT;
	if (w->longs == 0)
		return w->is_unsigned ? SC_BASIC_UNSIGNED_INT : SC_BASIC_INT;
	if (w->longs == 1)
		return w->is_unsigned ? SC_BASIC_UNSIGNED_LONG : SC_BASIC_LONG;
	return w->is_unsigned ? SC_BASIC_UNSIGNED_LONG_LONG : SC_BASIC_LONG_LONG;
}

/* The type that all the words are, or -1. */
static int basic_of(const struct words *w)
{
	bool has_sign = w->is_signed || w->is_unsigned;

	if ((w->base && w->base != SC_WORD_INT && w->is_short) ||
	    (w->longs && w->base && w->base != SC_WORD_INT && !(w->base == SC_WORD_DOUBLE && w->longs == 1)))
		return -1;
	switch (w->base) {
	case 0:
	case SC_WORD_INT:
		return w->is_complex ? -1 : integer_of(w);
	case SC_WORD_CHAR:
		if (w->is_complex)
			return -1;
		return w->is_unsigned ? SC_BASIC_UNSIGNED_CHAR : w->is_signed ? SC_BASIC_SIGNED_CHAR : SC_BASIC_CHAR;
	case SC_WORD_INT128:
		return w->is_complex ? -1 : w->is_unsigned ? SC_BASIC_UNSIGNED_INT128 : SC_BASIC_INT128;
	case SC_WORD_VOID:
		return w->is_complex || has_sign ? -1 : SC_BASIC_VOID;
	case SC_WORD_BOOL:
		return w->is_complex || has_sign ? -1 : SC_BASIC_BOOL;
	case SC_WORD_FLOAT:
		return has_sign ? -1 : w->is_complex ? SC_BASIC_COMPLEX_FLOAT : SC_BASIC_FLOAT;
	case SC_WORD_FLOAT128:
		return has_sign ? -1 : w->is_complex ? SC_BASIC_COMPLEX_FLOAT128 : SC_BASIC_FLOAT128;
	case SC_WORD_DOUBLE:
		if (has_sign)
			return -1;
		if (w->longs)
			return w->is_complex ? SC_BASIC_COMPLEX_LONG_DOUBLE : SC_BASIC_LONG_DOUBLE;
		return w->is_complex ? SC_BASIC_COMPLEX_DOUBLE : SC_BASIC_DOUBLE;
	default:
		return -1;
	}
}

static bool no_words(const struct words *w)
{
	return !w->type && !w->base && !w->longs && !w->is_short && !w->is_signed && !w->is_unsigned;
}

/* _Complex with the name of a floating type: _Float64, or a user's. */
static const struct sc_type *complex_of(struct sc_proto_reader *p, const struct sc_type *type)
{
	switch (sc_type_real(type)->kind) {
	case SC_TYPE_FLOAT:
		return sc_type_builtin(p, SC_BASIC_COMPLEX_FLOAT);
	case SC_TYPE_DOUBLE:
		return sc_type_builtin(p, SC_BASIC_COMPLEX_DOUBLE);
	case SC_TYPE_LONG_DOUBLE:
		return sc_type_builtin(p, SC_BASIC_COMPLEX_LONG_DOUBLE);
	case SC_TYPE_FLOAT128:
		return sc_type_builtin(p, SC_BASIC_COMPLEX_FLOAT128);
	default:
		return NULL;
	}
}

static void finish(struct sc_proto_reader *p, const struct sc_token *start, const struct words *w, unsigned qualifiers,
		   struct sc_specifiers *out)
{
	const struct sc_type *type = w->type;
	int basic;

	if (type && w->is_complex) {
		type = complex_of(p, type);
	} else if (!type && no_words(w)) {
		if (w->is_complex)
			type = sc_type_builtin(p, SC_BASIC_COMPLEX_DOUBLE);
		else if (p->token.code == SC_TOKEN_WORD)
			sc_proto_refuse_name(p, &p->token, "type", sc_word_is_type);
		else
			sc_proto_refuse_here(p, "a type");
	} else if (!type) {
		basic = basic_of(w);
		type = basic < 0 ? NULL : sc_type_builtin(p, (enum sc_basic)basic);
	}
	if (!type) {
		sc_proto_refuse(p, start, "these words together are no type");
		type = sc_type_builtin(p, SC_BASIC_INT);
	}
	out->type = sc_type_qualify(p, type, qualifiers);
}

/* _Atomic(type), or _Atomic before or behind a type, which changes nothing here. */
static void read_atomic(struct sc_proto_reader *p, struct words *w)
{
	struct sc_token token = p->token;

	sc_lex_next(p);
	if (!sc_lex_is(p, '('))
		return;
	if (!no_words(w))
		sc_proto_refuse(p, &token, "two types");
	sc_lex_next(p);
	w->type = sc_type_name_read(p);
	sc_proto_expect(p, ')', "')'");
}

static unsigned qualifier_of(unsigned code)
{
	return code == SC_WORD_CONST ? SC_TYPE_CONST : code == SC_WORD_VOLATILE ? SC_TYPE_VOLATILE :
	       code == SC_WORD_RESTRICT ? SC_TYPE_RESTRICT : 0;
}

/* struct, union, enum and what follows. */
static void read_tagged(struct sc_proto_reader *p, struct words *w)
{
	unsigned code = p->token.code;

	if (!no_words(w)) {
		sc_proto_refuse(p, &p->token, "two types");
		return;
	}
	sc_lex_next(p);
	if (code == SC_WORD_ENUM)
		w->type = sc_enum_read(p);
	else
		w->type = sc_aggregate_read(p, code == SC_WORD_STRUCT ? SC_TYPE_STRUCT : SC_TYPE_UNION);
}

void sc_specifiers_read(struct sc_proto_reader *p, struct sc_specifiers *out)
{
	struct sc_token start = p->token;
	struct words w = { 0 };
	unsigned qualifiers = 0;

	*out = (struct sc_specifiers){ 0 };
	while (!p->failed) {
		unsigned code = p->token.code;

		if (qualifier_of(code)) {
			qualifiers |= qualifier_of(code);
			sc_lex_next(p);
		} else if (code == SC_WORD_TYPEDEF || code == SC_WORD_STORAGE) {
			out->is_typedef |= code == SC_WORD_TYPEDEF;
			sc_lex_next(p);
		} else if (code == SC_WORD_ATTRIBUTE || code == SC_WORD_ALIGNAS) {
			sc_attributes_read(p, &out->attributes);
		} else if (code == SC_WORD_ATOMIC) {
			read_atomic(p, &w);
		} else if (code == SC_WORD_STRUCT || code == SC_WORD_UNION || code == SC_WORD_ENUM) {
			read_tagged(p, &w);
		} else if (is_type_keyword(code)) {
			if (!add_word(&w, code))
				sc_proto_refuse(p, &p->token, "this does not go with the type before it");
			sc_lex_next(p);
		} else if (code == SC_TOKEN_WORD && p->token.word->is == SC_WORD_IS_TYPE && no_words(&w)) {
			w.type = p->token.word->type;
			sc_lex_next(p);
		} else {
			break;
		}
	}
	finish(p, &start, &w, qualifiers, out);
}

const struct sc_type *sc_type_name_read(struct sc_proto_reader *p)
{
	struct sc_specifiers specifiers;
	struct sc_declarator declarator;

	sc_specifiers_read(p, &specifiers);
	sc_declarator_read(p, specifiers.type, SC_DECLARATOR_TYPE_NAME, &declarator);
	return declarator.type;
}
