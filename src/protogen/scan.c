/* SPDX-License-Identifier: MIT */
/*
 * Owns the tokens of C, as far as declarations in headers have them. Called by declared.c and constants.c.
 */
#include <ctype.h>
#include <string.h>

#include "protogen/protogen.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* A line that begins with # is one when nothing but blanks stands before it. */
static const char *skip(const char *at, bool line_start)
{
	for (;;) {
		if (*at == '\n') {
			line_start = true;
			at++;
		} else if (isspace((unsigned char)*at)) {
			at++;
		} else if (*at == '#' && line_start) {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '/') {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			const char *end = strstr(at + 2, "*/");

			at = end ? end + 2 : at + strlen(at);
		} else {
			return at;
		}
	}
}

static const char *skip_quoted(const char *at)
{
	char quote = *at++;

	while (*at && *at != quote)
		at += at[0] == '\\' && at[1] ? 2 : 1;
	return *at ? at + 1 : at;
}

struct sc_token sc_scan_next(const char **text)
{
	const char *at = skip(*text, true), *start = at;
	struct sc_token token = { .kind = SC_TOKEN_END, .text = at };

	if (*at == '"' || *at == '\'') {
		token.kind = SC_TOKEN_OTHER;
		at = skip_quoted(at);
	} else if (is_word(*at)) {
		token.kind = isdigit((unsigned char)*at) ? SC_TOKEN_OTHER : SC_TOKEN_WORD;
		while (is_word(*at) || (token.kind == SC_TOKEN_OTHER && *at == '.'))
			at++;
	} else if (*at) {
		token.kind = (unsigned char)*at++;
	}
	token.length = (size_t)(at - start);
	*text = at;
	return token;
}

bool sc_token_is(const struct sc_token *token, const char *word)
{
	return token->kind == SC_TOKEN_WORD && strlen(word) == token->length &&
	       !memcmp(token->text, word, token->length);
}
