/* SPDX-License-Identifier: MIT */
/*
 * Owns the bodies of enumerations, structs and unions: members, and unnamed bit-fields where the compiler has left room
 * that no member explains (headers have them for what is reserved, and DWARF does not tell). Called by the other files
 * of the writer.
 */
#include <inttypes.h>

#include "cmd/dwarf_internal.h"

static void indent(FILE *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		fputc('\t', out);
}

/* Unnamed bit-fields from bit `from` to bit `to`. A short one never crosses a unit of its type. */
static void fill(FILE *out, uint64_t from, uint64_t to, unsigned depth)
{
	while (from < to) {
		uint64_t unit = from % 32 ? 8 : 32;
		uint64_t count = unit - from % unit;

		if (to - from < count) {
			unit = 8;
			count = 8 - from % 8;
		}
		if (to - from < count)
			count = to - from;
		indent(out, depth);
		fprintf(out, "unsigned %s : %" PRIu64 ";\n", unit == 32 ? "int" : "char", count);
		from += count;
	}
}

static void member(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, const struct sc_dwarf_place *place,
		   unsigned depth)
{
	const char *name = dwarf_diename(die);
	uint64_t align = sc_dwarf_own_align(die);
	Dwarf_Die type;

	if (!sc_dwarf_spelled(die, &type))
		return;
	indent(out, depth);
	if (name) {
		sc_dwarf_declare(writer, out, &type, name, depth);
	} else {
		sc_dwarf_tag(out, &type, NULL); /* an unnamed struct or union */
		sc_dwarf_body(writer, out, &type, depth);
	}
	if (place->bits)
		fprintf(out, " : %" PRIu64, place->bits);
	if (align)
		fprintf(out, " __attribute__((aligned(%" PRIu64 ")))", align);
	fputs(";\n", out);
}

/* The end of a struct: room behind the last member, and what makes the type larger or smaller than its members do. */
static void finish(FILE *out, Dwarf_Die *die, uint64_t end, uint64_t align, bool packed, unsigned depth)
{
	uint64_t size = sc_dwarf_size(die) * 8, own = sc_dwarf_own_align(die);

	if (own * 8 > align)
		align = own * 8;
	if (dwarf_tag(die) != DW_TAG_union_type && (end + align - 1) / align * align < size)
		fill(out, end, size, depth + 1);
	indent(out, depth);
	fputc('}', out);
	if (packed)
		fputs(" __attribute__((packed))", out);
	if (own)
		fprintf(out, " __attribute__((aligned(%" PRIu64 ")))", own);
}

static void enumerators(FILE *out, Dwarf_Die *die, unsigned depth)
{
	bool is_signed = sc_dwarf_is_signed(die);
	uint64_t size = sc_dwarf_size(die);
	Dwarf_Die child;

	fputs(" {\n", out);
	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child)) {
		Dwarf_Attribute attribute;
		Dwarf_Sword value;
		Dwarf_Word word;

		if (dwarf_tag(&child) != DW_TAG_enumerator || !dwarf_attr(&child, DW_AT_const_value, &attribute))
			continue;
		indent(out, depth + 1);
		if (is_signed && dwarf_formsdata(&attribute, &value) == 0)
			fprintf(out, "%s = %" PRId64 ",\n", dwarf_diename(&child), (int64_t)value);
		else if (dwarf_formudata(&attribute, &word) == 0)
			fprintf(out, "%s = %" PRIu64 ",\n", dwarf_diename(&child), (uint64_t)word);
	}
	indent(out, depth);
	fputs(size && size < sizeof(int) ? "} __attribute__((packed))" : "}", out);
}

void sc_dwarf_body(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, unsigned depth)
{
	bool in_union = dwarf_tag(die) == DW_TAG_union_type, packed = sc_dwarf_packed(die);
	uint64_t end = 0, align = 8;
	Dwarf_Die child;

	if (dwarf_tag(die) == DW_TAG_enumeration_type) {
		enumerators(out, die, depth);
		return;
	}
	fputs(" {\n", out);
	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child)) {
		struct sc_dwarf_place place;

		if (dwarf_tag(&child) != DW_TAG_member)
			continue;
		sc_dwarf_place(&child, &place);
		if (!in_union && place.offset > sc_dwarf_natural(&place, end, packed))
			fill(out, end, place.offset, depth + 1);
		member(writer, out, &child, &place, depth + 1);
		end = place.offset + (place.bits ? place.bits : place.size);
		if (!packed && place.align > align)
			align = place.align;
	}
	finish(out, die, end, align, packed, depth);
}
