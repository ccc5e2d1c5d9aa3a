/* SPDX-License-Identifier: MIT */
/*
 * Owns structs and unions: tags, bodies, what becomes of an earlier one. Offsets are proto_layout.c's. Called by the
 * files that read prototypes.
 */
#include "common/proto_internal.h"

struct entry {
	struct entry *next;
	struct sc_member member;
	struct sc_token token;
	struct sc_attributes attributes;
	int width; /* of a bit-field, or -1 */
};

struct entries {
	struct entry *first, **end;
	uint32_t count;
};

static void read_width(struct sc_proto_reader *p, struct entry *entry)
{
	const struct sc_type *type = entry->member.type;
	struct sc_token token = p->token;
	int64_t width = sc_expression_read(p, SC_PRECEDENCE_CONDITION).value;

	if (p->failed)
		return;
	if (!sc_type_is_word(type))
		sc_proto_refuse(p, &token, "a bit-field of what is no integer of at most 64 bits");
	else if (width < 0 || (uint64_t)width > (sc_type_is(type, SC_TYPE_BOOL) ? 1 : sc_type_real(type)->size * 8))
		sc_proto_refuse(p, &token, "a bit-field of more bits than its type has");
	else if (!width && entry->member.name)
		sc_proto_refuse(p, &token, "a bit-field without bits has no name");
	else
		entry->width = (int)width;
}

static void add_entry(struct entries *entries, struct entry *entry)
{
	*entries->end = entry;
	entries->end = &entry->next;
	entries->count += entry->width < 0 || entry->member.name;
}

static void check_member(struct sc_proto_reader *p, const struct entry *entry)
{
	const struct sc_type *real = sc_type_real(entry->member.type);
	bool flexible = real->kind == SC_TYPE_ARRAY && !real->complete;

	if (real->kind == SC_TYPE_FUNCTION)
		sc_proto_refuse(p, &entry->token, "a function is no member: declare a pointer to it");
	else if (!real->complete && !flexible)
		sc_proto_refuse(p, &entry->token, "the size of this member is not known");
}

static void read_member(struct sc_proto_reader *p, const struct sc_specifiers *specifiers, struct entries *entries)
{
	struct entry *entry = sc_proto_scratch(p, sizeof(*entry));
	struct sc_declarator d;

	entry->width = -1;
	entry->token = p->token;
	sc_declarator_read(p, specifiers->type, SC_DECLARATOR_MEMBER, &d);
	entry->member.type = d.type;
	if (d.word) {
		entry->member.name = d.word->text;
		entry->token = d.name;
	}
	if (sc_lex_take(p, ':'))
		read_width(p, entry);
	else if (!d.word && !p->failed)
		sc_proto_refuse_here(p, "a member's name");
	sc_notes_skip(p, &d);
	entry->attributes = specifiers->attributes;
	entry->attributes.packed |= d.attributes.packed;
	if (d.attributes.align > entry->attributes.align)
		entry->attributes.align = d.attributes.align;
	entry->member.notes = sc_notes_read(p, &d, SC_NOTES_OF_MEMBER);
	check_member(p, entry);
	if (!p->failed)
		add_entry(entries, entry);
}

/* A struct or union without a name: its members are those of the outer one. A named one without declarator is nothing. */
static void add_unnamed(struct sc_proto_reader *p, const struct sc_specifiers *specifiers, struct entries *entries)
{
	const struct sc_type *real = sc_type_real(specifiers->type);
	struct entry *entry;

	if ((real->kind != SC_TYPE_STRUCT && real->kind != SC_TYPE_UNION) || real->name || p->failed)
		return;
	entry = sc_proto_scratch(p, sizeof(*entry));
	entry->width = -1;
	entry->token = p->token;
	entry->member.type = specifiers->type;
	entry->attributes = specifiers->attributes;
	check_member(p, entry);
	if (!p->failed)
		add_entry(entries, entry);
}

static void read_members(struct sc_proto_reader *p, struct entries *entries)
{
	while (!sc_lex_is(p, '}') && !p->failed) {
		struct sc_specifiers specifiers;

		if (sc_lex_is(p, SC_WORD_STATIC_ASSERT)) {
			sc_lex_next(p);
			if (sc_lex_is(p, '('))
				sc_lex_skip_brackets(p);
			sc_proto_expect(p, ';', "';'");
			continue;
		}
		if (sc_lex_take(p, ';'))
			continue;
		sc_specifiers_read(p, &specifiers);
		if (sc_lex_is(p, ';')) {
			add_unnamed(p, &specifiers, entries);
		} else {
			do
				read_member(p, &specifiers, entries);
			while (sc_lex_take(p, ','));
		}
		sc_proto_expect(p, ';', "',' or ';'");
	}
	sc_proto_expect(p, '}', "'}'");
}

/* Everything is known: attributes behind the body, too, change where members are. */
static void finish(struct sc_proto_reader *p, const struct entries *entries, const struct sc_attributes *attributes,
		   struct sc_type *type)
{
	struct sc_layout layout = { .is_union = type->kind == SC_TYPE_UNION, .packed = attributes->packed };
	struct sc_member *members = p->failed ? NULL : sc_proto_alloc(p, entries->count * sizeof(*members));
	uint32_t count = 0;

	if (!members)
		return;
	for (struct entry *entry = entries->first; entry && !p->failed; entry = entry->next) {
		sc_layout_add(p, &layout, &entry->token, &entry->member, &entry->attributes, entry->width);
		if (entry->width < 0 || entry->member.name)
			members[count++] = entry->member;
	}
	if (!sc_type_check_depth(p, &p->token, layout.depth) || p->failed)
		return;
	type->members = members;
	type->count = count;
	sc_layout_end(&layout, attributes, type);
}

/*
 * The type that a body is for. One that is not complete yet is completed where it is. A complete one stays as it is
 * until the new one is known; the tag is the new one's meanwhile, so that its members can point to it.
 */
static struct sc_type *begin_body(struct sc_proto_reader *p, enum sc_type_kind kind, struct sc_word *tag)
{
	struct sc_type *old = tag ? tag->tag : NULL, *type;

	if (old && old->unspecified)
		sc_proto_refuse(p, &p->token, "'%.60s' within itself", tag->text);
	else if (old && old->kind == kind && !old->complete)
		return old;
	type = &sc_type_node_new(p, kind)->type;
	type->name = tag ? tag->text : NULL;
	if (tag)
		tag->tag = type;
	return type;
}

/*
 * What was declared with the earlier type gets the new contents where that cannot change what was derived from it: the
 * same size and alignment, and not deeper, without which a type could come to contain itself.
 */
static const struct sc_type *end_body(const struct sc_proto_reader *p, struct sc_word *tag, struct sc_type *old,
				      struct sc_type *type)
{
	if (!tag || !old || old == type || old->unspecified)
		return type;
	if (p->failed) {
		tag->tag = old;
	} else if (old->kind == type->kind && old->size == type->size && old->align == type->align &&
		   old->depth >= type->depth) {
		type->depth = old->depth;
		*old = *type;
		tag->tag = old;
		return old;
	}
	return type;
}

static const struct sc_type *read_body(struct sc_proto_reader *p, enum sc_type_kind kind, struct sc_word *tag,
				       struct sc_attributes *attributes)
{
	struct sc_scratch_mark mark = sc_proto_scratch_begin(p);
	struct entries entries = { .end = &entries.first };
	struct sc_type *old = tag ? tag->tag : NULL, *type = begin_body(p, kind, tag);

	type->unspecified = true; /* its body is being read */
	if (sc_proto_enter(p)) {
		read_members(p, &entries);
		sc_attributes_read(p, attributes);
		finish(p, &entries, attributes, type);
	}
	type->unspecified = false;
	sc_proto_leave(p);
	sc_proto_scratch_end(p, mark);
	return end_body(p, tag, old, type);
}

const struct sc_type *sc_aggregate_read(struct sc_proto_reader *p, enum sc_type_kind kind)
{
	struct sc_attributes attributes = { 0 };
	struct sc_token name = { 0 };
	struct sc_type *type;

	sc_attributes_read(p, &attributes);
	if (sc_lex_is(p, SC_TOKEN_WORD)) {
		name = p->token;
		sc_lex_next(p);
	}
	sc_attributes_read(p, &attributes);
	if (sc_lex_take(p, '{'))
		return read_body(p, kind, name.word, &attributes);
	if (!name.word)
		sc_proto_refuse_here(p, "a name or '{'");
	else if (name.word->tag && name.word->tag->kind == kind)
		return name.word->tag;
	type = &sc_type_node_new(p, kind)->type;
	if (p->failed)
		return type;
	type->name = name.word->text;
	name.word->tag = type;
	return type;
}
