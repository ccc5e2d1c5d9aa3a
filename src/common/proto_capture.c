/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a prototype to what of its calls is recorded. Does not own what a program means (capture.h) nor its
 * check (capture.c). Called by the engine when it generates a stub.
 */
#include "common/proto_capture.h"

#include <limits.h>
#include <string.h>

#include "common/proto_abi.h"

#define FORMAT_STACK 32 /* words of the stack that variadic arguments of a format may take */
#define RETURNED 255

struct builder {
	struct sc_capture *out;
	bool overflow; /* an item did not fit */
};

static struct sc_capture_item *add_item(struct builder *b)
{
	if (b->out->item_count == SC_CAPTURE_ITEMS) {
		b->overflow = true;
		return NULL;
	}
	return memset(&b->out->items[b->out->item_count++], 0, sizeof(struct sc_capture_item));
}

static bool is_narrow(const struct sc_type *type)
{
	return sc_type_real(type)->size < 8;
}

/* One factor of a length: which place holds it. */
static bool place_factor(const struct sc_proto *proto, const struct sc_factor *factor, unsigned *place, bool *narrow)
{
	if (factor->kind == SC_FACTOR_RETURN) {
		*place = SC_PLACE_RETURN;
		*narrow = is_narrow(proto->type->target);
		return true;
	}
	*place = sc_abi_parameter_place(proto->type, factor->parameter);
	*narrow = factor->kind == SC_FACTOR_PARAMETER && is_narrow(proto->type->parameters[factor->parameter].type);
	return *place != SC_PLACE_NONE;
}

/* The factor that is multiplied by the other one: only a plain parameter can be. */
static const struct sc_factor *main_factor(const struct sc_measure *size, const struct sc_factor **times)
{
	const struct sc_factor *first = &size->factors[0], *second = &size->factors[1];

	*times = NULL;
	if (size->factor_count < 2)
		return first;
	if (first->kind == SC_FACTOR_PARAMETER) {
		*times = first;
		return second;
	}
	*times = second;
	return second->kind == SC_FACTOR_PARAMETER ? first : NULL;
}

static bool put_length(const struct sc_proto *proto, const struct sc_measure *size, struct sc_capture_item *item)
{
	const struct sc_factor *factor, *times;
	const struct sc_type *pointed;
	unsigned place;
	bool narrow;

	item->size = size->times;
	if (!size->factor_count) {
		item->length = SC_LENGTH_FIXED;
		return true;
	}
	factor = main_factor(size, &times);
	if (!factor || !place_factor(proto, factor, &place, &narrow))
		return false;
	item->length_place = (uint8_t)place;
	item->narrow = narrow ? SC_NARROW_LENGTH : 0;
	item->length = factor->kind == SC_FACTOR_RETURN ? SC_LENGTH_RETURN : SC_LENGTH_PLACE;
	if (factor->kind == SC_FACTOR_POINTED) {
		item->length = SC_LENGTH_POINTED;
		pointed = sc_type_real(proto->type->parameters[factor->parameter].type)->target;
		item->value = (uint32_t)sc_type_real(pointed)->size;
	}
	if (!times)
		return true;
	if (!place_factor(proto, times, &place, &narrow))
		return false;
	item->times_place = (uint8_t)(place + 1);
	item->narrow |= narrow ? SC_NARROW_TIMES : 0;
	return true;
}

/* What a pointer leads to when nothing says how much: as many elements as were declared. */
static struct sc_measure measure_of(const struct sc_type *target, uint32_t elements)
{
	uint64_t size = sc_type_real(target)->size;

	if (__builtin_mul_overflow(size, elements ? elements : 1, &size) || size > INT32_MAX)
		size = INT32_MAX;
	return (struct sc_measure){ .times = (uint32_t)size };
}

/* The item for a pointer in `place`, if its notes ask for one. */
static void add_pointer(struct builder *b, const struct sc_proto *proto, unsigned argument, unsigned place,
			const struct sc_type *type, const struct sc_notes *notes, uint32_t elements)
{
	unsigned marks = sc_notes_marks(notes, type, NULL);
	const struct sc_type *real = sc_type_real(type);
	struct sc_measure size = notes ? notes->size : (struct sc_measure){ 0 };
	struct sc_capture_item item = { .argument = (uint8_t)argument, .place = (uint8_t)place };
	struct sc_capture_item *kept;

	if (real->kind != SC_TYPE_POINTER || place == SC_PLACE_NONE || (marks & SC_MARK_OPAQUE) ||
	    !(marks & (SC_MARK_IN | SC_MARK_OUT)))
		return;
	item.when = (uint8_t)((marks & SC_MARK_IN ? SC_CAPTURE_ENTER : 0) | (marks & SC_MARK_OUT ? SC_CAPTURE_LEAVE : 0));
	if (argument == RETURNED)
		item.when = SC_CAPTURE_LEAVE;
	if (marks & SC_MARK_STRINGS) {
		item.kind = SC_CAPTURE_STRINGS;
	} else if ((marks & SC_MARK_STRING) && !size.times) {
		item.kind = SC_CAPTURE_STRING;
		item.size = marks & SC_MARK_PATH ? PATH_MAX : 0;
	} else {
		item.kind = SC_CAPTURE_BYTES;
		if (!size.times)
			size = measure_of(real->target, elements);
		if (!size.times || !put_length(proto, &size, &item))
			return;
	}
	kept = add_item(b);
	if (kept)
		*kept = item;
}

/* Formats of char alone are followed: those of wchar_t are not. */
static bool add_format(struct builder *b, const struct sc_proto *proto)
{
	const struct sc_type *type = proto->type, *real;
	struct sc_capture_item *item;
	unsigned place, list = type->count;

	if (proto->format == SC_PARAMETER_NONE)
		return false;
	real = sc_type_real(type->parameters[proto->format].type);
	place = sc_abi_parameter_place(type, proto->format);
	if (proto->valist != SC_PARAMETER_NONE)
		list = sc_abi_parameter_place(type, proto->valist);
	if (sc_type_real(real->target)->kind != SC_TYPE_CHAR || place == SC_PLACE_NONE ||
	    list >= SC_PLACE_STACK + SC_CAPTURE_STACK)
		return false;
	item = add_item(b);
	if (!item)
		return false;
	item->kind = proto->valist != SC_PARAMETER_NONE ? SC_CAPTURE_VALIST : SC_CAPTURE_FORMAT;
	item->when = SC_CAPTURE_ENTER;
	item->argument = proto->format;
	item->place = (uint8_t)place;
	item->length_place = (uint8_t)list;
	return true;
}

static void add_items(struct builder *b, const struct sc_proto *proto)
{
	const struct sc_type *type = proto->type;
	bool has_format = add_format(b, proto);

	for (unsigned i = 0; i < type->count; i++) {
		const struct sc_parameter *parameter = &type->parameters[i];

		if (!has_format || i != proto->format)
			add_pointer(b, proto, i, sc_abi_parameter_place(type, i), parameter->type, parameter->notes,
				    parameter->elements);
	}
	add_pointer(b, proto, RETURNED, SC_PLACE_RETURN, type->target, proto->result, 1);
}

/* One item for each condition: the first that is met goes on behind the last of them. False: a place is not recorded. */
static bool add_conditions(struct builder *b, const struct sc_proto *variant)
{
	unsigned first = b->out->item_count;

	for (unsigned i = 0; i < variant->condition_count; i++) {
		const struct sc_condition *condition = &variant->conditions[i];
		unsigned place = sc_abi_parameter_place(variant->type, condition->parameter);
		struct sc_capture_item *item = add_item(b);

		if (!item || place == SC_PLACE_NONE) {
			b->out->item_count = (uint8_t)first;
			return false;
		}
		item->kind = SC_CAPTURE_CASE;
		item->place = (uint8_t)place;
		item->length = condition->equal ? SC_CASE_EQUAL : SC_CASE_ANY;
		item->value = condition->value;
		item->argument = (uint8_t)(variant->condition_count - 1 - i);
	}
	return true;
}

/* Conditions, what they guard, and an item that is never met: what is behind it is for other calls. */
static bool add_variant(struct builder *b, const struct sc_proto *variant)
{
	unsigned before = b->out->item_count, first;
	struct sc_capture_item *end;

	b->overflow = false;
	if (!add_conditions(b, variant))
		return false;
	first = b->out->item_count;
	add_items(b, variant);
	end = add_item(b);
	if (b->overflow) {
		b->out->item_count = (uint8_t)before;
		return false;
	}
	end->kind = SC_CAPTURE_CASE;
	end->length = SC_CASE_ANY;
	b->out->items[first - 1].size = b->out->item_count - first;
	return true;
}

/* Every end skips what there is behind its variant. */
static void close_variants(struct sc_capture *out, const uint8_t *ends, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		out->items[ends[i]].size = out->item_count - 1u - ends[i];
}

static void put_words(struct sc_capture *out, const struct sc_proto *proto)
{
	struct sc_abi_state state;
	struct sc_abi_value value;

	sc_abi_begin(&state, proto->type->target, &value);
	for (unsigned i = 0; i < proto->type->count; i++)
		sc_abi_next(&state, proto->type->parameters[i].type, &value);
	if (proto->type->variadic || proto->type->unspecified) {
		state.general = 6;
		if (proto->format != SC_PARAMETER_NONE && proto->valist == SC_PARAMETER_NONE) {
			state.vector = 8;
			state.stack += FORMAT_STACK;
		}
	}
	if (state.stack > SC_CAPTURE_STACK)
		state.stack = SC_CAPTURE_STACK;
	out->general = state.general > out->general ? (uint8_t)state.general : out->general;
	out->vector = state.vector > out->vector ? (uint8_t)state.vector : out->vector;
	out->stack = state.stack > out->stack ? (uint8_t)state.stack : out->stack;
}

static uint8_t returns_of(const struct sc_abi_value *value)
{
	static const uint8_t general[] = { SC_RETURN_RAX, SC_RETURN_RDX }, vector[] = { SC_RETURN_XMM0, SC_RETURN_XMM1 };
	uint8_t returns = 0;

	switch (value->where) {
	case SC_ABI_PIECES:
		for (unsigned i = 0; i < value->piece_count; i++) {
			if (value->pieces[i].kind == SC_ABI_GENERAL)
				returns |= general[value->pieces[i].number & 1];
			else if (value->pieces[i].kind == SC_ABI_VECTOR)
				returns |= vector[value->pieces[i].number & 1];
		}
		return returns;
	case SC_ABI_MEMORY:
		return SC_RETURN_RAX;
	case SC_ABI_X87:
		return SC_RETURN_ST0;
	case SC_ABI_X87_PAIR:
		return SC_RETURN_ST0 | SC_RETURN_ST1;
	default:
		return 0;
	}
}

/* A struct that is returned in memory is recorded from there. */
static void add_returned(struct builder *b, const struct sc_proto *proto, const struct sc_abi_value *value)
{
	struct sc_capture_item *item;

	if (value->where != SC_ABI_MEMORY)
		return;
	item = add_item(b);
	if (!item)
		return;
	item->kind = SC_CAPTURE_BYTES;
	item->when = SC_CAPTURE_LEAVE;
	item->argument = RETURNED;
	item->place = SC_PLACE_RETURN;
	item->length = SC_LENGTH_FIXED;
	item->size = measure_of(proto->type->target, 1).times;
}

size_t sc_proto_capture(const struct sc_proto *proto, struct sc_capture *out)
{
	struct builder b = { .out = out };
	struct sc_abi_state state;
	struct sc_abi_value returned;
	uint8_t ends[SC_CAPTURE_ITEMS];
	unsigned end_count = 0;

	if (!proto) {
		memcpy(out, &sc_capture_unknown, sizeof(sc_capture_unknown));
		return sc_capture_size(out);
	}
	memset(out, 0, sizeof(*out));
	sc_abi_begin(&state, proto->type->target, &returned);
	out->returns = returns_of(&returned);
	out->error = proto->error;
	put_words(out, proto);
	for (const struct sc_proto *variant = proto->variant; variant; variant = variant->variant) {
		put_words(out, variant);
		if (add_variant(&b, variant))
			ends[end_count++] = (uint8_t)(out->item_count - 1);
	}
	add_items(&b, proto);
	add_returned(&b, proto, &returned);
	close_variants(out, ends, end_count);
	return sc_capture_size(out);
}

struct sc_capture_measure sc_proto_bytes(const struct sc_proto *proto)
{
	struct sc_capture_measure out = { 0 };
	const struct sc_measure *bytes = proto ? proto->bytes : NULL;

	for (unsigned i = 0; bytes && i < bytes->factor_count; i++) {
		unsigned place;
		bool narrow;

		if (bytes->factors[i].kind != SC_FACTOR_PARAMETER ||
		    !place_factor(proto, &bytes->factors[i], &place, &narrow))
			return (struct sc_capture_measure){ 0 };
		out.places[out.place_count++] = (uint8_t)place;
		out.narrow |= (uint8_t)(narrow << i);
	}
	if (bytes)
		out.times = bytes->times;
	return out;
}
