/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a prototype to a program (typed.h): where proto_abi.h says that values are, as places in what the
 * preload keeps of a call. Called by typed.c.
 */
#include <errno.h>

#include "common/proto_abi.h"
#include "typed/typed_internal.h"

#define RAW_GENERAL 6
#define RAW_VECTOR 8

static struct sc_typed_piece piece_of(struct sc_abi_piece piece)
{
	if (piece.kind == SC_ABI_GENERAL)
		return (struct sc_typed_piece){ SC_TYPED_GENERAL, (uint16_t)(8 * piece.number) };
	return (struct sc_typed_piece){ SC_TYPED_VECTOR, (uint16_t)(16 * piece.number) };
}

/* Whether both lie side by side. */
static bool is_contiguous(const struct sc_abi_value *value)
{
	const struct sc_abi_piece *pieces = value->pieces;

	return pieces[1].kind == SC_ABI_UPPER || (pieces[0].kind == SC_ABI_GENERAL && pieces[1].kind == SC_ABI_GENERAL &&
						  pieces[1].number == pieces[0].number + 1);
}

static struct sc_typed_place place_of(struct sc_typed_program *program, const struct sc_abi_value *value)
{
	struct sc_typed_place place = { .area = SC_TYPED_STACK, .offset = 8 * value->stack_first };

	if (value->where == SC_ABI_STACK)
		return place;
	if (value->where == SC_ABI_PIECES && (value->piece_count == 1 || is_contiguous(value))) {
		place.area = piece_of(value->pieces[0]).area;
		place.offset = piece_of(value->pieces[0]).offset;
		return place;
	}
	place.area = SC_TYPED_GATHERED;
	place.offset = program->gathered;
	program->gathered += 16;
	for (unsigned i = 0; i < 2; i++)
		place.pieces[i] = i < value->piece_count && value->where == SC_ABI_PIECES ?
					  piece_of(value->pieces[i]) :
					  (struct sc_typed_piece){ SC_TYPED_GATHERED, (uint16_t)(place.offset + 8 * i) };
	return place;
}

static uint8_t word_of(struct sc_abi_piece piece)
{
	if (piece.kind == SC_ABI_GENERAL)
		return piece.number ? SC_TYPED_RDX : SC_TYPED_RAX;
	if (piece.kind == SC_ABI_UPPER)
		return SC_TYPED_XMM0_HIGH;
	return piece.number ? SC_TYPED_XMM1 : SC_TYPED_XMM0;
}

static void put_result(struct sc_typed_program *program, const struct sc_type *type, const struct sc_abi_value *value)
{
	static const uint8_t results[] = {
		[SC_ABI_NOTHING] = SC_TYPED_NOTHING, [SC_ABI_PIECES] = SC_TYPED_PIECES,
		[SC_ABI_MEMORY] = SC_TYPED_MEMORY,   [SC_ABI_X87] = SC_TYPED_X87,
		[SC_ABI_X87_PAIR] = SC_TYPED_X87_PAIR,
	};

	program->result = results[value->where];
	program->result_size = type->kind == SC_TYPE_VOID ? 0 : type->size;
	program->result_signed = type->is_signed;
	program->result_integer = type->kind == SC_TYPE_BOOL || type->kind == SC_TYPE_CHAR ||
				  type->kind == SC_TYPE_INTEGER || type->kind == SC_TYPE_ENUM;
	program->result_words = value->where == SC_ABI_PIECES ? value->piece_count : 0;
	for (unsigned i = 0; i < program->result_words; i++)
		program->result_word[i] = word_of(value->pieces[i]);
}

/* libffi's, where it has all of the types. */
static void make_cif(struct sc_typed_program *program, const struct sc_type *function)
{
	ffi_type **types = sc_arena_array(&sc_typed_arena, function->count + 1, sizeof(*types));
	ffi_cif *cif = sc_arena_alloc(&sc_typed_arena, sizeof(*cif));
	ffi_type *result = sc_typed_type(function->target, true);

	for (uint32_t i = 0; types && i < function->count; i++) {
		types[i] = sc_typed_type(function->parameters[i].type, false);
		if (!types[i])
			return;
	}
	if (types && cif && result && ffi_prep_cif(cif, FFI_DEFAULT_ABI, function->count, result, types) == FFI_OK)
		program->cif = cif;
}

static bool can_pass(const struct sc_type *type)
{
	type = sc_type_real(type);
	return type->complete && type->kind != SC_TYPE_FUNCTION && type->kind != SC_TYPE_ARRAY;
}

static bool is_passable(const struct sc_type *function)
{
	const struct sc_type *result = sc_type_real(function->target);

	for (uint32_t i = 0; i < function->count; i++)
		if (!can_pass(function->parameters[i].type))
			return false;
	return result->kind == SC_TYPE_VOID || can_pass(result);
}

static void fill_raw(struct sc_typed_program *program)
{
	for (uint32_t i = 0; i < RAW_GENERAL; i++)
		program->places[i] = (struct sc_typed_place){ .area = SC_TYPED_GENERAL, .offset = 8 * i };
	for (uint32_t i = 0; i < RAW_VECTOR; i++)
		program->places[RAW_GENERAL + i] = (struct sc_typed_place){ .area = SC_TYPED_VECTOR, .offset = 16 * i };
	program->result = SC_TYPED_PIECES;
	program->result_words = 1;
	program->result_word[0] = SC_TYPED_RAX;
	program->result_size = 8;
}

static void fill(struct sc_typed_program *program, const struct sc_type *function)
{
	struct sc_abi_state state;
	struct sc_abi_value value;

	sc_abi_begin(&state, function->target, &value);
	put_result(program, sc_type_real(function->target), &value);
	for (uint32_t i = 0; i < function->count; i++) {
		sc_abi_next(&state, function->parameters[i].type, &value);
		program->places[i] = place_of(program, &value);
	}
	program->typed = true;
	program->variadic = function->variadic;
	program->general = state.general < RAW_GENERAL ? state.general : RAW_GENERAL;
	program->vector = state.vector < RAW_VECTOR ? state.vector : RAW_VECTOR;
	program->stack = state.stack;
	make_cif(program, function);
}

int sc_typed_program_make(const struct sc_type *function, const struct sc_typed_program **out)
{
	uint32_t count = function ? function->count : RAW_GENERAL + RAW_VECTOR;
	struct sc_typed_program *program;

	if (function && !is_passable(function))
		return -ENOTSUP;
	program = sc_arena_alloc(&sc_typed_arena, sizeof(*program) + count * sizeof(program->places[0]));
	if (!program)
		return -ENOMEM;
	program->count = count;
	if (function)
		fill(program, function);
	else
		fill_raw(program);
	*out = program;
	return 0;
}
