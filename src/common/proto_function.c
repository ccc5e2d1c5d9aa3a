/* SPDX-License-Identifier: MIT */
/*
 * Owns parameters, and what becomes of a function that is declared: a new one, another in its place, a variant. Called
 * by the files that read prototypes.
 */
#include "common/proto_internal.h"

struct entry {
	struct entry *next;
	struct sc_parameter parameter;
	struct sc_declarator declarator;
};

struct entries {
	struct entry *first, **end;
	unsigned count, depth;
};

/* Arrays and functions are passed as pointers. */
static void adjust(struct sc_proto_reader *p, struct sc_parameter *parameter)
{
	const struct sc_type *real = sc_type_real(parameter->type);

	parameter->elements = 1;
	if (real->kind == SC_TYPE_ARRAY) {
		if (real->count && parameter->type->kind == SC_TYPE_ARRAY)
			parameter->elements = real->count;
		parameter->type = sc_type_pointer_to(
			p, sc_type_qualify(p, real->target, sc_type_qualifiers(parameter->type)));
	} else if (real->kind == SC_TYPE_FUNCTION) {
		parameter->type = sc_type_pointer_to(p, parameter->type);
	}
}

static void read_parameter(struct sc_proto_reader *p, struct entries *entries)
{
	struct entry *entry = sc_proto_scratch(p, sizeof(*entry));
	struct sc_specifiers specifiers;
	struct sc_token token = p->token;

	if (entries->count == SC_PARAMETERS_MOST) {
		sc_proto_refuse(p, &token, "more than %d parameters", SC_PARAMETERS_MOST);
		return;
	}
	if (sc_lex_is(p, SC_TOKEN_NOTES))
		sc_notes_skip(p, &entry->declarator);
	sc_specifiers_read(p, &specifiers);
	if (entry->declarator.note_count) {
		struct sc_declarator before = entry->declarator;

		sc_declarator_read(p, specifiers.type, SC_DECLARATOR_PARAMETER, &entry->declarator);
		if (entry->declarator.note_count < SC_NOTES_MOST)
			entry->declarator.notes[entry->declarator.note_count++] = before.notes[0];
	} else {
		sc_declarator_read(p, specifiers.type, SC_DECLARATOR_PARAMETER, &entry->declarator);
	}
	sc_notes_skip(p, &entry->declarator);
	entry->parameter.name = entry->declarator.word ? entry->declarator.word->text : NULL;
	entry->parameter.type = entry->declarator.type;
	if (sc_type_is(entry->parameter.type, SC_TYPE_VOID))
		sc_proto_refuse(p, &token, "a parameter that is void");
	adjust(p, &entry->parameter);
	if (sc_type_depth(entry->parameter.type) > entries->depth)
		entries->depth = sc_type_depth(entry->parameter.type);
	*entries->end = entry;
	entries->end = &entry->next;
	entries->count++;
}

/* `(void)`, behind the bracket. */
static bool is_void(struct sc_proto_reader *p)
{
	struct sc_proto_place place = p->token.place;

	if (!sc_lex_take(p, SC_WORD_VOID))
		return false;
	if (sc_lex_is(p, ')'))
		return true;
	sc_lex_seek(p, place);
	return false;
}

/* Up to the closing bracket, which is left. */
static void read_list(struct sc_proto_reader *p, struct sc_type *type, struct entries *entries)
{
	if (sc_lex_is(p, ')')) {
		type->unspecified = true;
		return;
	}
	if (is_void(p))
		return;
	do {
		if (sc_lex_take(p, SC_TOKEN_ELLIPSIS)) {
			type->variadic = true;
			break;
		}
		read_parameter(p, entries);
	} while (sc_lex_take(p, ','));
	if (!sc_lex_is(p, ')') && !p->failed)
		sc_proto_refuse_here(p, type->variadic ? "')'" : "',' or ')'");
}

/* Notes may name parameters that come later, so they are read when all are known. */
static void keep(struct sc_proto_reader *p, struct sc_type *type, const struct entries *entries)
{
	struct sc_parameter *all = p->failed ? NULL : sc_proto_alloc(p, entries->count * sizeof(*all));
	struct sc_proto_scope outer = p->scope;
	unsigned i = 0;

	if (!all || p->failed)
		return;
	for (struct entry *entry = entries->first; entry; entry = entry->next)
		all[i++] = entry->parameter;
	p->scope = (struct sc_proto_scope){ all, entries->count };
	i = 0;
	for (struct entry *entry = entries->first; entry; entry = entry->next, i++) {
		entry->declarator.type = all[i].type;
		entry->declarator.elements = all[i].elements;
		all[i].notes = sc_notes_read(p, &entry->declarator, SC_NOTES_OF_PARAMETER);
	}
	p->scope = outer;
	type->parameters = all;
	type->count = entries->count;
}

const struct sc_type *sc_parameters_read(struct sc_proto_reader *p, const struct sc_type *result)
{
	struct sc_scratch_mark mark = sc_proto_scratch_begin(p);
	struct entries entries = { .end = &entries.first, .depth = sc_type_depth(result) };
	struct sc_type *type = &sc_type_node_new(p, SC_TYPE_FUNCTION)->type;

	type->target = result;
	type->complete = true;
	if (sc_proto_enter(p)) {
		read_list(p, type, &entries);
		keep(p, type, &entries);
		if (sc_type_check_depth(p, &p->token, entries.depth + 1))
			type->depth = (uint8_t)(entries.depth + 1);
		sc_proto_expect(p, ')', "')'");
	}
	sc_proto_leave(p);
	sc_proto_scratch_end(p, mark);
	return type;
}

static bool same_conditions(const struct sc_proto *a, const struct sc_proto *b)
{
	if (a->condition_count != b->condition_count)
		return false;
	for (unsigned i = 0; i < a->condition_count; i++)
		if (a->conditions[i].parameter != b->conditions[i].parameter ||
		    a->conditions[i].equal != b->conditions[i].equal || a->conditions[i].value != b->conditions[i].value)
			return false;
	return true;
}

static void enter_variant(struct sc_proto_reader *p, const struct sc_declarator *d, struct sc_proto *proto)
{
	struct sc_proto *at = d->word->function;

	if (!at) {
		sc_proto_refuse(p, &d->name, "a case of '%.60s', which has not been declared without one", d->word->text);
		return;
	}
	while (at->variant) {
		at = (struct sc_proto *)at->variant;
		if (same_conditions(at, proto)) {
			proto->variant = at->variant;
			*at = *proto;
			return;
		}
	}
	at->variant = proto;
}

static void enter_function(struct sc_proto_reader *p, const struct sc_declarator *d, struct sc_proto *proto)
{
	struct sc_proto_tables *tables = p->tables;
	struct sc_proto *old = d->word->function;

	if (old) {
		proto->next = old->next;
		*old = *proto;
		return;
	}
	if (tables->last)
		tables->last->next = proto;
	else
		tables->first = proto;
	tables->last = proto;
	d->word->function = proto;
}

void sc_function_declare(struct sc_proto_reader *p, const struct sc_declarator *d, struct sc_proto_place notes_at)
{
	struct sc_proto *proto = sc_proto_alloc(p, sizeof(*proto));
	const struct sc_type *type = sc_type_real(d->type);
	struct sc_proto_place place = p->token.place;

	*proto = (struct sc_proto){ .name = d->word->text, .type = type, .source = p->source, .line = d->name.place.line,
				    .format = SC_PARAMETER_NONE, .valist = SC_PARAMETER_NONE };
	p->scope = (struct sc_proto_scope){ type->parameters, type->count };
	proto->result = sc_notes_read(p, d, SC_NOTES_OF_RESULT);
	if (notes_at.at) {
		sc_lex_seek(p, notes_at);
		sc_notes_read_function(p, proto);
		sc_lex_seek(p, place);
	}
	p->scope = (struct sc_proto_scope){ NULL, 0 };
	if (p->failed)
		return;
	if (p->one)
		*p->one = proto;
	else if (proto->condition_count)
		enter_variant(p, d, proto);
	else
		enter_function(p, d, proto);
}
