/* SPDX-License-Identifier: MIT */
/*
 * Owns constant expressions: what enumerators, array bounds and notes are computed from, as a compiler would. Called by
 * the files that read prototypes.
 */
#include "common/proto_internal.h"

static struct sc_constant make(uint64_t value, bool is_unsigned, bool is_long)
{
	if (!is_long)
		value = is_unsigned ? (uint64_t)(uint32_t)value : (uint64_t)(int64_t)(int32_t)(uint32_t)value;
	return (struct sc_constant){ (int64_t)value, is_unsigned, is_long };
}

static struct sc_constant of_size(uint64_t size)
{
	return make(size, true, true);
}

/* sizeof and _Alignof, of types alone: expressions have no types here. */
static struct sc_constant read_size(struct sc_proto_reader *p, bool align)
{
	struct sc_token token;
	const struct sc_type *type;

	sc_lex_next(p);
	if (!sc_proto_expect(p, '(', "'('"))
		return of_size(0);
	token = p->token;
	type = sc_type_name_read(p);
	sc_proto_expect(p, ')', "')'");
	if (!sc_type_real(type)->complete)
		sc_proto_refuse(p, &token, "the size of this type is not known");
	return of_size(align ? sc_type_align(type) : sc_type_real(type)->size);
}

static struct sc_constant convert(struct sc_proto_reader *p, const struct sc_token *token, const struct sc_type *type,
				  struct sc_constant from)
{
	unsigned unused;

	type = sc_type_real(type);
	if (!sc_type_is_word(type)) {
		sc_proto_refuse(p, token, "a cast to what is no integer of at most 64 bits");
		return from;
	}
	if (type->kind == SC_TYPE_BOOL)
		return make(from.value != 0, false, false);
	unused = 64 - 8 * (unsigned)type->size;
	if (unused < 64 && type->is_signed)
		from.value = (int64_t)((uint64_t)from.value << unused) >> unused;
	else if (unused < 64)
		from.value = (int64_t)((uint64_t)from.value << unused >> unused);
	return make((uint64_t)from.value, !type->is_signed && type->size >= 4, type->size > 4);
}

static struct sc_constant read_bracket(struct sc_proto_reader *p)
{
	struct sc_token token;
	struct sc_constant value;

	sc_lex_next(p);
	token = p->token;
	if (sc_specifiers_begin(p)) {
		const struct sc_type *type = sc_type_name_read(p);

		sc_proto_expect(p, ')', "')'");
		return convert(p, &token, type, sc_expression_read(p, SC_PRECEDENCE_UNARY));
	}
	value = sc_expression_read(p, SC_PRECEDENCE_CONDITION);
	sc_proto_expect(p, ')', "')'");
	return value;
}

static struct sc_constant read_primary(struct sc_proto_reader *p)
{
	struct sc_token token = p->token;
	char shown[SC_TOKEN_SHOWN];

	switch (token.code) {
	case '(':
		return read_bracket(p);
	case SC_WORD_SIZEOF:
	case SC_WORD_ALIGNOF:
		return read_size(p, token.code == SC_WORD_ALIGNOF);
	case SC_TOKEN_NUMBER:
		sc_lex_next(p);
		return make(token.value, token.is_unsigned, token.is_long);
	case SC_TOKEN_WORD:
		if (token.word->is != SC_WORD_IS_CONSTANT) {
			sc_proto_refuse_name(p, &token, "constant", sc_word_is_constant);
			return of_size(0);
		}
		sc_lex_next(p);
		token.value = (uint64_t)*token.word->constant;
		return make(token.value, *token.word->constant > INT32_MAX && *token.word->constant <= UINT32_MAX,
			    *token.word->constant > UINT32_MAX || *token.word->constant < INT32_MIN);
	default:
		sc_proto_refuse(p, &token, "expected a number or a constant before %s", sc_token_show(&token, shown));
		return of_size(0);
	}
}

static struct sc_constant read_unary(struct sc_proto_reader *p)
{
	unsigned code = p->token.code;
	struct sc_constant value = { 0 };

	if (sc_proto_enter(p)) {
		if (code == '-' || code == '+' || code == '~' || code == '!') {
			sc_lex_next(p);
			value = read_unary(p);
		} else {
			value = read_primary(p);
		}
		if (code == '-')
			value = make(-(uint64_t)value.value, value.is_unsigned, value.is_long);
		else if (code == '~')
			value = make(~(uint64_t)value.value, value.is_unsigned, value.is_long);
		else if (code == '!')
			value = make(!value.value, false, false);
	}
	sc_proto_leave(p);
	return value;
}

/* How tightly a binary operator binds; 0: it is none. */
static unsigned precedence_of(unsigned code)
{
	switch (code) {
	case SC_TOKEN_OR:
		return 1;
	case SC_TOKEN_AND:
		return 2;
	case '|':
		return 3;
	case '^':
		return 4;
	case '&':
		return 5;
	case SC_TOKEN_EQUAL:
	case SC_TOKEN_NOT_EQUAL:
		return 6;
	case '<':
	case '>':
	case SC_TOKEN_LESS_EQUAL:
	case SC_TOKEN_GREATER_EQUAL:
		return 7;
	case SC_TOKEN_SHIFT_LEFT:
	case SC_TOKEN_SHIFT_RIGHT:
		return SC_PRECEDENCE_SHIFT;
	case '+':
	case '-':
		return 9;
	case '*':
	case '/':
	case '%':
		return 10;
	default:
		return 0;
	}
}

static bool is_less(struct sc_constant a, struct sc_constant b, bool is_unsigned)
{
	return is_unsigned ? (uint64_t)a.value < (uint64_t)b.value : a.value < b.value;
}

static uint64_t divide(struct sc_proto_reader *p, const struct sc_token *token, struct sc_constant a,
		       struct sc_constant b, bool is_unsigned)
{
	bool modulo = token->code == '%';

	if (!b.value || (!is_unsigned && b.value == -1 && a.value == INT64_MIN)) {
		sc_proto_refuse(p, token, "a division whose result is no number");
		return 0;
	}
	if (is_unsigned)
		return modulo ? (uint64_t)a.value % (uint64_t)b.value : (uint64_t)a.value / (uint64_t)b.value;
	return (uint64_t)(modulo ? a.value % b.value : a.value / b.value);
}

static struct sc_constant shift(struct sc_proto_reader *p, const struct sc_token *token, struct sc_constant a,
				struct sc_constant b)
{
	if ((uint64_t)b.value >= (a.is_long ? 64 : 32)) {
		sc_proto_refuse(p, token, "a shift by more bits than there are");
		return a;
	}
	if (token->code == SC_TOKEN_SHIFT_LEFT)
		return make((uint64_t)a.value << b.value, a.is_unsigned, a.is_long);
	return make(a.is_unsigned ? (uint64_t)a.value >> b.value : (uint64_t)(a.value >> b.value), a.is_unsigned,
		    a.is_long);
}

static struct sc_constant apply(struct sc_proto_reader *p, const struct sc_token *token, struct sc_constant a,
				struct sc_constant b)
{
	bool is_long = a.is_long || b.is_long;
	bool is_unsigned = (a.is_unsigned && a.is_long == is_long) || (b.is_unsigned && b.is_long == is_long);
	uint64_t x, y;

	if (precedence_of(token->code) == SC_PRECEDENCE_SHIFT)
		return shift(p, token, a, b);
	a = make((uint64_t)a.value, is_unsigned, is_long);
	b = make((uint64_t)b.value, is_unsigned, is_long);
	x = (uint64_t)a.value;
	y = (uint64_t)b.value;
	switch (token->code) {
	case SC_TOKEN_OR:
		return make(x || y, false, false);
	case SC_TOKEN_AND:
		return make(x && y, false, false);
	case SC_TOKEN_EQUAL:
		return make(x == y, false, false);
	case SC_TOKEN_NOT_EQUAL:
		return make(x != y, false, false);
	case '<':
		return make(is_less(a, b, is_unsigned), false, false);
	case '>':
		return make(is_less(b, a, is_unsigned), false, false);
	case SC_TOKEN_LESS_EQUAL:
		return make(!is_less(b, a, is_unsigned), false, false);
	case SC_TOKEN_GREATER_EQUAL:
		return make(!is_less(a, b, is_unsigned), false, false);
	case '|':
		return make(x | y, is_unsigned, is_long);
	case '^':
		return make(x ^ y, is_unsigned, is_long);
	case '&':
		return make(x & y, is_unsigned, is_long);
	case '+':
		return make(x + y, is_unsigned, is_long);
	case '-':
		return make(x - y, is_unsigned, is_long);
	case '*':
		return make(x * y, is_unsigned, is_long);
	default:
		return make(divide(p, token, a, b, is_unsigned), is_unsigned, is_long);
	}
}

/* Operators that bind at least as tightly as `loosest`, which is no condition. */
static struct sc_constant read_binary(struct sc_proto_reader *p, unsigned loosest)
{
	struct sc_constant left = read_unary(p);

	for (;;) {
		struct sc_token token = p->token;
		unsigned precedence = precedence_of(token.code);
		struct sc_constant right;

		if (!precedence || precedence < loosest)
			return left;
		sc_lex_next(p);
		if (!sc_proto_enter(p)) {
			sc_proto_leave(p);
			return left;
		}
		right = read_binary(p, precedence + 1);
		sc_proto_leave(p);
		left = apply(p, &token, left, right);
	}
}

struct sc_constant sc_expression_read(struct sc_proto_reader *p, enum sc_precedence loosest)
{
	struct sc_constant value, otherwise;

	if (loosest == SC_PRECEDENCE_UNARY)
		return read_unary(p);
	value = read_binary(p, loosest);
	if (loosest != SC_PRECEDENCE_CONDITION || !sc_lex_take(p, '?'))
		return value;
	if (sc_proto_enter(p)) {
		struct sc_constant then = sc_expression_read(p, SC_PRECEDENCE_CONDITION);

		sc_proto_expect(p, ':', "':'");
		otherwise = sc_expression_read(p, SC_PRECEDENCE_CONDITION);
		value = value.value ? then : otherwise;
	}
	sc_proto_leave(p);
	return value;
}
