/* SPDX-License-Identifier: MIT */
/*
 * Owns the writer of C declarations: its names, what it was asked for, and what comes out in which order. How a type is
 * spelled is dwarf_declare.c's matter, what it needs before it dwarf_types.c's. Called by proto_import.c and
 * src/protogen.
 */
#include "cmd/dwarf_c.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/dwarf_internal.h"

/* What stands for a type in a unit of its own leads to that one. */
bool sc_dwarf_type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attribute;
	Dwarf_Die whole;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, type))
		return false;
	if (dwarf_attr(type, DW_AT_signature, &attribute) && dwarf_formref_die(&attribute, &whole))
		*type = whole;
	return true;
}

bool sc_dwarf_is_qualifier(int tag)
{
	return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type || tag == DW_TAG_restrict_type ||
	       tag == DW_TAG_atomic_type;
}

bool sc_dwarf_is_struct(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type || tag == DW_TAG_class_type;
}

bool sc_dwarf_spelled(Dwarf_Die *die, Dwarf_Die *type)
{
	if (!sc_dwarf_type_of(die, type))
		return false;
	while (dwarf_tag(type) == DW_TAG_typedef && !sc_dwarf_is_c(type))
		if (!sc_dwarf_type_of(type, type))
			return false;
	return true;
}

bool sc_dwarf_unqualified(Dwarf_Die *die, Dwarf_Die *type)
{
	*type = *die;
	while (sc_dwarf_is_qualifier(dwarf_tag(type)))
		if (!sc_dwarf_spelled(type, type))
			return false;
	return true;
}

bool sc_dwarf_stripped(Dwarf_Die *die, Dwarf_Die *type)
{
	*type = *die;
	while (sc_dwarf_is_qualifier(dwarf_tag(type)) || dwarf_tag(type) == DW_TAG_typedef)
		if (!sc_dwarf_type_of(type, type))
			return false;
	return true;
}

bool sc_dwarf_flag(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	bool flag;

	return dwarf_attr_integrate(die, attribute, &found) && dwarf_formflag(&found, &flag) == 0 && flag;
}

bool sc_dwarf_number(Dwarf_Die *die, unsigned attribute, uint64_t *value)
{
	Dwarf_Attribute found;
	Dwarf_Word word;

	if (!dwarf_attr_integrate(die, attribute, &found) || dwarf_formudata(&found, &word) != 0)
		return false;
	*value = word;
	return true;
}

bool sc_dwarf_is_signed(Dwarf_Die *die)
{
	uint64_t encoding = DW_ATE_signed;
	Dwarf_Die type;

	if (sc_dwarf_type_of(die, &type))
		sc_dwarf_number(&type, DW_AT_encoding, &encoding);
	return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

bool sc_dwarf_is_va_list(Dwarf_Die *die)
{
	Dwarf_Die target;
	const char *name;

	if (dwarf_tag(die) != DW_TAG_pointer_type || !sc_dwarf_type_of(die, &target))
		return false;
	name = dwarf_diename(&target);
	return name && !strcmp(name, "__va_list_tag");
}

bool sc_dwarf_is_c(Dwarf_Die *die)
{
	Dwarf_Die unit;

	if (!dwarf_diecu(die, &unit, NULL, NULL))
		return false;
	switch (dwarf_srclang(&unit)) {
	case DW_LANG_C89:
	case DW_LANG_C:
	case DW_LANG_C99:
	case DW_LANG_C11:
		return true;
	default:
		return dwarf_tag(&unit) == DW_TAG_partial_unit && dwarf_srclang(&unit) < 0;
	}
}

static int compare(const void *a, const void *b)
{
	const struct sc_dwarf_type *first = a, *second = b;

	if (first->typedefed != second->typedefed)
		return first->typedefed ? 1 : -1;
	return strcmp(first->name, second->name);
}

/* What no C compiler takes in a name becomes an underscore: templates, namespaces, operators. */
static void make_identifier(char *name)
{
	for (char *at = name; *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$", *at))
			*at = '_';
}

static struct sc_dwarf_type *add_type(struct sc_dwarf_c *writer, Dwarf_Die *die, const char *name)
{
	struct sc_dwarf_type *type = calloc(1, sizeof(*type));
	void *found;

	if (type)
		type->name = strdup(name);
	if (!type || !type->name) {
		free(type);
		writer->error = -ENOMEM;
		return NULL;
	}
	make_identifier(type->name);
	type->typedefed = dwarf_tag(die) == DW_TAG_typedef;
	found = tsearch(type, &writer->tree, compare);
	if (!found || *(struct sc_dwarf_type **)found != type) {
		free(type->name);
		free(type);
		if (!found)
			writer->error = -ENOMEM;
		return found ? *(struct sc_dwarf_type **)found : NULL;
	}
	*writer->last = type;
	writer->last = &type->next;
	return type;
}

struct sc_dwarf_type *sc_dwarf_named(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	struct sc_dwarf_type *type;

	if (!name)
		return NULL;
	type = add_type(writer, die, name);
	if (type && !type->whole && type->state == SC_DWARF_NEW) {
		type->die = *die;
		type->whole = !sc_dwarf_flag(die, DW_AT_declaration);
	} else if (type && !type->whole && !sc_dwarf_flag(die, DW_AT_declaration)) {
		type->die = *die;
		type->whole = true;
	}
	return type;
}

static bool is_named_type(int tag)
{
	return sc_dwarf_is_struct(tag) || tag == DW_TAG_typedef || tag == DW_TAG_enumeration_type;
}

/* Types of other languages are not indexed: they are whole, or opaque, where they stand. */
void sc_dwarf_c_add(struct sc_dwarf_c *writer, Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die unit_die, die;

	while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &unit_die, NULL) == 0) {
		if (dwarf_child(&unit_die, &die) != 0 || !sc_dwarf_is_c(&die))
			continue;
		do {
			if (is_named_type(dwarf_tag(&die)))
				sc_dwarf_named(writer, &die);
		} while (dwarf_siblingof(&die, &die) == 0);
	}
}

void sc_dwarf_c_note(struct sc_dwarf_c *writer, const char *name, const char *attribute)
{
	for (struct sc_dwarf_type *type = writer->first; type; type = type->next)
		if (type->typedefed && !strcmp(type->name, name))
			type->note = attribute;
}

struct sc_dwarf_c *sc_dwarf_c_new(void)
{
	struct sc_dwarf_c *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->last = &writer->first;
	writer->queue_last = &writer->queue;
	writer->types = open_memstream(&writer->types_text, &writer->types_size);
	if (writer->types)
		return writer;
	free(writer);
	return NULL;
}

void sc_dwarf_c_free(struct sc_dwarf_c *writer)
{
	if (!writer)
		return;
	for (struct sc_dwarf_type *type = writer->first, *next; type; type = next) {
		next = type->next;
		tdelete(type, &writer->tree, compare);
		free(type->name);
		free(type);
	}
	for (size_t i = 0; i < writer->function_count; i++) {
		free(writer->functions[i].name);
		free(writer->functions[i].text);
	}
	free(writer->functions);
	sc_dwarf_check_free(writer);
	if (writer->types)
		fclose(writer->types);
	free(writer->types_text);
	free(writer);
}

/* Where a subprogram's parameters stand: an instance that was compiled may have lost some of them. */
static void find_origin(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;

	for (int i = 0; i < SC_DWARF_DEEPEST; i++)
		if (!dwarf_attr(die, DW_AT_abstract_origin, &attribute) || !dwarf_formref_die(&attribute, die))
			break;
}

static void need_sound(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	Dwarf_Die type;

	if (!sc_dwarf_type_of(die, &type))
		return;
	if (sc_dwarf_sound(writer, &type, false))
		sc_dwarf_need(writer, &type, true);
	else
		writer->unsaid = SC_DWARF_UNSOUND;
}

/* Everything a function needs by name. */
static void need_function(struct sc_dwarf_c *writer, Dwarf_Die *die)
{
	Dwarf_Die child;

	need_sound(writer, die);
	if (dwarf_child(die, &child) != 0)
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_formal_parameter)
			need_sound(writer, &child);
		else if (dwarf_tag(&child) == DW_TAG_GNU_formal_parameter_pack)
			writer->unsaid = "it takes a pack of parameters";
	} while (dwarf_siblingof(&child, &child) == 0);
}

static void write_function(struct sc_dwarf_c *writer, FILE *out, const struct sc_dwarf_function *function,
			   Dwarf_Die *die)
{
	Dwarf_Die type;
	char *head = NULL;
	size_t size;
	FILE *inner = open_memstream(&head, &size);

	if (!inner) {
		writer->error = -ENOMEM;
		return;
	}
	fputs(function->name, inner);
	sc_dwarf_parameters(writer, inner, die, function);
	if (fclose(inner) == 0) {
		fputs(function->attributes ? function->attributes : "", out);
		sc_dwarf_declare(writer, out, sc_dwarf_spelled(die, &type) ? &type : NULL, head, 0);
		fputs(";\n", out);
	} else {
		writer->error = -ENOMEM;
	}
	free(head);
}

static void keep_function(struct sc_dwarf_c *writer, const char *name, char *text)
{
	struct sc_dwarf_text *grown =
		reallocarray(writer->functions, writer->function_count + 1, sizeof(*writer->functions));
	char *copy = strdup(name);

	if (grown)
		writer->functions = grown;
	if (!grown || !copy) {
		free(copy);
		free(text);
		writer->error = -ENOMEM;
		return;
	}
	grown[writer->function_count++] = (struct sc_dwarf_text){ .name = copy, .text = text };
}

const char *sc_dwarf_c_function(struct sc_dwarf_c *writer, const struct sc_dwarf_function *function, Dwarf_Die *given)
{
	Dwarf_Die die = *given;
	char *text = NULL;
	size_t size;
	FILE *out;

	find_origin(&die);
	writer->unsaid = NULL;
	need_function(writer, &die);
	sc_dwarf_drain(writer);
	if (writer->unsaid)
		return writer->unsaid;
	out = open_memstream(&text, &size);
	if (!out) {
		writer->error = -ENOMEM;
		return NULL;
	}
	write_function(writer, out, function, &die);
	if (fclose(out) != 0)
		writer->error = -ENOMEM;
	if (writer->error)
		free(text);
	else
		keep_function(writer, function->name, text);
	return NULL;
}

void sc_dwarf_c_all_types(struct sc_dwarf_c *writer)
{
	for (struct sc_dwarf_type *type = writer->first; type; type = type->next)
		if (dwarf_tag(&type->die) != DW_TAG_enumeration_type)
			sc_dwarf_need(writer, &type->die, type->whole);
	sc_dwarf_drain(writer);
	writer->unsaid = NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct sc_dwarf_text *first = a, *second = b;

	return strcmp(first->name, second->name);
}

int sc_dwarf_c_finish(struct sc_dwarf_c *writer, FILE *out)
{
	if (fflush(writer->types) != 0)
		writer->error = -ENOMEM;
	if (writer->error)
		return writer->error;
	fwrite(writer->types_text, 1, writer->types_size, out);
	fputc('\n', out);
	if (writer->function_count)
		qsort(writer->functions, writer->function_count, sizeof(*writer->functions), by_name);
	for (size_t i = 0; i < writer->function_count; i++)
		fputs(writer->functions[i].text, out);
	return ferror(out) ? -EIO : 0;
}
