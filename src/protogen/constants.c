/* SPDX-License-Identifier: MIT */
/*
 * Owns 10-constants.h: the enumerations of data/prototypes/constants, which have names alone, with the values that the
 * installed headers give them. What the headers do not know is left out. Called by main.c.
 */
#include <inttypes.h>
#include <string.h>

#include "protogen/protogen.h"

struct item {
	struct sc_token name;
	int64_t value;
	bool known;
};

static void print_value(int64_t value, bool hex)
{
	if (value >= 0 && (hex || value > 9999))
		printf("%#" PRIx64, (uint64_t)value);
	else
		printf("%" PRId64, value);
}

/* [[mask(O_ACCMODE)]]: the names in it are constants, too. */
static void print_attribute_token(const struct sc_values *values, const struct sc_token *token)
{
	int64_t value;

	if (token->kind == SC_TOKEN_WORD && sc_values_find(values, token, &value))
		print_value(value, true);
	else
		printf("%.*s", (int)token->length, token->text);
}

/* Reads one enumerator, with what stands behind its name; printed when it is known. Returns the token that ends it. */
static struct sc_token enumerator(const struct sc_values *values, const char **text, struct item *item, bool hex)
{
	bool expression = false;
	struct sc_token token;

	item->known = sc_values_find(values, &item->name, &item->value);
	if (item->known)
		printf("\t%.*s", (int)item->name.length, item->name.text);
	for (bool first = true;; first = false) {
		token = sc_scan_next(text);
		if (token.kind == SC_TOKEN_END)
			sc_protogen_die("a brace is not closed");
		if (token.kind == ',' || token.kind == '}')
			break;
		expression = expression || token.kind == '='; /* its value is known */
		if (!item->known || expression)
			continue;
		if (first)
			putchar(' ');
		print_attribute_token(values, &token);
	}
	if (item->known) {
		printf(" = ");
		print_value(item->value, hex);
		printf(",\n");
	}
	return token;
}

/* From behind the brace to the one that closes. */
static void enumerators(const struct sc_values *values, const char **text, bool hex, const struct sc_token *tag)
{
	struct sc_token token = sc_scan_next(text);
	bool any = false;

	putchar('\n');
	while (token.kind != '}') {
		struct item item = { .name = token };

		if (token.kind != SC_TOKEN_WORD)
			sc_protogen_die("expected the name of a constant at '%.20s'", token.text);
		token = enumerator(values, text, &item, hex);
		any = any || item.known;
		if (token.kind == ',')
			token = sc_scan_next(text);
	}
	if (!any)
		printf("\t%.*s_of_other_systems = -1,\n", (int)tag->length, tag->text);
	putchar('}');
}

int sc_protogen_constants(int argc, char **argv)
{
	const struct sc_values *values;
	struct sc_token tag = { .text = "" };
	const char *text, *copied;
	bool flags = false;

	if (argc != 2)
		sc_protogen_die("usage: protogen constants TEMPLATE OBJECT");
	copied = text = sc_protogen_read(argv[0]);
	values = sc_values_read(argv[1]);
	for (;;) {
		struct sc_token token = sc_scan_next(&text);

		if (token.kind == SC_TOKEN_WORD)
			tag = token;
		if (sc_token_is(&token, "enum"))
			flags = false;
		if (sc_token_is(&token, "flags"))
			flags = true;
		if (token.kind != '{' && token.kind != SC_TOKEN_END)
			continue;
		fwrite(copied, 1, (size_t)(text - copied), stdout);
		if (token.kind == SC_TOKEN_END)
			return 0;
		enumerators(values, &text, flags, &tag);
		copied = text;
	}
}
