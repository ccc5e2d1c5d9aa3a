/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of types: each is written before what uses it, and at least the tag of a struct that is only pointed
 * to; what is only pointed to is completed later. Called by the other files of the writer (dwarf_internal.h).
 */
#include <inttypes.h>
#include <string.h>

#include "cmd/dwarf_internal.h"

static void forward(struct sc_dwarf_c *writer, struct sc_dwarf_type *type)
{
	if (type->state != SC_DWARF_NEW)
		return;
	type->state = SC_DWARF_FORWARD;
	sc_dwarf_tag(writer->types, &type->die, type->name);
	fputs(";\n", writer->types);
}

static void queue(struct sc_dwarf_c *writer, struct sc_dwarf_type *type)
{
	if (type->queued || !type->whole || type->state == SC_DWARF_DONE || !sc_dwarf_is_c(&type->die))
		return;
	type->queued = true;
	*writer->queue_last = type;
	writer->queue_last = &type->later;
}

static void need_members(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	Dwarf_Die child, type;

	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_member && sc_dwarf_type_of(&child, &type))
			sc_dwarf_need(writer, &type, true);
}

static void need_struct(struct sc_dwarf_c *writer, Dwarf_Die *die, bool complete)
{
	struct sc_dwarf_type *type = sc_dwarf_named(writer, die);

	if (type && !strcmp(type->name, "__va_list_tag"))
		return; /* every compiler, and our reader, has it already */
	if (complete && (!sc_dwarf_is_c(type ? &type->die : die) || dwarf_tag(die) == DW_TAG_class_type)) {
		writer->unsaid = "it takes or returns an object of another language";
		complete = false;
	}
	if (!type) {
		if (complete)
			need_members(writer, die);
		return;
	}
	if (complete && type->whole && type->state <= SC_DWARF_FORWARD && !sc_dwarf_sound(writer, &type->die, false)) {
		writer->unsaid = SC_DWARF_UNSOUND;
		type->whole = false;
	}
	if (!complete || !type->whole) {
		forward(writer, type);
		queue(writer, type);
	} else if (type->state <= SC_DWARF_FORWARD) {
		type->state = SC_DWARF_BUSY;
		need_members(writer, &type->die);
		sc_dwarf_tag(writer->types, &type->die, type->name);
		sc_dwarf_body(writer, writer->types, &type->die, 0);
		fputs(";\n", writer->types);
		type->state = SC_DWARF_DONE;
	}
}

static void need_enum(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	struct sc_dwarf_type *type = sc_dwarf_named(writer, die);

	if (!type || type->state == SC_DWARF_DONE || !type->whole)
		return;
	type->state = SC_DWARF_DONE;
	sc_dwarf_tag(writer->types, &type->die, type->name);
	sc_dwarf_body(writer, writer->types, &type->die, 0);
	fputs(";\n", writer->types);
}

static void need_typedef(struct sc_dwarf_c *writer, Dwarf_Die *die, bool complete)
{
	struct sc_dwarf_type *type = sc_dwarf_named(writer, die);
	Dwarf_Die target;
	uint64_t align;
	bool known;

	if (!type || !strcmp(type->name, "__builtin_va_list"))
		return;
	known = sc_dwarf_type_of(&type->die, &target);
	if (type->state == SC_DWARF_DONE || type->state == SC_DWARF_BUSY) {
		if (complete && known && type->state == SC_DWARF_DONE)
			sc_dwarf_need(writer, &target, true);
		return;
	}
	if (!sc_dwarf_sound(writer, &type->die, !complete)) {
		writer->unsaid = SC_DWARF_UNSOUND;
		return;
	}
	type->state = SC_DWARF_BUSY;
	if (known)
		sc_dwarf_need(writer, &target, complete || !dwarf_diename(&target));
	fputs("typedef ", writer->types);
	sc_dwarf_declare(writer, writer->types, known ? &target : NULL, type->name, 0);
	align = sc_dwarf_own_align(&type->die);
	if (align)
		fprintf(writer->types, " __attribute__((aligned(%" PRIu64 ")))", align);
	if (type->note)
		fprintf(writer->types, " %s", type->note);
	fputs(";\n", writer->types);
	type->state = SC_DWARF_DONE;
}

static void need_subroutine(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	Dwarf_Die child, type;

	if (sc_dwarf_type_of(die, &type))
		sc_dwarf_need(writer, &type, false);
	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_formal_parameter && sc_dwarf_type_of(&child, &type))
			sc_dwarf_need(writer, &type, false);
}

/* Only the target of a pointer may be incomplete; an anonymous one has no other place to be written. */
static void need_pointed(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	Dwarf_Die target, bare;

	if (sc_dwarf_is_va_list(die) || !sc_dwarf_spelled(die, &target))
		return;
	sc_dwarf_need(writer, &target, sc_dwarf_unqualified(&target, &bare) && sc_dwarf_is_struct(dwarf_tag(&bare)) &&
					       !dwarf_diename(&bare));
}

static void need(struct sc_dwarf_c *writer, Dwarf_Die *type, bool complete)
{
	Dwarf_Die target;

	switch (dwarf_tag(type)) {
	case DW_TAG_base_type:
	case DW_TAG_unspecified_type:
		break;
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		need_pointed(writer, type);
		break;
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		if (sc_dwarf_type_of(type, &target))
			sc_dwarf_need(writer, &target, complete);
		break;
	case DW_TAG_array_type:
		if (sc_dwarf_flag(type, DW_AT_GNU_vector))
			writer->unsaid = "it takes or returns vectors";
		if (sc_dwarf_type_of(type, &target))
			sc_dwarf_need(writer, &target, true);
		break;
	case DW_TAG_subroutine_type:
		need_subroutine(writer, type);
		break;
	case DW_TAG_typedef:
		if (sc_dwarf_is_c(type))
			need_typedef(writer, type, complete);
		else if (sc_dwarf_spelled(type, &target))
			sc_dwarf_need(writer, &target, complete);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
		need_struct(writer, type, complete);
		break;
	case DW_TAG_enumeration_type:
		need_enum(writer, type);
		break;
	default:
		writer->unsaid = "its types have no words in C";
	}
}

/* Sound types may still lead from one to the next without end, where a name means another than was meant. */
void sc_dwarf_need(struct sc_dwarf_c *writer, Dwarf_Die *type, bool complete)
{
	if (writer->depth == SC_DWARF_DEEPEST) {
		writer->unsaid = SC_DWARF_UNSOUND;
		return;
	}
	writer->depth++;
	need(writer, type, complete);
	writer->depth--;
}

void sc_dwarf_drain(struct sc_dwarf_c *writer)
{
	const char *unsaid = writer->unsaid;

	while (writer->queue) {
		struct sc_dwarf_type *type = writer->queue;

		writer->queue = type->later;
		if (!writer->queue)
			writer->queue_last = &writer->queue;
		type->queued = false;
		type->later = NULL;
		sc_dwarf_need(writer, &type->die, true);
	}
	writer->unsaid = unsaid; /* what is pointed to may stay opaque */
}
