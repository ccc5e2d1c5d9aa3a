/* SPDX-License-Identifier: MIT */
/*
 * Owns the numbers behind names of constants: the source that has the compiler say them, and their reading from its
 * debug information. What is no macro may be an enumerator of the headers. Called by main.c and constants.c.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/dwarf_internal.h"
#include "protogen/protogen.h"

#define PREFIX "sc_value_"

struct value {
	const char *name;
	int64_t value;
};

struct sc_values {
	struct value *all;
	size_t count;
};

/* `NAME = EXPRESSION`, for what is no constant of its own. */
static bool expression(const char **text, const struct sc_token *name)
{
	const char *at = *text;
	struct sc_token token = sc_scan_next(&at);
	size_t length;

	if (token.kind != '=')
		return false;
	length = strcspn(at, ",}");
	printf("enum { " PREFIX "%.*s = (%.*s) };\n", (int)name->length, name->text, (int)length, at);
	*text = at + length;
	return true;
}

int sc_protogen_values(int argc, char **argv)
{
	const char *text;
	size_t depth = 0;

	if (argc != 1)
		sc_protogen_die("usage: protogen values TEMPLATE");
	text = sc_protogen_read(argv[0]);
	for (;;) {
		struct sc_token token = sc_scan_next(&text);

		if (token.kind == SC_TOKEN_END)
			return 0;
		depth += token.kind == '{';
		depth -= token.kind == '}';
		if (!depth || token.kind != SC_TOKEN_WORD || expression(&text, &token))
			continue;
		/* A name may be in several sets. */
		printf("#if defined %2$.*1$s && !defined " PREFIX "%2$.*1$s\n"
		       "enum { " PREFIX "%2$.*1$s = (%2$.*1$s) };\n#define " PREFIX "%2$.*1$s\n#endif\n",
		       (int)token.length, token.text);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct value *)a)->name, ((const struct value *)b)->name);
}

static void read_enumerator(struct sc_values *values, Dwarf_Die *die, bool is_signed)
{
	const char *name = dwarf_diename(die);
	Dwarf_Attribute attribute;
	Dwarf_Sword value;
	Dwarf_Word word;

	if (!name || !dwarf_attr(die, DW_AT_const_value, &attribute))
		return;
	if (is_signed ? dwarf_formsdata(&attribute, &value) != 0 : dwarf_formudata(&attribute, &word) != 0)
		return;
	values->all = sc_protogen_grow(values->all, values->count + 1, sizeof(*values->all));
	values->all[values->count++] = (struct value){
		.name = name,
		.value = is_signed ? (int64_t)value : (int64_t)word,
	};
}

static void read_enum(struct sc_values *values, Dwarf_Die *die)
{
	bool is_signed = sc_dwarf_is_signed(die);
	Dwarf_Die child;

	for (int r = dwarf_child(die, &child); r == 0; r = dwarf_siblingof(&child, &child))
		read_enumerator(values, &child, is_signed);
}

struct sc_values *sc_values_read(const char *path)
{
	struct sc_values *values = sc_protogen_grow(NULL, 1, sizeof(*values));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
	Dwarf_CU *unit = NULL;
	Dwarf_Die unit_die, die;

	*values = (struct sc_values){ 0 };
	while (dwarf && dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &unit_die, NULL) == 0)
		for (int r = dwarf_child(&unit_die, &die); r == 0; r = dwarf_siblingof(&die, &die))
			if (dwarf_tag(&die) == DW_TAG_enumeration_type)
				read_enum(values, &die);
	if (!values->count)
		sc_protogen_die("cannot read values from '%s': %s", path, dwarf_errmsg(-1));
	qsort(values->all, values->count, sizeof(*values->all), compare);
	return values;
}

bool sc_values_find(const struct sc_values *values, const struct sc_token *token, int64_t *out)
{
	char name[256];
	struct value key = { .name = name }, *found;

	snprintf(name, sizeof(name), PREFIX "%.*s", (int)token->length, token->text);
	found = bsearch(&key, values->all, values->count, sizeof(key), compare);
	if (!found) {
		key.name = name + strlen(PREFIX);
		found = bsearch(&key, values->all, values->count, sizeof(key), compare);
	}
	if (found)
		*out = found->value;
	return found != NULL;
}
