/* SPDX-License-Identifier: MIT */
/*
 * Owns prototypes and types as C text: declarators, bodies, functions. Notes are proto_text_notes.c's. Called by the
 * command.
 */
#include "common/proto_text.h"

#include <string.h>

void sc_text_put(struct sc_text *t, const char *text)
{
	size_t length = strlen(text);

	if (t->used < t->size) {
		size_t room = t->size - t->used;

		memcpy(t->out + t->used, text, length < room ? length : room);
	}
	t->used += length;
}

void sc_text_put_number(struct sc_text *t, uint64_t number)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	sc_text_put(t, digits + at);
}

static void put_signed(struct sc_text *t, int64_t number)
{
	if (number < 0)
		sc_text_put(t, "-");
	sc_text_put_number(t, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

size_t sc_text_end(struct sc_text *t)
{
	if (t->size)
		t->out[t->used < t->size ? t->used : t->size - 1] = '\0';
	return t->used;
}

/* ---- Declarators ---- */

static void put_body(struct sc_text *t, const struct sc_type *type, unsigned indent);

/* What the type is derived from, or NULL: it has a name (or a body). */
static const struct sc_type *derived_from(const struct sc_type *type)
{
	const struct sc_type *inner = type;

	while (inner->kind == SC_TYPE_QUALIFIED)
		inner = inner->target;
	return inner->kind == SC_TYPE_POINTER || inner->kind == SC_TYPE_ARRAY || inner->kind == SC_TYPE_FUNCTION
		       ? inner->target
		       : NULL;
}

static void put_qualifiers(struct sc_text *t, unsigned qualifiers, const char *behind)
{
	static const char *const names[] = { "const", "volatile", "restrict" };

	for (unsigned i = 0; i < 3; i++) {
		if (!(qualifiers & 1u << i))
			continue;
		sc_text_put(t, names[i]);
		sc_text_put(t, behind);
	}
}

static unsigned take_qualifiers(const struct sc_type **type)
{
	unsigned qualifiers = 0;

	for (; (*type)->kind == SC_TYPE_QUALIFIED; *type = (*type)->target)
		qualifiers |= (*type)->qualifiers;
	return qualifiers;
}

/* The innermost type, which begins the declaration. */
static void put_base(struct sc_text *t, const struct sc_type *type, unsigned indent)
{
	put_qualifiers(t, take_qualifiers(&type), " ");
	if (type->kind == SC_TYPE_STRUCT || type->kind == SC_TYPE_UNION || type->kind == SC_TYPE_ENUM) {
		sc_text_put(t, type->kind == SC_TYPE_STRUCT ? "struct" : type->kind == SC_TYPE_UNION ? "union" : "enum");
		if (!type->name) {
			sc_text_put(t, " ");
			put_body(t, type, indent);
			return;
		}
		sc_text_put(t, " ");
	}
	sc_text_put(t, type->name ? type->name : "void");
}

/* What stands before the name: stars, with brackets where what they point to is an array or a function. */
static void put_before(struct sc_text *t, const struct sc_type *type, bool inner)
{
	unsigned qualifiers = take_qualifiers(&type);
	const struct sc_type *target = derived_from(type);
	bool is_pointer = type->kind == SC_TYPE_POINTER;

	if (!target)
		return;
	put_before(t, target, !is_pointer);
	if (!is_pointer)
		return;
	take_qualifiers(&target);
	if (target->kind == SC_TYPE_ARRAY || target->kind == SC_TYPE_FUNCTION)
		sc_text_put(t, "(");
	sc_text_put(t, "*");
	put_qualifiers(t, qualifiers, inner ? "" : " ");
}

static void put_parameters(struct sc_text *t, const struct sc_type *type)
{
	sc_text_put(t, "(");
	for (uint32_t i = 0; i < type->count; i++) {
		sc_text_put(t, i ? ", " : "");
		sc_text_put_parameter(t, type, &type->parameters[i]);
	}
	if (type->variadic)
		sc_text_put(t, type->count ? ", ..." : "...");
	else if (!type->count && !type->unspecified)
		sc_text_put(t, "void");
	sc_text_put(t, ")");
}

/* What stands behind the name. */
static void put_behind(struct sc_text *t, const struct sc_type *type)
{
	take_qualifiers(&type);
	for (; derived_from(type); type = derived_from(type)) {
		take_qualifiers(&type);
		if (type->kind == SC_TYPE_POINTER) {
			const struct sc_type *target = type->target;

			take_qualifiers(&target);
			if (target->kind == SC_TYPE_ARRAY || target->kind == SC_TYPE_FUNCTION)
				sc_text_put(t, ")");
		} else if (type->kind == SC_TYPE_FUNCTION) {
			put_parameters(t, type);
		} else {
			sc_text_put(t, "[");
			if (type->complete)
				sc_text_put_number(t, type->count);
			sc_text_put(t, "]");
		}
	}
}

void sc_text_put_type(struct sc_text *t, const struct sc_type *type, const char *name, unsigned indent)
{
	const struct sc_type *base = type;

	while (derived_from(base)) {
		take_qualifiers(&base);
		base = derived_from(base);
	}
	put_base(t, base, indent);
	if (base != type || (name && *name))
		sc_text_put(t, " ");
	put_before(t, type, false);
	sc_text_put(t, name ? name : "");
	put_behind(t, type);
}

/* ---- Bodies ---- */

static void put_tabs(struct sc_text *t, unsigned count)
{
	while (count--)
		sc_text_put(t, "\t");
}

static void put_enumerators(struct sc_text *t, const struct sc_type *type, unsigned indent)
{
	for (uint32_t i = 0; i < type->count; i++) {
		const struct sc_enumerator *e = &type->enumerators[i];

		put_tabs(t, indent);
		sc_text_put(t, e->name);
		if (e->mask) {
			sc_text_put(t, " [[mask(");
			sc_text_put_number(t, e->mask);
			sc_text_put(t, ")]]");
		}
		sc_text_put(t, " = ");
		if (type->is_signed)
			put_signed(t, e->value);
		else
			sc_text_put_number(t, (uint64_t)e->value);
		sc_text_put(t, ",\n");
	}
}

static void put_members(struct sc_text *t, const struct sc_type *type, unsigned indent)
{
	for (uint32_t i = 0; i < type->count; i++) {
		const struct sc_member *member = &type->members[i];

		put_tabs(t, indent);
		sc_text_put_type(t, member->type, member->name, indent);
		if (member->bit_width) {
			sc_text_put(t, " : ");
			sc_text_put_number(t, member->bit_width);
		}
		sc_text_put_notes(t, member->notes, NULL);
		sc_text_put(t, ";\n");
	}
}

static void put_body(struct sc_text *t, const struct sc_type *type, unsigned indent)
{
	if (t->nesting >= SC_TYPE_DEPTH)
		return;
	t->nesting++;
	sc_text_put(t, "{\n");
	if (type->kind == SC_TYPE_ENUM)
		put_enumerators(t, type, indent + 1);
	else
		put_members(t, type, indent + 1);
	put_tabs(t, indent);
	sc_text_put(t, type->packed ? "} __attribute__((packed))" : "}");
	t->nesting--;
}

/* ---- What others call ---- */

size_t sc_type_text(const struct sc_type *type, const char *name, char *out, size_t size)
{
	struct sc_text t = { .out = out, .size = size };

	sc_text_put_type(&t, type, name, 0);
	return sc_text_end(&t);
}

size_t sc_type_definition_text(const struct sc_type *type, char *out, size_t size)
{
	struct sc_text t = { .out = out, .size = size };
	const struct sc_type *real = sc_type_real(type);
	bool is_typedef = type->kind == SC_TYPE_TYPEDEF;

	if (is_typedef)
		sc_text_put(&t, "typedef ");
	if (real->kind != SC_TYPE_STRUCT && real->kind != SC_TYPE_UNION && real->kind != SC_TYPE_ENUM) {
		sc_text_put_type(&t, is_typedef ? type->target : type, is_typedef ? type->name : NULL, 0);
	} else {
		if (real->name) {
			put_base(&t, real, 0);
		} else {
			sc_text_put(&t, real->kind == SC_TYPE_STRUCT ? "struct" : real->kind == SC_TYPE_UNION ? "union" :
														"enum");
		}
		if (real->kind == SC_TYPE_ENUM && real->flags)
			sc_text_put(&t, " [[flags]]");
		sc_text_put(&t, " ");
		if (real->complete)
			put_body(&t, real, 0);
		if (is_typedef) {
			sc_text_put(&t, " ");
			sc_text_put(&t, type->name);
		}
	}
	if (is_typedef)
		sc_text_put_notes(&t, type->notes, NULL);
	sc_text_put(&t, ";\n");
	return sc_text_end(&t);
}
