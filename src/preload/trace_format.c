/* SPDX-License-Identifier: MIT */
/*
 * Owns what a printf format says of the arguments behind it: which of them are strings, and, for a va_list, where each
 * is (System V ABI, AMD64 supplement, 3.5.7). Called by trace_blobs.c inside intercepted calls. How the values are
 * shown is the reader's: the registers and the stack are in the event.
 *
 * Arguments whose positions a format gives (%2$s) are not followed.
 */
#include "preload/trace_blobs.h"

#define FORMAT_MOST 256 /* bytes of a format */
#define STRINGS_MOST 8	/* of a call */
#define VALUES_MOST 32

uint32_t sc_trace_format_most(uint32_t limit)
{
	uint32_t string = sizeof(struct sc_blob) + ((limit + 7) & ~7u);

	return sizeof(struct sc_blob) + FORMAT_MOST + STRINGS_MOST * string + sizeof(struct sc_blob) + 8 * VALUES_MOST;
}

/* Where the next argument of each class is. */
struct arguments {
	bool is_list;
	unsigned general, vector, stack; /* registers used, words of the stack used */
	uint32_t general_offset, vector_offset; /* of a va_list: into the save area */
	uintptr_t overflow, save;
	unsigned number; /* of the next argument, among all */
	unsigned value_count;
	uint64_t values[VALUES_MOST];
};

static uint64_t read_word(struct sc_trace_builder *b, uintptr_t address)
{
	uint64_t word = 0;

	sc_peek_bytes(&b->peek, &word, address, sizeof(word));
	return word;
}

static uint64_t next_on_stack(struct sc_trace_builder *b, struct arguments *a)
{
	if (!a->is_list)
		return sc_trace_word(b, SC_PLACE_STACK + a->stack++);
	a->overflow += 8;
	return read_word(b, a->overflow - 8);
}

static void keep(struct arguments *a, uint64_t value)
{
	if (a->is_list && a->value_count < VALUES_MOST)
		a->values[a->value_count++] = value;
}

static uint64_t next_general(struct sc_trace_builder *b, struct arguments *a)
{
	uint64_t value;

	a->number++;
	if (a->is_list && a->general_offset < 48) {
		value = read_word(b, a->save + a->general_offset);
		a->general_offset += 8;
	} else if (!a->is_list && a->general < 6) {
		value = b->arguments[a->general++];
	} else {
		value = next_on_stack(b, a);
	}
	keep(a, value);
	return value;
}

/* Only a va_list's is looked at; others are in the event as they are. */
static void next_vector(struct sc_trace_builder *b, struct arguments *a)
{
	a->number++;
	if (a->is_list && a->vector_offset < 176) {
		keep(a, read_word(b, a->save + a->vector_offset));
		a->vector_offset += 16;
	} else if (!a->is_list && a->vector < 8) {
		a->vector++;
	} else {
		keep(a, next_on_stack(b, a));
	}
}

static void next_long_double(struct sc_trace_builder *b, struct arguments *a)
{
	a->number++;
	a->stack = (a->stack + 1) & ~1u;
	a->overflow = (a->overflow + 15) & ~(uintptr_t)15;
	keep(a, next_on_stack(b, a));
	keep(a, next_on_stack(b, a));
}

static bool is_one_of(char c, const char *set)
{
	while (*set && *set != c)
		set++;
	return *set != 0;
}

/* Digits, or * for an argument; -1: none. */
static int64_t read_number(struct sc_trace_builder *b, struct arguments *a, const char **at)
{
	int64_t number = -1;

	if (**at == '*') {
		++*at;
		return (int32_t)next_general(b, a);
	}
	for (; **at >= '0' && **at <= '9'; ++*at)
		if (number < FORMAT_MOST)
			number = (number < 0 ? 0 : number) * 10 + (**at - '0');
	return number;
}

static void put_string(struct sc_trace_builder *b, struct arguments *a, int64_t precision, unsigned *strings)
{
	struct sc_blob *blob = (struct sc_blob *)b->at;
	unsigned number = a->number;
	uintptr_t address = next_general(b, a);
	bool part = precision >= 0 && precision < b->limit;

	if (++*strings > STRINGS_MOST)
		return;
	sc_trace_string(b, number, address, part ? (uint32_t)precision : b->limit);
	/* All that the format takes of it is there. */
	if (part && (char *)blob != b->at && blob->state == SC_BLOB_CUT)
		blob->state = SC_BLOB_WHOLE;
}

/* A wide string: as many bytes as of others. Where it ends is for the reader to see. */
static void put_wide(struct sc_trace_builder *b, struct arguments *a, unsigned *strings)
{
	unsigned number = a->number;
	uintptr_t address = next_general(b, a);

	if (address && ++*strings <= STRINGS_MOST)
		sc_trace_bytes(b, number, address, b->limit, b->limit);
}

/* One conversion, behind its %; false at the format's end and at what is not understood. */
static bool convert(struct sc_trace_builder *b, struct arguments *a, const char **at, unsigned *strings)
{
	int64_t precision = -1;
	char length = 0, c;

	while (is_one_of(**at, "-+ #0'I"))
		++*at;
	read_number(b, a, at);
	if (**at == '$')
		return false;
	if (**at == '.') {
		++*at;
		precision = read_number(b, a, at);
	}
	while (is_one_of(**at, "hlqLjzZt"))
		length = *(*at)++;
	c = *(*at)++;
	if (c == 's' && length != 'l')
		put_string(b, a, precision, strings);
	else if (is_one_of(c, "sS"))
		put_wide(b, a, strings);
	else if (is_one_of(c, "diouxXcCpn"))
		next_general(b, a);
	else if (is_one_of(c, "aAeEfFgG") && length == 'L')
		next_long_double(b, a);
	else if (is_one_of(c, "aAeEfFgG"))
		next_vector(b, a);
	else
		return c == '%' || c == 'm';
	return true;
}

static void start_arguments(struct sc_trace_builder *b, const struct sc_capture_item *item, struct arguments *a)
{
	struct {
		uint32_t general, vector;
		uint64_t overflow, save;
	} list = { 48, 176, 0, 0 };

	a->is_list = item->kind == SC_CAPTURE_VALIST;
	a->general = item->length_place;
	a->vector = a->stack = a->value_count = 0;
	a->number = item->length_place;
	if (a->is_list)
		sc_peek_bytes(&b->peek, &list, sc_trace_word(b, item->length_place), sizeof(list));
	a->general_offset = list.general;
	a->vector_offset = list.vector;
	a->overflow = list.overflow;
	a->save = list.save;
}

void sc_trace_format(struct sc_trace_builder *b, const struct sc_capture_item *item)
{
	uintptr_t address = sc_trace_word(b, item->place);
	struct sc_blob *blob = (struct sc_blob *)b->at;
	char format[FORMAT_MOST + 1];
	unsigned strings = 0;
	struct arguments a;

	sc_trace_string(b, item->argument, address, FORMAT_MOST);
	if ((char *)blob == b->at || blob->state == SC_BLOB_UNREADABLE)
		return;
	for (uint32_t i = 0; i < blob->length; i++)
		format[i] = ((const char *)(blob + 1))[i];
	format[blob->length] = 0;
	start_arguments(b, item, &a);
	for (const char *at = format; *at;)
		if (*at++ == '%' && !convert(b, &a, &at, &strings))
			break;
	if (a.is_list)
		sc_trace_copy(b, SC_BLOB_VALUES, item->length_place, a.values, 8 * a.value_count);
}
