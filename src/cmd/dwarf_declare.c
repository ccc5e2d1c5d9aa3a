/* SPDX-License-Identifier: MIT */
/*
 * Owns how C spells a type around a name: what stands to the left of it and what to the right. Called by the other
 * files of the writer (dwarf_internal.h).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/dwarf_internal.h"

#define RECURSION 64 /* deeper than any type that a human wrote */

static void left(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, unsigned depth, unsigned level);
static void right(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, unsigned level);

void sc_dwarf_tag(FILE *out, Dwarf_Die *die, const char *name)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_union_type:
		fputs("union", out);
		break;
	case DW_TAG_enumeration_type:
		fputs("enum", out);
		break;
	default:
		fputs("struct", out);
	}
	if (name)
		fprintf(out, " %s", name);
}

/* DWARF's names of base types are the compiler's: "complex double", "__int128 unsigned". */
static void base(FILE *out, Dwarf_Die *die)
{
	static const struct {
		const char *dwarf, *c;
	} spelled[] = {
		{ "__int128 unsigned", "unsigned __int128" },
		{ "bool", "_Bool" },
		{ "char16_t", "unsigned short" },
		{ "char32_t", "unsigned int" },
		{ "char8_t", "unsigned char" },
		{ "decltype(nullptr)", "void *" },
		{ "long int", "long" },
		{ "long long int", "long long" },
		{ "long long unsigned int", "unsigned long long" },
		{ "long unsigned int", "unsigned long" },
		{ "short int", "short" },
		{ "short unsigned int", "unsigned short" },
		{ "wchar_t", "int" },
	};
	const char *name = dwarf_diename(die);

	if (!name)
		name = "int";
	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++)
		if (!strcmp(name, spelled[i].dwarf))
			name = spelled[i].c;
	if (!strncmp(name, "complex ", 8))
		fprintf(out, "_Complex %s", name + 8);
	else
		fputs(name, out);
}

static void named_or_body(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, unsigned depth)
{
	struct sc_dwarf_type *named = sc_dwarf_named(writer, die);

	sc_dwarf_tag(out, die, named ? named->name : NULL);
	if (!named)
		sc_dwarf_body(writer, out, die, depth);
}

/* What a pointer must put itself in parentheses for. */
static bool binds_tighter(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_array_type || tag == DW_TAG_subroutine_type;
}

static bool is_pointer(int tag)
{
	return tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type || tag == DW_TAG_rvalue_reference_type;
}

static const char *qualifier(int tag)
{
	switch (tag) {
	case DW_TAG_const_type:
		return "const";
	case DW_TAG_volatile_type:
		return "volatile";
	case DW_TAG_restrict_type:
		return "restrict";
	default:
		return "_Atomic";
	}
}

/* Behind the star of a pointer, before the name of anything else. */
static void left_qualified(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, unsigned depth, unsigned level)
{
	Dwarf_Die target, bare;
	const char *word = qualifier(dwarf_tag(type));

	if (!sc_dwarf_spelled(type, &target)) {
		fprintf(out, "%s void ", word);
	} else if (sc_dwarf_unqualified(&target, &bare) && is_pointer(dwarf_tag(&bare))) {
		left(writer, out, &target, depth, level);
		fprintf(out, "%s ", word);
	} else {
		fprintf(out, "%s ", word);
		left(writer, out, &target, depth, level);
	}
}

static void left_pointer(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, unsigned depth, unsigned level)
{
	Dwarf_Die target;

	if (sc_dwarf_is_va_list(type)) {
		fputs("__builtin_va_list ", out);
	} else if (!sc_dwarf_spelled(type, &target)) {
		fputs("void *", out);
	} else {
		left(writer, out, &target, depth, level);
		fputs(binds_tighter(&target) ? "(*" : "*", out);
	}
}

/* What it writes ends with a blank, a star or a parenthesis. */
static void left(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, unsigned depth, unsigned level)
{
	int tag = dwarf_tag(type);
	Dwarf_Die target;

	if (level > RECURSION) {
		writer->unsaid = "its types nest too deeply";
	} else if (is_pointer(tag)) {
		left_pointer(writer, out, type, depth, level + 1);
	} else if (sc_dwarf_is_qualifier(tag)) {
		left_qualified(writer, out, type, depth, level + 1);
	} else if (binds_tighter(type)) {
		if (sc_dwarf_spelled(type, &target))
			left(writer, out, &target, depth, level + 1);
		else
			fputs("void ", out);
	} else {
		if (sc_dwarf_is_struct(tag) || tag == DW_TAG_enumeration_type)
			named_or_body(writer, out, type, depth);
		else if (tag == DW_TAG_typedef)
			fputs(dwarf_diename(type), out);
		else
			base(out, type);
		fputc(' ', out);
	}
}

/* No bound, as of a flexible array, is none; DWARF says the last index or the count. */
static void bounds(FILE *out, Dwarf_Die *array)
{
	Dwarf_Die range;
	uint64_t value;

	if (dwarf_child(array, &range) != 0)
		return;
	do {
		if (dwarf_tag(&range) != DW_TAG_subrange_type)
			continue;
		if (sc_dwarf_number(&range, DW_AT_count, &value))
			fprintf(out, "[%" PRIu64 "]", value);
		else if (sc_dwarf_number(&range, DW_AT_upper_bound, &value))
			fprintf(out, "[%" PRIu64 "]", value + 1);
		else
			fputs("[]", out);
	} while (dwarf_siblingof(&range, &range) == 0);
}

static void right(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, unsigned level)
{
	int tag = dwarf_tag(type);
	Dwarf_Die target;

	if (level > RECURSION || sc_dwarf_is_va_list(type))
		return;
	if (tag == DW_TAG_array_type)
		bounds(out, type);
	else if (tag == DW_TAG_subroutine_type)
		sc_dwarf_parameters(writer, out, type, NULL);
	else if (!is_pointer(tag) && !sc_dwarf_is_qualifier(tag))
		return;
	if (!sc_dwarf_spelled(type, &target))
		return;
	if (is_pointer(tag) && binds_tighter(&target))
		fputc(')', out);
	right(writer, out, &target, level + 1);
}

void sc_dwarf_declare(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *type, const char *name, unsigned depth)
{
	if (!type) {
		fprintf(out, "void %s", name);
		return;
	}
	left(writer, out, type, depth, 0);
	fputs(name, out);
	right(writer, out, type, 0);
}

static void parameter(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, const char *name)
{
	char *text = NULL;
	size_t size;
	FILE *inner = open_memstream(&text, &size);
	Dwarf_Die type;

	if (!inner) {
		writer->error = -ENOMEM;
		return;
	}
	if (!name)
		name = dwarf_diename(die);
	if (name && strpbrk(name, "#:<")) /* of a pack's parts */
		name = NULL;
	sc_dwarf_declare(writer, inner, sc_dwarf_spelled(die, &type) ? &type : NULL, name ? name : "", 0);
	fclose(inner);
	if (text && size && text[size - 1] == ' ')
		text[size - 1] = 0;
	fputs(text ? text : "", out);
	free(text);
}

void sc_dwarf_parameters(struct sc_dwarf_c *writer, FILE *out, Dwarf_Die *die, const struct sc_dwarf_function *names)
{
	const char *between = "";
	Dwarf_Die child;
	size_t count = 0;

	fputc('(', out);
	if (dwarf_child(die, &child) == 0) {
		do {
			int tag = dwarf_tag(&child);

			if (tag == DW_TAG_formal_parameter) {
				fputs(between, out);
				parameter(writer, out, &child,
					  names && count < names->name_count ? names->names[count] : NULL);
				count++;
			} else if (tag == DW_TAG_unspecified_parameters && count) {
				fprintf(out, "%s...", between);
			} else {
				continue;
			}
			between = ", ";
		} while (dwarf_siblingof(&child, &child) == 0);
	}
	if (!count && sc_dwarf_flag(die, DW_AT_prototyped))
		fputs("void", out);
	fputc(')', out);
}
