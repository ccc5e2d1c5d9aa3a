/* SPDX-License-Identifier: MIT */
/*
 * Owns where things of a call are: which variant of the prototype holds, which arguments there are, printf's included,
 * in which registers and words, and whether the call has failed. Called by line_call.c and by what shows calls otherwise.
 */
#include <string.h>

#include "cmd/line_call.h"

#define FORMAT_ARGUMENTS 64
#define UNKNOWN_ARGUMENTS 6

static bool word_of(const struct sc_event_words *words, const struct sc_abi_piece *piece, uint64_t *out)
{
	if (piece->kind == SC_ABI_GENERAL && piece->number < words->general_count)
		*out = words->general[piece->number];
	else if (piece->kind == SC_ABI_VECTOR && piece->number < words->vector_count)
		*out = words->vector[piece->number];
	else
		return false;
	return true;
}

static size_t fetch_pieces(const struct sc_event_words *words, const struct sc_abi_value *place, unsigned char *out,
			   size_t size)
{
	size_t done = 0;

	for (unsigned i = 0; i < place->piece_count && done < size; i++) {
		size_t part = size - done < 8 ? size - done : 8;
		uint64_t word;

		if (!word_of(words, &place->pieces[i], &word))
			break;
		memcpy(out + done, &word, part);
		done += part;
	}
	return done;
}

size_t sc_line_fetch(const struct sc_event *event, const struct sc_abi_value *place, bool returned, unsigned char *out,
		     size_t size)
{
	struct sc_event_words words;
	const uint64_t *from = NULL;
	size_t there = 0;

	if (!event)
		return 0;
	words = sc_event_words(event);
	if (place->where == SC_ABI_PIECES)
		return fetch_pieces(&words, place, out, size);
	if (place->where == SC_ABI_STACK && !returned && place->stack_first < words.stack_count) {
		from = words.stack + place->stack_first;
		there = words.stack_count - place->stack_first;
	} else if ((place->where == SC_ABI_X87 || place->where == SC_ABI_X87_PAIR) && returned) {
		from = words.x87;
		there = 2u * words.x87_count;
	} else if (place->where == SC_ABI_MEMORY && returned && words.general_count) {
		from = words.general;
		there = 1;
	}
	if (size > 8 * there)
		size = 8 * there;
	if (size)
		memcpy(out, from, size);
	return size;
}

/* ---- arguments ---- */

static struct sc_line_argument *add(struct sc_line_layout *layout, enum sc_line_argument_kind kind, unsigned number,
				    const struct sc_type *type, const struct sc_notes *notes, const char *name)
{
	struct sc_line_argument *argument;

	if (layout->count == SC_LINE_ARGUMENTS) {
		layout->more = true;
		return NULL;
	}
	argument = &layout->arguments[layout->count++];
	*argument = (struct sc_line_argument){ .kind = (uint8_t)kind, .number = (uint8_t)(number < 254 ? number : 254),
					       .type = type, .notes = notes, .name = name };
	return argument;
}

/* The variadic arguments of a printf. */
static void add_variadic(struct sc_line_layout *layout, const struct sc_line_call *call, struct sc_abi_state *state)
{
	struct sc_line_conversion conversions[FORMAT_ARGUMENTS];
	unsigned named = layout->count, count;
	struct sc_blob_view format;

	if (!sc_event_find_blob(call->enter, layout->proto->format, 1u << SC_BLOB_STRING, &format)) {
		layout->more = true;
		return;
	}
	count = sc_line_format(format.bytes, format.length, format.state != SC_BLOB_WHOLE, conversions, FORMAT_ARGUMENTS,
			       &layout->more);
	for (unsigned i = 0; i < count; i++) {
		struct sc_line_argument *argument =
			add(layout, SC_LINE_PLAIN, named + i, conversions[i].type, conversions[i].notes, NULL);

		if (argument)
			sc_abi_next(state, argument->type, &argument->place);
	}
}

static void add_arguments(struct sc_line_layout *layout, const struct sc_line_call *call)
{
	const struct sc_proto *proto = layout->proto;
	const struct sc_type *type = proto->type;
	struct sc_abi_state state;

	sc_abi_begin(&state, type->target, &layout->result);
	for (uint32_t i = 0; i < type->count; i++) {
		const struct sc_parameter *parameter = &type->parameters[i];
		bool list = proto->format != SC_PARAMETER_NONE && i == proto->valist;
		struct sc_line_argument *argument = add(layout, list ? SC_LINE_VALIST : SC_LINE_PLAIN, i, parameter->type,
							parameter->notes, parameter->name);

		if (argument)
			sc_abi_next(&state, parameter->type, &argument->place);
	}
	if (!type->variadic)
		return;
	if (proto->format != SC_PARAMETER_NONE && proto->valist == SC_PARAMETER_NONE)
		add_variadic(layout, call, &state);
	else /* with variants it is known what the others have */
		layout->more = !call->proto->variant;
}

static void add_words(struct sc_line_layout *layout, const struct sc_line_call *call)
{
	unsigned count = call->enter ? sc_event_words(call->enter).general_count : 0;

	for (unsigned i = 0; i < count && i < UNKNOWN_ARGUMENTS; i++) {
		struct sc_line_argument *argument = add(layout, SC_LINE_WORD, i, NULL, NULL, NULL);

		argument->place = (struct sc_abi_value){ .where = SC_ABI_PIECES, .piece_count = 1,
							 .pieces[0] = { SC_ABI_GENERAL, (uint8_t)i } };
	}
	layout->result = (struct sc_abi_value){ .where = SC_ABI_PIECES, .piece_count = 1 };
	layout->more = true;
}

/* ---- variants ---- */

static const struct sc_proto *choose(const struct sc_line_call *call)
{
	uint64_t values[SC_PARAMETERS_MOST] = { 0 };
	const struct sc_type *type = call->proto->type;
	struct sc_abi_state state;
	struct sc_abi_value place;
	unsigned count = 0;

	if (!call->proto->variant)
		return call->proto;
	sc_abi_begin(&state, type->target, &place);
	for (; count < type->count && count < SC_PARAMETERS_MOST; count++) {
		sc_abi_next(&state, type->parameters[count].type, &place);
		sc_line_fetch(call->enter, &place, false, (unsigned char *)&values[count], sizeof(values[count]));
	}
	return sc_proto_choose(call->proto, values, count);
}

/* ---- failure ---- */

/* The returned word, extended as its type says; false when it is none. */
static bool returned_word(const struct sc_line_layout *layout, const struct sc_line_call *call, int64_t *out)
{
	const struct sc_type *real = sc_type_real(layout->proto->type->target);
	uint64_t word = 0;
	size_t size = real->size;

	if (size == 0 || size > 8 || layout->result.where != SC_ABI_PIECES || layout->result.pieces[0].kind != SC_ABI_GENERAL ||
	    sc_line_fetch(call->leave, &layout->result, true, (unsigned char *)&word, sizeof(word)) < sizeof(word))
		return false;
	/* Also of unsigned types: (size_t)-1 is the -1 of the convention. */
	*out = (int64_t)(word << (64 - 8 * size)) >> (64 - 8 * size);
	return true;
}

static void find_failure(struct sc_line_layout *layout, const struct sc_line_call *call)
{
	int number = call->leave && call->leave->detail < 4096 ? (int)call->leave->detail : 0;
	int64_t word;

	if (!call->leave || !returned_word(layout, call, &word))
		return;
	switch (layout->proto->error) {
	case SC_ERROR_MINUS_ONE:
		layout->failed = word == -1;
		break;
	case SC_ERROR_NULL:
		layout->failed = word == 0;
		break;
	case SC_ERROR_RETURNED:
		layout->failed = word > 0 && word < 4096;
		number = (int)word;
		break;
	case SC_ERROR_NEGATIVE:
		layout->failed = word < 0;
		break;
	case SC_ERROR_NONZERO:
		layout->failed = word != 0;
		break;
	default:
		break;
	}
	layout->error = layout->failed ? number : 0;
}

void sc_line_layout(struct sc_line_layout *layout, const struct sc_line_call *call)
{
	layout->proto = call->proto && call->enter ? choose(call) : call->proto;
	layout->more = layout->failed = false;
	layout->error = 0;
	layout->count = 0;
	if (!layout->proto) {
		add_words(layout, call);
		return;
	}
	add_arguments(layout, call);
	find_failure(layout, call);
}
