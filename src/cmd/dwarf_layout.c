/* SPDX-License-Identifier: MIT */
/*
 * Owns sizes, alignments and places of members as the ABI has them (System V, AMD64: a bit-field does not cross a unit
 * of its type), to be compared with what the DWARF says. Called by dwarf_body.c, dwarf_check.c and dwarf_types.c, of
 * types that can be followed (dwarf_check.c).
 */
#include "cmd/dwarf_internal.h"

#define LARGEST_ALIGNMENT (1UL << 28) /* that gcc takes; from bytes to bits it must not overflow */

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return to ? (value + to - 1) / to * to : value;
}

uint64_t sc_dwarf_size(Dwarf_Die *type)
{
	Dwarf_Word size;

	return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

uint64_t sc_dwarf_own_align(Dwarf_Die *die)
{
	uint64_t align;

	return sc_dwarf_number(die, DW_AT_alignment, &align) && align <= LARGEST_ALIGNMENT ? align : 0;
}

/*
 * Whether a struct is packed, and the alignment in bits that it has if not: asked together, since each member is asked
 * both in turn, and so would be asked twice at each depth. A member of an anonymous type is asked, too: it cannot have
 * been aligned by hand.
 */
static bool measure(Dwarf_Die *die, uint64_t *align)
{
	bool packed = false;
	Dwarf_Die child;

	*align = 8;
	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child)) {
		struct sc_dwarf_place place;

		if (dwarf_tag(&child) != DW_TAG_member)
			continue;
		sc_dwarf_place(&child, &place);
		if (!place.bits && place.offset % place.align)
			packed = true;
		if (place.bits && place.size && place.offset % place.size + place.bits > place.size)
			packed = true;
		if (place.align > *align)
			*align = place.align;
	}
	return packed || (!sc_dwarf_own_align(die) && sc_dwarf_size(die) * 8 % *align != 0);
}

bool sc_dwarf_packed(Dwarf_Die *die)
{
	uint64_t align;

	return measure(die, &align);
}

static uint64_t align_of_members(Dwarf_Die *die)
{
	uint64_t align;

	return measure(die, &align) ? 1 : align / 8;
}

static uint64_t align_of_base(Dwarf_Die *die)
{
	uint64_t encoding = 0, size = sc_dwarf_size(die);

	sc_dwarf_number(die, DW_AT_encoding, &encoding);
	if (encoding == DW_ATE_complex_float)
		size /= 2;
	return size && size <= LARGEST_ALIGNMENT ? size : 1;
}

uint64_t sc_dwarf_align(Dwarf_Die *type)
{
	uint64_t align = sc_dwarf_own_align(type);
	Dwarf_Die target;

	if (align)
		return align;
	switch (dwarf_tag(type)) {
	case DW_TAG_base_type:
	case DW_TAG_enumeration_type:
		return align_of_base(type);
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
		return align_of_members(type);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return sizeof(void *);
	default:
		return sc_dwarf_type_of(type, &target) ? sc_dwarf_align(&target) : 1;
	}
}

/* DWARF 5 counts the bits of a bit-field from the start of the struct; before, from the top of its unit. */
static void place_bits(Dwarf_Die *member, Dwarf_Die *type, struct sc_dwarf_place *place)
{
	uint64_t bit, unit = 0;

	if (sc_dwarf_number(member, DW_AT_data_bit_offset, &bit)) {
		place->offset = bit;
	} else if (sc_dwarf_number(member, DW_AT_bit_offset, &bit)) {
		if (!sc_dwarf_number(member, DW_AT_byte_size, &unit))
			unit = sc_dwarf_size(type);
		place->offset += unit * 8 - bit - place->bits;
	}
}

void sc_dwarf_place(Dwarf_Die *member, struct sc_dwarf_place *place)
{
	uint64_t value = 0;
	Dwarf_Die type;

	*place = (struct sc_dwarf_place){ .align = 8 };
	if (sc_dwarf_number(member, DW_AT_data_member_location, &value))
		place->offset = value * 8;
	if (!sc_dwarf_type_of(member, &type))
		return;
	place->size = sc_dwarf_size(&type) * 8;
	place->align = sc_dwarf_align(&type) * 8;
	value = sc_dwarf_own_align(member);
	if (value)
		place->align = value * 8;
	if (!sc_dwarf_number(member, DW_AT_bit_size, &place->bits))
		place->bits = 0;
	if (place->bits)
		place_bits(member, &type, place);
}

uint64_t sc_dwarf_natural(const struct sc_dwarf_place *place, uint64_t end, bool packed)
{
	if (place->bits && (packed || !place->size))
		return end;
	if (place->bits)
		return end % place->size + place->bits > place->size ? round_up(end, place->size) : end;
	return round_up(end, packed ? 8 : place->align);
}

static uint64_t gap(uint64_t from, uint64_t to)
{
	return from < to ? to - from : 0;
}

uint64_t sc_dwarf_unexplained(Dwarf_Die *die)
{
	uint64_t end = 0, bits = 0;
	Dwarf_Die child;

	if (dwarf_tag(die) == DW_TAG_union_type)
		return 0;
	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child)) {
		struct sc_dwarf_place place;

		if (dwarf_tag(&child) != DW_TAG_member)
			continue;
		sc_dwarf_place(&child, &place);
		if (__builtin_add_overflow(bits, gap(end, place.offset), &bits))
			return UINT64_MAX;
		end = place.offset + (place.bits ? place.bits : place.size);
	}
	return __builtin_add_overflow(bits, gap(end, sc_dwarf_size(die) * 8), &bits) ? UINT64_MAX : bits;
}
