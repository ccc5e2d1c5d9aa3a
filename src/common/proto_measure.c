/* SPDX-License-Identifier: MIT */
/*
 * Owns what notes compute from parameters: lengths, and conditions of variants. Called by proto_notes.c.
 */
#include <string.h>

#include "common/proto_internal.h"

#define CONDITIONS_MOST 16

unsigned sc_scope_find(const struct sc_proto_reader *p, const struct sc_token *token)
{
	for (unsigned i = 0; i < p->scope.count; i++)
		if (token->word && p->scope.parameters[i].name == token->word->text) /* names are words' texts */
			return i;
	return SC_PARAMETER_NONE;
}

static void add_factor(struct sc_proto_reader *p, const struct sc_token *token, struct sc_measure *out,
		       enum sc_factor_kind kind, unsigned parameter)
{
	if (out->factor_count == SC_FACTORS) {
		sc_proto_refuse(p, token, "more than %d factors that are known only in the call", SC_FACTORS);
		return;
	}
	out->factors[out->factor_count++] = (struct sc_factor){ (uint8_t)kind, (uint8_t)parameter };
}

static unsigned find_parameter(struct sc_proto_reader *p, const struct sc_token *token)
{
	unsigned number = sc_scope_find(p, token);
	char shown[SC_TOKEN_SHOWN];

	if (number == SC_PARAMETER_NONE)
		sc_proto_refuse(p, token, "no parameter is called %s", sc_token_show(token, shown));
	return number;
}

/* *n: the number that a pointer points to. */
static void read_pointed(struct sc_proto_reader *p, struct sc_measure *out)
{
	struct sc_token token;
	const struct sc_type *type;
	unsigned number;

	sc_lex_next(p);
	token = p->token;
	number = find_parameter(p, &token);
	if (p->failed)
		return;
	type = sc_type_real(p->scope.parameters[number].type);
	if (type->kind != SC_TYPE_POINTER || !sc_type_is_word(type->target) || sc_type_real(type->target)->size < 4)
		sc_proto_refuse(p, &token, "this is no pointer to a 32- or 64-bit integer");
	add_factor(p, &token, out, SC_FACTOR_POINTED, number);
	sc_lex_next(p);
}

static void read_constant(struct sc_proto_reader *p, struct sc_measure *out)
{
	struct sc_token token = p->token;
	int64_t value = sc_expression_read(p, SC_PRECEDENCE_UNARY).value;
	uint32_t times;

	if (value < 1 || value > INT32_MAX || __builtin_mul_overflow(out->times, (uint32_t)value, &times))
		sc_proto_refuse(p, &token, "a size is positive and less than 2 GiB");
	else
		out->times = times;
}

static void read_factor(struct sc_proto_reader *p, bool may_return, struct sc_measure *out)
{
	struct sc_token token = p->token;
	unsigned number;

	if (sc_lex_is(p, '*')) {
		read_pointed(p, out);
	} else if (token.code == SC_TOKEN_WORD && !strcmp(token.word->text, "return")) {
		if (!may_return)
			sc_proto_refuse(p, &token, "what is returned is not known at the entry");
		add_factor(p, &token, out, SC_FACTOR_RETURN, SC_PARAMETER_NONE);
		sc_lex_next(p);
	} else if (token.code == SC_TOKEN_WORD && !sc_word_is_constant(token.word)) {
		number = find_parameter(p, &token);
		if (!p->failed && !sc_type_is_word(p->scope.parameters[number].type))
			sc_proto_refuse(p, &token, "'%.60s' is no integer", token.word->text);
		add_factor(p, &token, out, SC_FACTOR_PARAMETER, number);
		sc_lex_next(p);
	} else {
		read_constant(p, out);
	}
}

void sc_measure_read(struct sc_proto_reader *p, bool may_return, struct sc_measure *out)
{
	*out = (struct sc_measure){ .times = 1 };
	if (!sc_proto_expect(p, '(', "'('"))
		return;
	do
		read_factor(p, may_return, out);
	while (sc_lex_take(p, '*'));
	sc_proto_expect(p, ')', "'*' or ')'");
}

static void read_condition(struct sc_proto_reader *p, struct sc_condition *out)
{
	struct sc_token token = p->token;
	unsigned number = find_parameter(p, &token);
	int64_t value;

	if (!p->failed && !sc_type_is_word(p->scope.parameters[number].type))
		sc_proto_refuse(p, &token, "'%.60s' is no integer", token.word->text);
	sc_lex_next(p);
	out->parameter = (uint8_t)number;
	out->equal = sc_lex_is(p, SC_TOKEN_EQUAL);
	if (!out->equal && !sc_lex_is(p, '&'))
		sc_proto_refuse_here(p, "'==' or '&'");
	sc_lex_next(p);
	token = p->token;
	value = sc_expression_read(p, SC_PRECEDENCE_SHIFT).value;
	if (value < INT32_MIN || value > UINT32_MAX)
		sc_proto_refuse(p, &token, "a case compares 32 bits");
	out->value = (uint32_t)value;
}

void sc_condition_read(struct sc_proto_reader *p, struct sc_proto *proto)
{
	struct sc_condition all[CONDITIONS_MOST], *kept;
	unsigned count = 0;

	if (!sc_proto_expect(p, '(', "'('"))
		return;
	do {
		if (count == CONDITIONS_MOST) {
			sc_proto_refuse(p, &p->token, "more than %d conditions", CONDITIONS_MOST);
			return;
		}
		all[count] = (struct sc_condition){ 0 };
		read_condition(p, &all[count++]);
	} while (sc_lex_take(p, SC_TOKEN_OR));
	sc_proto_expect(p, ')', "'||' or ')'");
	if (p->failed)
		return;
	kept = sc_proto_alloc(p, count * sizeof(*kept));
	memcpy(kept, all, count * sizeof(*kept));
	proto->conditions = kept;
	proto->condition_count = count;
}
