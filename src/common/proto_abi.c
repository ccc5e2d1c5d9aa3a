/* SPDX-License-Identifier: MIT */
/*
 * Owns the classes of types and where values of them are passed: System V ABI, AMD64 supplement, 3.2.3. Called by
 * proto_capture.c, the command and typed clients.
 */
#include "common/proto_abi.h"

enum class {
	NO_CLASS,
	INTEGER,
	SSE,
	SSE_UP,
	X87,
	X87_UP,
	COMPLEX_X87,
	MEMORY,
};

/* A value of at most two eightbytes has a class for each. */
struct classes {
	enum class of[2];
};

static enum class merge(enum class a, enum class b)
{
	if (a == b || b == NO_CLASS)
		return a;
	if (a == NO_CLASS)
		return b;
	if (a == MEMORY || b == MEMORY)
		return MEMORY;
	if (a == INTEGER || b == INTEGER)
		return INTEGER;
	if (a >= X87 || b >= X87)
		return MEMORY;
	return SSE;
}

static void add(struct classes *out, uint64_t offset, enum class class)
{
	if (offset < 16)
		out->of[offset / 8] = merge(out->of[offset / 8], class);
}

static void classify(const struct sc_type *type, uint64_t offset, struct classes *out);

/* Bit-fields are classified by the bits they have, and never for being at an odd address. */
static void classify_member(const struct sc_member *member, uint64_t offset, struct classes *out)
{
	uint64_t at = (offset + member->offset) * 8 + member->bit_offset;

	if (!member->bit_width) {
		classify(member->type, offset + member->offset, out);
		return;
	}
	add(out, at / 8, INTEGER);
	add(out, (at + member->bit_width - 1) / 8, INTEGER);
}

static void classify_within(const struct sc_type *type, uint64_t offset, struct classes *out)
{
	uint64_t size;

	if (type->kind == SC_TYPE_ARRAY) {
		size = sc_type_real(type->target)->size;
		for (uint64_t i = 0; size && i < type->count && offset + i * size < 16; i++)
			classify(type->target, offset + i * size, out);
		return;
	}
	for (uint32_t i = 0; i < type->count; i++)
		classify_member(&type->members[i], offset, out);
}

static void classify_number(const struct sc_type *type, uint64_t offset, struct classes *out)
{
	switch (type->kind) {
	case SC_TYPE_FLOAT:
	case SC_TYPE_DOUBLE:
		add(out, offset, SSE);
		break;
	case SC_TYPE_COMPLEX_FLOAT:
		add(out, offset, SSE);
		add(out, offset + 4, SSE);
		break;
	case SC_TYPE_COMPLEX_DOUBLE:
		add(out, offset, SSE);
		add(out, offset + 8, SSE);
		break;
	case SC_TYPE_FLOAT128:
		add(out, offset, SSE);
		add(out, offset + 8, SSE_UP);
		break;
	case SC_TYPE_LONG_DOUBLE:
		add(out, offset, X87);
		add(out, offset + 8, X87_UP);
		break;
	case SC_TYPE_COMPLEX_LONG_DOUBLE:
		add(out, offset, COMPLEX_X87);
		break;
	default:
		add(out, offset, INTEGER);
		if (type->size == 16)
			add(out, offset + 8, INTEGER);
		break;
	}
}

static void classify(const struct sc_type *type, uint64_t offset, struct classes *out)
{
	unsigned align = sc_type_align(type);

	type = sc_type_real(type);
	if (!type->size)
		return;
	/* Only in packed structs is anything at an odd address: all of it is passed in memory then. */
	if (align > sc_type_align(type))
		align = sc_type_align(type);
	if (align && offset % align && type->kind != SC_TYPE_STRUCT && type->kind != SC_TYPE_UNION)
		out->of[0] = MEMORY;
	else if (type->kind == SC_TYPE_STRUCT || type->kind == SC_TYPE_UNION || type->kind == SC_TYPE_ARRAY)
		classify_within(type, offset, out);
	else
		classify_number(type, offset, out);
}

/* The classes of a whole value, after the last step of the algorithm: of[0] alone says MEMORY. */
static struct classes classes_of(const struct sc_type *type)
{
	struct classes out = { { NO_CLASS, NO_CLASS } };
	const struct sc_type *real = sc_type_real(type);

	if (real->size > 16 && real->kind != SC_TYPE_COMPLEX_LONG_DOUBLE) {
		out.of[0] = MEMORY;
		return out;
	}
	classify(type, 0, &out);
	if (out.of[1] == MEMORY || (out.of[1] == X87_UP && out.of[0] != X87))
		out.of[0] = MEMORY;
	if (out.of[1] == SSE_UP && out.of[0] != SSE)
		out.of[1] = SSE;
	return out;
}

static bool in_registers(const struct classes *classes)
{
	return classes->of[0] < X87 && classes->of[1] < X87;
}

static void take_registers(struct sc_abi_state *state, const struct classes *classes, unsigned words,
			   struct sc_abi_value *value)
{
	value->where = SC_ABI_PIECES;
	for (unsigned i = 0; i < words && i < 2; i++) {
		struct sc_abi_piece *piece = &value->pieces[value->piece_count++];

		if (classes->of[i] == INTEGER)
			*piece = (struct sc_abi_piece){ SC_ABI_GENERAL, (uint8_t)state->general++ };
		else if (classes->of[i] == SSE_UP)
			*piece = (struct sc_abi_piece){ SC_ABI_UPPER, (uint8_t)(state->vector - 1) };
		else if (classes->of[i] == NO_CLASS)
			*piece = (struct sc_abi_piece){ SC_ABI_PADDING, 0 };
		else
			*piece = (struct sc_abi_piece){ SC_ABI_VECTOR, (uint8_t)state->vector++ };
	}
}

static unsigned words_of(const struct sc_type *type)
{
	uint64_t size = sc_type_real(type)->size;

	return size > UINT32_MAX / 2 ? UINT32_MAX / 16 : (unsigned)((size + 7) / 8);
}

static void count_registers(const struct classes *classes, unsigned words, unsigned *general, unsigned *vector)
{
	*general = *vector = 0;
	for (unsigned i = 0; i < words && i < 2; i++) {
		*general += classes->of[i] == INTEGER;
		*vector += classes->of[i] == SSE;
	}
}

static void take_stack(struct sc_abi_state *state, const struct sc_type *type, struct sc_abi_value *value)
{
	unsigned align = sc_type_align(type) / 8, words = words_of(type);

	if (align > 1)
		state->stack = (state->stack + align - 1) / align * align;
	value->where = SC_ABI_STACK;
	value->stack_first = state->stack;
	value->stack_count = words;
	if (__builtin_add_overflow(state->stack, words, &state->stack))
		state->stack = UINT32_MAX / 2;
}

void sc_abi_next(struct sc_abi_state *state, const struct sc_type *type, struct sc_abi_value *value)
{
	struct classes classes = classes_of(type);
	unsigned words = words_of(type), general, vector;

	*value = (struct sc_abi_value){ .where = SC_ABI_NOTHING };
	if (!words)
		return;
	count_registers(&classes, words, &general, &vector);
	if (classes.of[0] == NO_CLASS && classes.of[1] == NO_CLASS)
		return; /* nothing but padding or empty members */
	if (in_registers(&classes) && state->general + general <= 6 && state->vector + vector <= 8)
		take_registers(state, &classes, words, value);
	else
		take_stack(state, type, value);
}

void sc_abi_begin(struct sc_abi_state *state, const struct sc_type *result, struct sc_abi_value *value)
{
	struct sc_abi_state returned = { 0 };
	struct classes classes = classes_of(result);
	unsigned words = words_of(result);

	*state = (struct sc_abi_state){ 0 };
	*value = (struct sc_abi_value){ .where = SC_ABI_NOTHING };
	if (!words || (classes.of[0] == NO_CLASS && classes.of[1] == NO_CLASS))
		return;
	if (in_registers(&classes)) {
		take_registers(&returned, &classes, words, value);
	} else if (classes.of[0] == X87 && (words == 1 || classes.of[1] == X87_UP)) {
		value->where = SC_ABI_X87;
	} else if (classes.of[0] == COMPLEX_X87) {
		value->where = SC_ABI_X87_PAIR;
	} else {
		value->where = SC_ABI_MEMORY;
		state->general = 1;
	}
}

unsigned sc_abi_place(const struct sc_abi_value *value)
{
	if (value->where == SC_ABI_PIECES && value->piece_count == 1 && value->pieces[0].kind == SC_ABI_GENERAL)
		return value->pieces[0].number;
	if (value->where == SC_ABI_STACK && value->stack_count == 1 && value->stack_first < SC_CAPTURE_STACK)
		return SC_PLACE_STACK + value->stack_first;
	return SC_PLACE_NONE;
}

unsigned sc_abi_parameter_place(const struct sc_type *function, unsigned number)
{
	struct sc_abi_state state;
	struct sc_abi_value value;

	sc_abi_begin(&state, function->target, &value);
	for (unsigned i = 0; i <= number && i < function->count; i++)
		sc_abi_next(&state, function->parameters[i].type, &value);
	return number < function->count ? sc_abi_place(&value) : SC_PLACE_NONE;
}
