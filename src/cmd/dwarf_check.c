/* SPDX-License-Identifier: MIT */
/*
 * Owns whether a type of the debug information can be followed to its ends. The other files of the writer, and libdw
 * where it is asked for sizes, go from type to type without looking where they have been: what a damaged file says must
 * not send them in circles, down without end, or to write gigabytes. Called before a type is declared (dwarf_c.c,
 * dwarf_types.c).
 *
 * An end is what is known by its name where it is used: a struct that is pointed to. Whether that one can be followed
 * is asked when it is to be completed.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "cmd/dwarf_internal.h"

#define LARGEST	 1000000 /* types, when each is written out where it is used */
#define EMPTIEST 65536	 /* bytes of a struct that no member explains, each written as bit-fields */

struct sc_dwarf_checked {
	const void *die; /* where it lies */
	bool pointed;
	bool busy;
	unsigned height; /* of the chain from here */
	uint64_t size;	 /* of the tree from here */
};

static bool follow(struct sc_dwarf_c *writer, Dwarf_Die *die, bool pointed, unsigned level,
		   struct sc_dwarf_checked *above);

static int compare(const void *a, const void *b)
{
	const struct sc_dwarf_checked *first = a, *second = b;

	if (first->die != second->die)
		return first->die < second->die ? -1 : 1;
	return (int)first->pointed - (int)second->pointed;
}

static bool follow_type(struct sc_dwarf_c *writer, Dwarf_Die *die, bool pointed, unsigned level,
			struct sc_dwarf_checked *above)
{
	Dwarf_Die type;

	return !sc_dwarf_type_of(die, &type) || follow(writer, &type, pointed, level, above);
}

/* The types of members, or of parameters. */
static bool follow_children(struct sc_dwarf_c *writer, Dwarf_Die *die, int tag, bool pointed, unsigned level,
			    struct sc_dwarf_checked *above)
{
	Dwarf_Die child;

	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == tag && !follow_type(writer, &child, pointed, level, above))
			return false;
	return true;
}

/* A type may be incomplete where it is pointed to, and in declarations of functions. */
static bool follow_parts(struct sc_dwarf_c *writer, Dwarf_Die *die, bool pointed, unsigned level,
			 struct sc_dwarf_checked *above)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
		if (pointed && dwarf_diename(die))
			return true;
		return follow_children(writer, die, DW_TAG_member, false, level, above) &&
		       sc_dwarf_unexplained(die) <= EMPTIEST * 8;
	case DW_TAG_subroutine_type:
		return follow_type(writer, die, true, level, above) &&
		       follow_children(writer, die, DW_TAG_formal_parameter, true, level, above);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return follow_type(writer, die, true, level, above);
	case DW_TAG_array_type:
		return follow_type(writer, die, false, level, above);
	case DW_TAG_typedef:
		return dwarf_diename(die) && follow_type(writer, die, pointed, level, above);
	default:
		return follow_type(writer, die, pointed, level, above);
	}
}

/* The entry of a type; *known: it has been followed, or is being. */
static struct sc_dwarf_checked *enter(struct sc_dwarf_c *writer, Dwarf_Die *die, bool pointed, bool *known)
{
	struct sc_dwarf_checked *entry = calloc(1, sizeof(*entry)), **found = NULL;

	if (entry) {
		*entry = (struct sc_dwarf_checked){ .die = die->addr, .pointed = pointed, .busy = true, .size = 1 };
		found = tsearch(entry, &writer->checked, compare);
	}
	if (!found)
		writer->error = -ENOMEM;
	*known = found && *found != entry;
	if (!found || *known)
		free(entry);
	return found ? *found : NULL;
}

/* What could not be followed is forgotten, and so is what led to it: elsewhere the chain may be short enough. */
static bool follow(struct sc_dwarf_c *writer, Dwarf_Die *die, bool pointed, unsigned level,
		   struct sc_dwarf_checked *above)
{
	struct sc_dwarf_checked *entry;
	bool known;

	if (level == SC_DWARF_DEEPEST)
		return false;
	entry = enter(writer, die, pointed, &known);
	if (!entry || (known && entry->busy))
		return false;
	if (!known && !follow_parts(writer, die, pointed, level + 1, entry)) {
		tdelete(entry, &writer->checked, compare);
		free(entry);
		return false;
	}
	entry->busy = false;
	above->size += entry->size;
	if (entry->height >= above->height)
		above->height = entry->height + 1;
	return above->size <= LARGEST && above->height < SC_DWARF_DEEPEST;
}

bool sc_dwarf_sound(struct sc_dwarf_c *writer, Dwarf_Die *type, bool pointed)
{
	struct sc_dwarf_checked root = { 0 };

	return follow(writer, type, pointed, 0, &root);
}

void sc_dwarf_check_free(struct sc_dwarf_c *writer)
{
	tdestroy(writer->checked, free);
	writer->checked = NULL;
}
