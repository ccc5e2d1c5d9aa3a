/* SPDX-License-Identifier: MIT */
/*
 * Owns what is said of declarations that are not understood: messages, and the words that may have been meant. Called by
 * the files that read prototypes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/proto_internal.h"
#include "common/rules.h"

void sc_proto_refuse(struct sc_proto_reader *p, const struct sc_token *token, const char *format, ...)
{
	struct sc_proto_errors *errors = p->errors;
	int saved = errno;
	va_list arguments;

	if (p->failed || p->recovering)
		return;
	if (errors && errors->count < SC_PROTO_ERRORS) {
		struct sc_proto_error *error = &errors->errors[errors->count];

		error->line = token->place.line;
		error->column = (unsigned)(token->place.at - token->place.line_start) + 1;
		va_start(arguments, format);
		vsnprintf(error->message, sizeof(error->message), format, arguments);
		va_end(arguments);
		errno = saved;
	}
	if (errors)
		errors->count++;
	p->failed = true;
	p->failed_at = p->token.place;
	p->token.code = SC_TOKEN_END;
}

const char *sc_token_show(const struct sc_token *token, char out[SC_TOKEN_SHOWN])
{
	size_t length = token->length < SC_TOKEN_SHOWN - 3 ? token->length : SC_TOKEN_SHOWN - 3;

	if (token->code == SC_TOKEN_END)
		return "the end of the text";
	out[0] = '\'';
	for (size_t i = 0; i < length; i++) {
		char c = token->place.at[i];

		out[1 + i] = c >= ' ' && c <= '~' ? c : '?';
	}
	out[1 + length] = '\'';
	out[2 + length] = '\0';
	return out;
}

/* A ';' that was forgotten at the end of a line is where the next line begins: nothing needs to be skipped. */
static bool begins_line(const struct sc_token *token)
{
	const char *at = token->place.line_start;

	while (at < token->place.at && (*at == ' ' || *at == '\t'))
		at++;
	return at == token->place.at;
}

void sc_proto_expect_end(struct sc_proto_reader *p)
{
	if (p->failed || p->token.code == ';' || (p->one && p->token.code == SC_TOKEN_END))
		return;
	p->missing_end = p->token.code >= SC_TOKEN_WORD && begins_line(&p->token);
	sc_proto_refuse_here(p, "';'");
}

void sc_proto_refuse_here(struct sc_proto_reader *p, const char *what)
{
	char shown[SC_TOKEN_SHOWN];

	sc_proto_refuse(p, &p->token, "expected %s before %s", what, sc_token_show(&p->token, shown));
}

bool sc_proto_expect(struct sc_proto_reader *p, unsigned code, const char *what)
{
	if (sc_lex_take(p, code))
		return true;
	sc_proto_refuse_here(p, what);
	return false;
}

bool sc_word_is_type(const struct sc_word *word)
{
	unsigned code = word->keyword + SC_TOKEN_KEYWORD - 1u;

	return word->is == SC_WORD_IS_TYPE || (word->keyword && code >= SC_WORD_CONST && code <= SC_WORD_ENUM);
}

bool sc_word_is_constant(const struct sc_word *word)
{
	return word->is == SC_WORD_IS_CONSTANT;
}

bool sc_word_is_enum(const struct sc_word *word)
{
	return word->tag && word->tag->kind == SC_TYPE_ENUM;
}

bool sc_word_is_function(const struct sc_word *word)
{
	return word->function != NULL;
}

const struct sc_word *sc_proto_nearest(const struct sc_proto_tables *tables, const char *typed,
				       bool (*fits)(const struct sc_word *word))
{
	size_t length = strlen(typed);
	unsigned most = length > 3 ? 2 : 1;
	const struct sc_word *best = NULL;

	for (uint32_t i = 0; i < tables->bucket_count; i++) {
		for (const struct sc_word *word = tables->buckets[i]; word; word = word->next) {
			unsigned distance;

			if (word->length > length + most || word->length + most < length || !fits(word))
				continue;
			distance = sc_name_distance(typed, word->text, most);
			if (distance > most || !distance)
				continue;
			best = word;
			if (distance == 1)
				return best;
			most = distance - 1; /* from here on only a nearer one will do */
		}
	}
	return best;
}

void sc_proto_refuse_name(struct sc_proto_reader *p, const struct sc_token *token, const char *kind,
			  bool (*fits)(const struct sc_word *word))
{
	const struct sc_word *nearest = NULL;
	char shown[SC_TOKEN_SHOWN];

	if (p->failed)
		return;
	if (token->word && p->errors && p->errors->count < SC_PROTO_ERRORS)
		nearest = sc_proto_nearest(p->tables, token->word->text, fits);
	sc_token_show(token, shown);
	if (nearest)
		sc_proto_refuse(p, token, "unknown %s %s: did you mean '%.60s'?", kind, shown, nearest->text);
	else
		sc_proto_refuse(p, token, "unknown %s %s", kind, shown);
}

bool sc_proto_enter(struct sc_proto_reader *p)
{
	if (++p->nesting <= SC_PROTO_NESTING)
		return true;
	sc_proto_refuse(p, &p->token, "more than %d levels one in the other", SC_PROTO_NESTING);
	return false;
}

void sc_proto_leave(struct sc_proto_reader *p)
{
	if (p->nesting)
		p->nesting--;
}
