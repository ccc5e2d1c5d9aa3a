/* SPDX-License-Identifier: MIT */
/*
 * Owns where members are: offsets, bit-fields, size and alignment, as the System V ABI (AMD64 supplement, 3.1.2) and
 * gcc's packed and aligned have it. Called by proto_aggregate.c.
 */
#include "common/proto_internal.h"

#define LARGEST ((uint64_t)1 << 40) /* bytes of a struct */

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return to ? (value + to - 1) / to * to : value;
}

static unsigned align_of(const struct sc_layout *layout, const struct sc_type *type,
			 const struct sc_attributes *attributes)
{
	unsigned align = layout->packed || attributes->packed ? 1 : sc_type_align(type);

	return attributes->align > align ? attributes->align : align;
}

static void raise(struct sc_layout *layout, unsigned align)
{
	if (align > layout->align)
		layout->align = align;
}

static void add_bits(struct sc_layout *layout, struct sc_member *member, const struct sc_attributes *attributes,
		     unsigned width)
{
	uint64_t unit = sc_type_real(member->type)->size * 8, at = layout->is_union ? 0 : layout->bits;
	unsigned align = align_of(layout, member->type, attributes);
	bool packed = layout->packed || attributes->packed;

	if (!width) { /* the next member begins a new unit */
		if (!layout->is_union)
			layout->bits = round_up(at, 8ull * sc_type_align(member->type));
		return;
	}
	if (attributes->align)
		at = round_up(at, 8ull * attributes->align);
	if (!packed && at % unit + width > unit)
		at = round_up(at, unit);
	member->offset = at / 8;
	member->bit_offset = (uint8_t)(at % 8);
	member->bit_width = (uint8_t)width;
	if (member->name)
		raise(layout, align);
	if (at + width > layout->bits)
		layout->bits = at + width;
}

/* width: of a bit-field, or -1. */
void sc_layout_add(struct sc_proto_reader *p, struct sc_layout *layout, const struct sc_token *token,
		   struct sc_member *member, const struct sc_attributes *attributes, int width)
{
	const struct sc_type *real = sc_type_real(member->type);
	unsigned align = align_of(layout, member->type, attributes), depth = sc_type_depth(member->type) + 1;
	uint64_t end;

	if (depth > layout->depth)
		layout->depth = depth;
	if (width >= 0) {
		add_bits(layout, member, attributes, (unsigned)width);
		return;
	}
	member->offset = layout->is_union ? 0 : round_up((layout->bits + 7) / 8, align);
	end = member->offset + real->size;
	if (real->size > LARGEST || end > LARGEST)
		sc_proto_refuse(p, token, "this struct or union is too large");
	else if (end * 8 > layout->bits)
		layout->bits = end * 8;
	raise(layout, align);
}

void sc_layout_end(const struct sc_layout *layout, const struct sc_attributes *attributes, struct sc_type *type)
{
	unsigned align = layout->align > 1 ? layout->align : 1;

	if (attributes->align > align)
		align = attributes->align;
	type->align = (uint16_t)align;
	type->size = round_up((layout->bits + 7) / 8, align);
	type->packed = layout->packed;
	type->depth = (uint8_t)layout->depth;
	type->complete = true;
}
