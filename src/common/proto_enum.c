/* SPDX-License-Identifier: MIT */
/*
 * Owns enumerations: their enumerators, and the integer that one is. Called by the files that read prototypes.
 */
#include <string.h>

#include "common/proto_internal.h"

struct entry {
	struct entry *next;
	struct sc_enumerator enumerator;
	struct sc_word *word;
};

struct entries {
	struct entry *first, **end;
	uint32_t count;
	bool negative, wide; /* some value is below 0; or does not fit in 32 bits */
	uint64_t largest;
	int64_t smallest; /* of them and 0 */
};

/* `[[mask(3)]]`. */
static void read_mask(struct sc_proto_reader *p, struct sc_enumerator *enumerator)
{
	while (sc_lex_take(p, SC_TOKEN_NOTES)) {
		if (!sc_lex_is(p, SC_TOKEN_WORD) || strcmp(p->token.word->text, "mask") != 0)
			sc_proto_refuse(p, &p->token, "an enumerator can be marked [[mask(...)]] alone");
		sc_lex_next(p);
		sc_proto_expect(p, '(', "'('");
		enumerator->mask = (uint64_t)sc_expression_read(p, SC_PRECEDENCE_CONDITION).value;
		sc_proto_expect(p, ')', "')'");
		sc_proto_expect(p, ']', "']]'");
		sc_proto_expect(p, ']', "']]'");
	}
}

/* The value an enumerator has without one of its own. */
static void take_value(struct entries *entries, struct entry *entry, struct sc_constant value, struct sc_constant *next)
{
	entry->enumerator.value = value.value;
	if (value.value < 0 && !(value.is_unsigned && value.is_long)) {
		entries->negative = true;
		entries->wide |= value.value < INT32_MIN;
		if (value.value < entries->smallest)
			entries->smallest = value.value;
	} else if ((uint64_t)value.value > entries->largest) {
		entries->largest = (uint64_t)value.value;
	}
	*next = value;
	next->value = (int64_t)((uint64_t)value.value + 1);
	next->is_long |= value.value >= INT32_MAX;
}

static void bind(struct sc_proto_reader *p, struct entry *entry)
{
	int64_t *constant;

	if (p->failed)
		return;
	constant = sc_proto_alloc(p, sizeof(*constant));
	*constant = entry->enumerator.value;
	entry->word->is = SC_WORD_IS_CONSTANT;
	entry->word->constant = constant;
}

static void read_entry(struct sc_proto_reader *p, struct entries *entries, struct sc_constant *next)
{
	struct entry *entry = sc_proto_scratch(p, sizeof(*entry));
	struct sc_attributes ignored = { 0 };
	struct sc_token name = p->token;
	struct sc_constant value = *next;

	if (name.code != SC_TOKEN_WORD || entries->count == UINT16_MAX * 16) {
		sc_proto_refuse_here(p, "an enumerator");
		return;
	}
	sc_lex_next(p);
	entry->word = name.word;
	entry->enumerator.name = name.word->text;
	read_mask(p, &entry->enumerator);
	sc_attributes_read(p, &ignored);
	if (sc_lex_take(p, '='))
		value = sc_expression_read(p, SC_PRECEDENCE_CONDITION);
	read_mask(p, &entry->enumerator);
	take_value(entries, entry, value, next);
	bind(p, entry);
	*entries->end = entry;
	entries->end = &entry->next;
	entries->count++;
}

/* As gcc does: unsigned int, int when a value is negative, 64 bits when one is wide. */
static const struct sc_type *integer_for(struct sc_proto_reader *p, const struct entries *entries, bool packed)
{
	bool wide = entries->wide || entries->largest > (entries->negative ? INT32_MAX : UINT32_MAX);

	if (packed && entries->smallest >= INT8_MIN && entries->largest <= (entries->negative ? INT8_MAX : UINT8_MAX))
		return sc_type_builtin(p, entries->negative ? SC_BASIC_SIGNED_CHAR : SC_BASIC_UNSIGNED_CHAR);
	if (packed && entries->smallest >= INT16_MIN && entries->largest <= (entries->negative ? INT16_MAX : UINT16_MAX))
		return sc_type_builtin(p, entries->negative ? SC_BASIC_SHORT : SC_BASIC_UNSIGNED_SHORT);
	if (entries->negative)
		return sc_type_builtin(p, wide ? SC_BASIC_LONG : SC_BASIC_INT);
	return sc_type_builtin(p, wide ? SC_BASIC_UNSIGNED_LONG : SC_BASIC_UNSIGNED_INT);
}

static void complete(struct sc_type *type, const struct sc_type *integer)
{
	const struct sc_type *real = sc_type_real(integer);

	type->kind = SC_TYPE_ENUM;
	type->complete = true;
	type->target = integer;
	type->size = real->size;
	type->align = real->align;
	type->is_signed = real->is_signed;
}

static void read_body(struct sc_proto_reader *p, struct sc_type *type, const struct sc_type *integer,
		      struct sc_attributes *attributes)
{
	struct sc_scratch_mark mark = sc_proto_scratch_begin(p);
	struct entries entries = { .end = &entries.first };
	struct sc_constant next = { 0 };
	struct sc_enumerator *all;
	uint32_t i = 0;

	while (!sc_lex_is(p, '}') && !p->failed) {
		read_entry(p, &entries, &next);
		if (!sc_lex_take(p, ',') && !sc_lex_is(p, '}'))
			sc_proto_expect(p, '}', "',' or '}'");
	}
	sc_proto_expect(p, '}', "'}'");
	sc_attributes_read(p, attributes);
	all = p->failed ? NULL : sc_proto_alloc(p, entries.count * sizeof(*all));
	if (all && !p->failed) {
		for (struct entry *entry = entries.first; entry; entry = entry->next)
			all[i++] = entry->enumerator;
		type->enumerators = all;
		type->count = entries.count;
		complete(type, integer ? integer : integer_for(p, &entries, attributes->packed));
	}
	sc_proto_scratch_end(p, mark);
}

/* `[[flags]]` behind enum. */
static bool read_flags(struct sc_proto_reader *p)
{
	bool flags = false;

	while (sc_lex_take(p, SC_TOKEN_NOTES)) {
		if (!sc_lex_is(p, SC_TOKEN_WORD) || strcmp(p->token.word->text, "flags") != 0)
			sc_proto_refuse(p, &p->token, "an enum can be marked [[flags]] alone");
		flags = true;
		sc_lex_next(p);
		sc_proto_expect(p, ']', "']]'");
		sc_proto_expect(p, ']', "']]'");
	}
	return flags;
}

/* `: type` behind the tag. */
static const struct sc_type *read_integer(struct sc_proto_reader *p)
{
	struct sc_specifiers specifiers;
	struct sc_token token = p->token;

	if (!sc_lex_take(p, ':'))
		return NULL;
	sc_specifiers_read(p, &specifiers);
	if (!sc_type_is_word(specifiers.type))
		sc_proto_refuse(p, &token, "an enum is an integer of at most 64 bits");
	return specifiers.type;
}

/* `enum name`, without a body. */
static struct sc_type *refer(struct sc_proto_reader *p, const struct sc_token *token)
{
	struct sc_type *type;

	if (!token->word)
		sc_proto_refuse_here(p, "a name or '{'");
	else if (token->word->tag && token->word->tag->kind == SC_TYPE_ENUM)
		return token->word->tag;
	type = &sc_type_node_new(p, SC_TYPE_ENUM)->type;
	if (p->failed)
		return type;
	/* Not declared yet: an unsigned int whose enumerators may come later. */
	complete(type, sc_type_builtin(p, SC_BASIC_UNSIGNED_INT));
	type->name = token->word->text;
	token->word->tag = type;
	return type;
}

const struct sc_type *sc_enum_read(struct sc_proto_reader *p)
{
	struct sc_attributes attributes = { 0 };
	struct sc_token name = { 0 };
	const struct sc_type *integer;
	struct sc_type *type, *old;
	bool flags;

	sc_attributes_read(p, &attributes);
	flags = read_flags(p);
	if (sc_lex_is(p, SC_TOKEN_WORD)) {
		name = p->token;
		sc_lex_next(p);
	}
	flags |= read_flags(p);
	integer = read_integer(p);
	if (!sc_lex_take(p, '{'))
		return refer(p, &name);
	type = &sc_type_node_new(p, SC_TYPE_ENUM)->type;
	type->name = name.word ? name.word->text : NULL;
	read_body(p, type, integer, &attributes);
	type->flags = flags;
	if (p->failed || !name.word)
		return type;
	old = name.word->tag;
	if (!old || old->kind != SC_TYPE_ENUM || old->size != type->size) {
		name.word->tag = type;
		return type;
	}
	*old = *type; /* what was declared with it knows the new names, too */
	return old;
}
