/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of preprocessed headers: the names of the functions they declare, and of their parameters, which
 * debug information of mere declarations does not have. Of types nothing is understood here; those are the compiler's.
 * Called by refs.c and libc.c.
 */
#include <stdlib.h>
#include <string.h>

#include "protogen/protogen.h"

struct tokens {
	struct sc_token *all;
	size_t count, room;
};

static bool is_one_of(const struct sc_token *token, const char *const *words)
{
	for (; *words; words++)
		if (sc_token_is(token, *words))
			return true;
	return false;
}

/* Words that are followed by parentheses and declare nothing. */
static bool is_specifier(const struct sc_token *token)
{
	static const char *const words[] = { "__attribute__", "__attribute", "__asm__",	      "__asm",	 "asm",
					     "__typeof__",    "__typeof",    "typeof",	      "_Alignas", "_Alignof",
					     "__declspec",    "__alignof__", "_Static_assert", NULL };

	return is_one_of(token, words);
}

static bool is_qualifier(const struct sc_token *token)
{
	static const char *const words[] = { "const",	   "volatile",	 "restrict", "register", "__const",
					     "__restrict", "__volatile", "__const__", "__restrict__", "__volatile__",
					     "__extension__", NULL };

	return is_one_of(token, words);
}

static bool is_keyword(const struct sc_token *token)
{
	static const char *const words[] = { "auto",	 "bool",  "break",    "case",	"char",	  "continue", "default",
					     "do",	 "double", "else",    "enum",	"extern", "float",    "for",
					     "goto",	 "if",	  "inline",   "int",	"long",	  "return",   "short",
					     "signed",	 "sizeof", "static",  "struct", "switch", "typedef",  "union",
					     "unsigned", "void",  "while",    "_Bool",	"__int128", "_Complex", NULL };

	return is_one_of(token, words) || is_qualifier(token);
}

/* The index behind the parentheses (brackets) that open at `at`. */
static size_t behind(const struct sc_token *tokens, size_t at, size_t end, int open, int close)
{
	size_t depth = 0;

	for (; at < end; at++) {
		if (tokens[at].kind == open)
			depth++;
		else if (tokens[at].kind == close && --depth == 0)
			return at + 1;
	}
	return end;
}

/* Underscores in front are the headers' way to stay out of the user's names; nobody is in the way here. */
static char *plain_name(const struct sc_token *token)
{
	struct sc_token name = *token;

	while (name.length > 1 && name.text[0] == '_') {
		name.text++;
		name.length--;
	}
	if (is_keyword(&name) || (name.text[0] >= '0' && name.text[0] <= '9'))
		name = *token;
	return sc_protogen_copy(name.text, name.length);
}

/* The name in `(*name)`, or NULL. */
static const struct sc_token *name_in_parentheses(const struct sc_token *tokens, size_t from, size_t to)
{
	for (size_t i = from; i + 2 < to; i++) {
		if (tokens[i].kind != '(' || tokens[i + 1].kind != '*')
			continue;
		for (i += 2; i < to && is_qualifier(&tokens[i]); i++)
			;
		return i < to && tokens[i].kind == SC_TOKEN_WORD ? &tokens[i] : NULL;
	}
	return NULL;
}

/* The name of the parameter tokens[from..to): a last word that others or a star precede. */
static char *parameter_name(const struct sc_token *tokens, size_t from, size_t to)
{
	const struct sc_token *name = NULL, *inside = name_in_parentheses(tokens, from, to);
	bool typed = false, named = false;

	if (inside)
		return plain_name(inside);
	for (size_t i = from; i < to; i++) {
		if (tokens[i].kind == '[')
			break;
		if (is_specifier(&tokens[i])) {
			i = behind(tokens, i + 1, to, '(', ')') - 1;
			continue;
		}
		if (is_qualifier(&tokens[i]))
			continue;
		typed = typed || named || tokens[i].kind == '*';
		named = tokens[i].kind == SC_TOKEN_WORD && !is_keyword(&tokens[i]);
		typed = typed || (tokens[i].kind == SC_TOKEN_WORD && !named && !sc_token_is(&tokens[i], "struct") &&
				  !sc_token_is(&tokens[i], "union") && !sc_token_is(&tokens[i], "enum"));
		name = &tokens[i];
	}
	return typed && named ? plain_name(name) : NULL;
}

static void read_parameters(struct sc_declared *function, const struct sc_token *tokens, size_t from, size_t to)
{
	size_t depth = 0;

	for (size_t i = from, start = from; i <= to; i++) {
		if (i == to || (tokens[i].kind == ',' && !depth)) {
			function->parameters = sc_protogen_grow(function->parameters, function->parameter_count + 1,
								sizeof(*function->parameters));
			function->parameters[function->parameter_count++] = parameter_name(tokens, start, i);
			start = i + 1;
		} else if (tokens[i].kind == '(' || tokens[i].kind == '[') {
			depth++;
		} else if (tokens[i].kind == ')' || tokens[i].kind == ']') {
			depth--;
		}
	}
}

static void keep(struct sc_declared_list *list, const struct tokens *tokens, size_t name)
{
	struct sc_declared function = { 0 };
	size_t end = behind(tokens->all, name + 1, tokens->count, '(', ')');

	function.name = sc_protogen_copy(tokens->all[name].text, tokens->all[name].length);
	read_parameters(&function, tokens->all, name + 2, end - 1);
	list->functions = sc_protogen_grow(list->functions, list->count + 1, sizeof(*list->functions));
	list->functions[list->count++] = function;
}

/* The index of the name of the function that the tokens declare; their count when they declare none. */
static size_t find_function(const struct tokens *tokens)
{
	const struct sc_token *all = tokens->all;

	for (size_t i = 0; i + 1 < tokens->count; i++) {
		if (sc_token_is(&all[i], "typedef") || all[i].kind == '=')
			break;
		if (is_specifier(&all[i]))
			i = behind(all, i + 1, tokens->count, '(', ')') - 1;
		else if (all[i].kind == '{')
			i = behind(all, i, tokens->count, '{', '}') - 1;
		else if (all[i].kind == SC_TOKEN_WORD && all[i + 1].kind == '(' && !is_keyword(&all[i]))
			return i;
	}
	return tokens->count;
}

/* All tokens of the next declaration or definition; false at the end. */
static bool next_declaration(struct tokens *tokens, const char **text)
{
	size_t braces = 0;

	tokens->count = 0;
	for (;;) {
		struct sc_token token = sc_scan_next(text);

		if (token.kind == SC_TOKEN_END)
			return false;
		if (token.kind == ';' && !braces)
			return true;
		if (tokens->count == tokens->room) {
			tokens->room = tokens->room ? 2 * tokens->room : 256;
			tokens->all = sc_protogen_grow(tokens->all, tokens->room, sizeof(*tokens->all));
		}
		tokens->all[tokens->count++] = token;
		if (token.kind == '{')
			braces++;
		/* The body of a function ends what a struct's leaves open. */
		if (token.kind == '}' && --braces == 0 && find_function(tokens) < tokens->count)
			return true;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct sc_declared *first = a, *second = b;
	int order = strcmp(first->name, second->name);

	if (order)
		return order;
	/* Of several declarations the one that names its parameters. */
	return (second->parameter_count && second->parameters[0]) - (first->parameter_count && first->parameters[0]);
}

void sc_declared_read(struct sc_declared_list *list, const char *text)
{
	struct tokens tokens = { 0 };
	size_t kept = 0;

	*list = (struct sc_declared_list){ 0 };
	while (next_declaration(&tokens, &text)) {
		size_t name = find_function(&tokens);

		if (name < tokens.count)
			keep(list, &tokens, name);
	}
	free(tokens.all);
	if (!list->count)
		sc_protogen_die("the headers declare no function at all");
	qsort(list->functions, list->count, sizeof(*list->functions), by_name);
	for (size_t i = 0; i < list->count; i++)
		if (!kept || strcmp(list->functions[i].name, list->functions[kept - 1].name))
			list->functions[kept++] = list->functions[i];
	list->count = kept;
}

const struct sc_declared *sc_declared_find(const struct sc_declared_list *list, const char *name)
{
	for (size_t low = 0, high = list->count; low < high;) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, list->functions[middle].name);

		if (!order)
			return &list->functions[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
