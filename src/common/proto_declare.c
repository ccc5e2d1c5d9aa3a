/* SPDX-License-Identifier: MIT */
/*
 * Owns declarators, and declarations at file level: what is a typedef, a function, or something that nobody needs. Does
 * not own functions (proto_function.c). Called by the files that read prototypes.
 */
#include <string.h>

#include "common/proto_internal.h"

/* ---- Declarators ---- */

static unsigned read_qualifiers(struct sc_proto_reader *p, struct sc_attributes *attributes)
{
	unsigned qualifiers = 0;

	for (;;) {
		if (sc_lex_take(p, SC_WORD_CONST))
			qualifiers |= SC_TYPE_CONST;
		else if (sc_lex_take(p, SC_WORD_VOLATILE))
			qualifiers |= SC_TYPE_VOLATILE;
		else if (sc_lex_take(p, SC_WORD_RESTRICT))
			qualifiers |= SC_TYPE_RESTRICT;
		else if (sc_lex_is(p, SC_WORD_ATTRIBUTE))
			sc_attributes_read(p, attributes);
		else if (!sc_lex_take(p, SC_WORD_ATOMIC))
			return qualifiers;
	}
}

/* Behind "[": how many elements, and whether it says so. The first bound of a parameter may name another parameter. */
static bool read_bound(struct sc_proto_reader *p, bool parameter, uint64_t *count)
{
	struct sc_attributes ignored = { 0 };
	struct sc_token token;
	struct sc_constant value;

	*count = 0;
	while (read_qualifiers(p, &ignored) || sc_lex_take(p, SC_WORD_STORAGE))
		;
	token = p->token;
	if (sc_lex_is(p, ']'))
		return false;
	if (parameter && (sc_lex_take(p, '*') || (token.code == SC_TOKEN_WORD && !sc_word_is_constant(token.word)))) {
		while (!sc_lex_is(p, ']') && !sc_lex_is(p, SC_TOKEN_END))
			sc_lex_next(p);
		return false;
	}
	value = sc_expression_read(p, SC_PRECEDENCE_CONDITION);
	if (value.value < 0)
		sc_proto_refuse(p, &token, "an array has no negative number of elements");
	*count = (uint64_t)value.value;
	return true;
}

/* [3][4] or (parameters), applied from the right. */
static const struct sc_type *read_suffixes(struct sc_proto_reader *p, const struct sc_type *type, bool parameter)
{
	struct sc_token token = p->token;
	uint64_t count;
	bool complete;

	if (sc_lex_take(p, '(')) {
		if (sc_type_is(type, SC_TYPE_ARRAY) || sc_type_is(type, SC_TYPE_FUNCTION))
			sc_proto_refuse(p, &token, "a function returns no array or function");
		type = sc_parameters_read(p, type);
		token = p->token;
		if (sc_lex_is(p, '(') || sc_lex_is(p, '['))
			sc_proto_refuse(p, &token, "a function returns no array or function");
		return type;
	}
	if (!sc_lex_take(p, '['))
		return type;
	complete = read_bound(p, parameter, &count);
	sc_proto_expect(p, ']', "']'");
	if (sc_proto_enter(p))
		type = read_suffixes(p, type, false);
	sc_proto_leave(p);
	return sc_type_array_of(p, &token, type, count, complete);
}

/* Whether the bracket that the reader stands at is around a declarator, and not one of parameters. */
static bool is_nested(struct sc_proto_reader *p)
{
	struct sc_proto_place place = p->token.place;
	bool nested;

	sc_lex_next(p);
	nested = sc_lex_is(p, '*') || sc_lex_is(p, '(') || sc_lex_is(p, '[') || sc_lex_is(p, SC_WORD_ATTRIBUTE) ||
		 (sc_lex_is(p, SC_TOKEN_WORD) && !sc_word_is_type(p->token.word));
	sc_lex_seek(p, place);
	return nested;
}

/* What is in the bracket applies to what is behind it: that is read first. */
static void read_nested(struct sc_proto_reader *p, const struct sc_type *type, enum sc_declarator_form form,
			struct sc_declarator *out)
{
	struct sc_proto_place open = p->token.place, end;

	sc_lex_skip_brackets(p);
	type = read_suffixes(p, type, form == SC_DECLARATOR_PARAMETER);
	end = p->token.place;
	sc_lex_seek(p, open);
	sc_lex_next(p);
	sc_declarator_read(p, type, form, out);
	sc_proto_expect(p, ')', "')'");
	sc_lex_seek(p, end);
}

static void read_direct(struct sc_proto_reader *p, const struct sc_type *type, enum sc_declarator_form form,
			struct sc_declarator *out)
{
	if (sc_lex_is(p, '(') && is_nested(p)) {
		read_nested(p, type, form, out);
		return;
	}
	if (sc_lex_is(p, SC_TOKEN_WORD) && form != SC_DECLARATOR_TYPE_NAME) {
		out->name = p->token;
		out->word = p->token.word;
		sc_lex_next(p);
		sc_notes_skip(p, out);
	} else if (form == SC_DECLARATOR_OUTER) {
		sc_proto_refuse_here(p, "a name");
	}
	out->type = read_suffixes(p, type, form == SC_DECLARATOR_PARAMETER);
}

static void read_declarator(struct sc_proto_reader *p, const struct sc_type *type, enum sc_declarator_form form,
			    struct sc_declarator *out)
{
	while (sc_lex_take(p, '*'))
		type = sc_type_qualify(p, sc_type_pointer_to(p, type), read_qualifiers(p, &out->attributes));
	out->type = type;
	if (sc_proto_enter(p))
		read_direct(p, type, form, out);
	sc_proto_leave(p);
}

void sc_declarator_read(struct sc_proto_reader *p, const struct sc_type *base, enum sc_declarator_form form,
			struct sc_declarator *out)
{
	struct sc_declarator inner = { .elements = 1 };

	inner.name = p->token;
	read_declarator(p, base, form, &inner);
	*out = inner;
}

/* ---- Declarations ---- */

static void declare_typedef(struct sc_proto_reader *p, const struct sc_specifiers *s, const struct sc_declarator *d)
{
	const struct sc_notes *notes = sc_notes_read(p, d, SC_NOTES_OF_TYPEDEF);
	struct sc_type_node *node;

	if (p->failed || !sc_type_check_depth(p, &d->name, sc_type_depth(d->type) + 1))
		return;
	node = sc_type_node_new(p, SC_TYPE_TYPEDEF);
	if (p->failed)
		return;
	node->type.target = d->type;
	node->type.name = d->word->text;
	node->type.notes = notes;
	node->type.align = (uint16_t)(s->attributes.align > d->attributes.align ? s->attributes.align
										: d->attributes.align);
	d->word->is = SC_WORD_IS_TYPE;
	d->word->type = &node->type;
}

/* The value of a variable. */
static void skip_initializer(struct sc_proto_reader *p)
{
	while (!sc_lex_is(p, ',') && !sc_lex_is(p, ';') && !sc_lex_is(p, SC_TOKEN_END)) {
		if (sc_lex_is(p, '(') || sc_lex_is(p, '[') || sc_lex_is(p, '{'))
			sc_lex_skip_brackets(p);
		else
			sc_lex_next(p);
	}
}

/* One declarator and what is behind it; true when that was a function's body, which ends the declaration. */
static bool read_one(struct sc_proto_reader *p, const struct sc_specifiers *s, struct sc_proto_place notes_at)
{
	struct sc_declarator d;

	sc_declarator_read(p, s->type, SC_DECLARATOR_OUTER, &d);
	sc_notes_skip(p, &d);
	if (p->failed)
		return false;
	if (s->is_typedef) {
		declare_typedef(p, s, &d);
	} else if (sc_type_is(d.type, SC_TYPE_FUNCTION)) {
		sc_function_declare(p, &d, notes_at);
		if (!sc_lex_is(p, '{'))
			return false;
		sc_lex_skip_brackets(p);
		p->after = p->failed ? p->after : p->token.place;
		return true;
	} else if (sc_lex_is(p, '=')) {
		skip_initializer(p);
	}
	return false;
}

/* extern "C", with a brace or without: true when nothing else belongs to it. */
static bool read_linkage(struct sc_proto_reader *p)
{
	struct sc_proto_place place = p->token.place;

	if (sc_lex_is(p, '}') && p->linkage) {
		p->linkage--;
		return true;
	}
	if (!sc_lex_is(p, SC_WORD_STORAGE) || strcmp(p->token.word->text, "extern") != 0)
		return false;
	sc_lex_next(p);
	if (!sc_lex_take(p, SC_TOKEN_STRING)) {
		sc_lex_seek(p, place);
		return false;
	}
	p->linkage += sc_lex_is(p, '{');
	return sc_lex_is(p, '{');
}

/* asm("...") and _Static_assert(...) at file level. */
static bool read_nothing(struct sc_proto_reader *p)
{
	struct sc_attributes ignored = { 0 };

	if (sc_lex_is(p, ';'))
		return true;
	if (sc_lex_is(p, SC_WORD_ASM)) {
		sc_attributes_read(p, &ignored);
	} else if (sc_lex_take(p, SC_WORD_STATIC_ASSERT)) {
		if (sc_lex_is(p, '('))
			sc_lex_skip_brackets(p);
	} else {
		return false;
	}
	sc_proto_expect_end(p);
	return true;
}

/* A struct, union or enum needs no declarator, even if it says nothing new. */
static bool has_tag(const struct sc_specifiers *s)
{
	unsigned kind = sc_type_real(s->type)->kind;

	return kind == SC_TYPE_STRUCT || kind == SC_TYPE_UNION || kind == SC_TYPE_ENUM;
}

void sc_declaration_read(struct sc_proto_reader *p)
{
	struct sc_proto_place notes_at = { 0 };
	struct sc_specifiers specifiers;

	if (read_nothing(p) || read_linkage(p))
		return;
	if (sc_lex_is(p, SC_TOKEN_NOTES))
		notes_at = p->token.place;
	while (sc_lex_is(p, SC_TOKEN_NOTES))
		sc_lex_skip_brackets(p);
	sc_specifiers_read(p, &specifiers);
	if (sc_lex_is(p, ';')) {
		if (!has_tag(&specifiers))
			sc_proto_refuse_here(p, "a name");
		return;
	}
	do {
		if (read_one(p, &specifiers, notes_at))
			return;
	} while (sc_lex_take(p, ','));
	sc_proto_expect_end(p);
}
