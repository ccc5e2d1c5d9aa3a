/* SPDX-License-Identifier: MIT */
/*
 * Owns looking things up in what was read: functions, types, variants, what holds for a value. Called by everyone who
 * uses prototypes.
 */
#include <string.h>

#include "common/proto_internal.h"

static const struct sc_word *find(const struct sc_protos *protos, const char *text)
{
	return protos->tables ? sc_proto_word(protos->tables, NULL, text, strlen(text), false) : NULL;
}

const struct sc_proto *sc_protos_find(const struct sc_protos *protos, const char *function)
{
	const struct sc_word *word = find(protos, function);

	return word ? word->function : NULL;
}

const struct sc_proto *sc_protos_next(const struct sc_protos *protos, const struct sc_proto *previous)
{
	if (previous)
		return previous->next;
	return protos->tables ? protos->tables->first : NULL;
}

const struct sc_proto *sc_protos_nearest(const struct sc_protos *protos, const char *function)
{
	const struct sc_word *word = NULL;

	if (protos->tables)
		word = sc_proto_nearest(protos->tables, function, sc_word_is_function);
	return word ? word->function : NULL;
}

const struct sc_type *sc_protos_type(const struct sc_protos *protos, const char *name)
{
	static const struct {
		char prefix[8];
		enum sc_type_kind kind;
	} tags[] = { { "struct ", SC_TYPE_STRUCT }, { "union ", SC_TYPE_UNION }, { "enum ", SC_TYPE_ENUM } };
	const struct sc_word *word;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t length = strlen(tags[i].prefix);

		if (strncmp(name, tags[i].prefix, length) != 0)
			continue;
		word = find(protos, name + length);
		return word && word->tag && word->tag->kind == tags[i].kind ? word->tag : NULL;
	}
	for (unsigned i = 0; i < SC_BASIC_COUNT; i++)
		if (strcmp(name, sc_type_basics[i].name) == 0)
			return &sc_type_basics[i];
	word = find(protos, name);
	return word && word->is == SC_WORD_IS_TYPE ? word->type : NULL;
}

const struct sc_proto *sc_proto_choose(const struct sc_proto *proto, const uint64_t *values, unsigned count)
{
	for (const struct sc_proto *variant = proto->variant; variant; variant = variant->variant) {
		for (unsigned i = 0; i < variant->condition_count; i++) {
			const struct sc_condition *condition = &variant->conditions[i];
			uint32_t value = condition->parameter < count ? (uint32_t)values[condition->parameter] : 0;

			if (condition->equal ? value == condition->value : (value & condition->value) != 0)
				return variant;
		}
	}
	return proto;
}

#define SHOWN (~(unsigned)SC_MARK_POINTS)

/* What holds for a pointer of which nothing is said. */
static unsigned default_marks(const struct sc_type *target)
{
	const struct sc_type *real = sc_type_real(target);

	if (!(sc_type_qualifiers(target) & SC_TYPE_CONST))
		return 0;
	if (real->kind == SC_TYPE_CHAR && strcmp(real->name, "char") == 0)
		return SC_MARK_STRING;
	return (real->kind == SC_TYPE_STRUCT || real->kind == SC_TYPE_UNION) && real->complete ? SC_MARK_IN : 0;
}

static void add_notes(unsigned *marks, const struct sc_type **set, const struct sc_notes *notes)
{
	if (!notes)
		return;
	if (!(*marks & SC_MARK_POINTS))
		*marks |= notes->marks & SC_MARK_POINTS;
	if (!(*marks & SHOWN)) {
		*marks |= notes->marks & SHOWN;
		*set = notes->set;
	}
}

unsigned sc_notes_marks(const struct sc_notes *notes, const struct sc_type *type, const struct sc_type **set)
{
	const struct sc_type *of = NULL;
	unsigned marks = 0;

	add_notes(&marks, &of, notes);
	for (; type->kind == SC_TYPE_TYPEDEF || type->kind == SC_TYPE_QUALIFIED; type = type->target)
		if (type->kind == SC_TYPE_TYPEDEF)
			add_notes(&marks, &of, type->notes);
	if (type->kind == SC_TYPE_POINTER && !(marks & SC_MARK_POINTS))
		marks |= default_marks(type->target);
	if ((marks & (SC_MARK_STRING | SC_MARK_STRINGS | SC_MARK_SOCKADDR)) && !(marks & (SC_MARK_IN | SC_MARK_OUT)))
		marks |= SC_MARK_IN;
	if (type->kind == SC_TYPE_ENUM && !(marks & SHOWN)) {
		marks |= type->flags ? SC_MARK_FLAGS : SC_MARK_ENUM;
		of = type;
	}
	if (set)
		*set = of;
	return marks;
}
