/* SPDX-License-Identifier: MIT */
/*
 * Owns what a printf format takes: the type of each argument behind it, positions (%2$d) included. Called by
 * line_layout.c.
 */
#include <string.h>

#include "cmd/line_call.h"

enum length { NONE, CHAR, SHORT, LONG, LONG_LONG, LONG_DOUBLE };

struct reader {
	const unsigned char *at, *end;
	struct sc_line_conversion *out;
	unsigned most, count; /* count: how many there are, given by position or not */
	unsigned next;	      /* the one that comes next without a position */
	bool more;
};

static const struct sc_notes in_hex = { .marks = SC_MARK_HEX }, in_octal = { .marks = SC_MARK_OCTAL | SC_MARK_HEX };
static const struct sc_notes in_decimal = { .marks = SC_MARK_DECIMAL }, opaque = { .marks = SC_MARK_OPAQUE };
static const struct sc_notes wide = { .marks = SC_MARK_STRING | SC_MARK_IN | SC_MARK_CHAR };
static const struct sc_notes string = { .marks = SC_MARK_STRING | SC_MARK_IN };

static int peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : 0;
}

/* position 0: the next one. */
static void take(struct reader *r, unsigned position, const struct sc_type *type, const struct sc_notes *notes)
{
	unsigned n = position ? position - 1 : r->next++;

	if (n >= r->most) {
		r->more = true;
		return;
	}
	if (n >= r->count)
		r->count = n + 1;
	r->out[n] = (struct sc_line_conversion){ type, notes };
}

static unsigned number(struct reader *r)
{
	unsigned value = 0;

	for (; peek(r) >= '0' && peek(r) <= '9'; r->at++)
		value = value < 1000 ? 10 * value + (unsigned)(peek(r) - '0') : value;
	return value;
}

static const struct sc_type *integer(unsigned size, bool is_signed)
{
	return sc_type_basic(size == 1 ? SC_TYPE_CHAR : SC_TYPE_INTEGER, size, is_signed);
}

/* A width or precision: digits, which mean nothing here, or an argument of its own. */
static void skip_number(struct reader *r)
{
	unsigned position;

	if (peek(r) != '*') {
		number(r);
		return;
	}
	r->at++;
	position = number(r);
	if (position && peek(r) == '$')
		r->at++;
	take(r, position, integer(4, true), NULL);
}

static enum length read_length(struct reader *r)
{
	enum length length = NONE;

	for (;; r->at++) {
		switch (peek(r)) {
		case 'h':
			length = length == SHORT ? CHAR : SHORT;
			break;
		case 'l':
			length = length == LONG ? LONG_LONG : LONG;
			break;
		case 'L':
		case 'q':
			length = LONG_DOUBLE;
			break;
		case 'j':
		case 'z':
		case 'Z':
		case 't':
			length = LONG;
			break;
		default:
			return length;
		}
	}
}

static void take_integer(struct reader *r, unsigned position, enum length length, int conversion)
{
	static const uint8_t sizes[] = { [NONE] = 4, [CHAR] = 1, [SHORT] = 2, [LONG] = 8, [LONG_LONG] = 8, [LONG_DOUBLE] = 8 };
	const struct sc_notes *notes = length == CHAR ? &in_decimal : NULL;

	if (conversion == 'x' || conversion == 'X')
		notes = &in_hex;
	else if (conversion == 'o')
		notes = &in_octal;
	take(r, position, integer(sizes[length], conversion == 'd' || conversion == 'i'), notes);
}

/* What stands behind the % and before the conversion is read. */
static void take_conversion(struct reader *r, unsigned position, enum length length, int conversion)
{
	if (!conversion)
		return;
	if (strchr("diouxX", conversion))
		take_integer(r, position, length, conversion);
	else if (strchr("aAeEfFgG", conversion))
		take(r, position, sc_type_basic(length == LONG_DOUBLE ? SC_TYPE_LONG_DOUBLE : SC_TYPE_DOUBLE, 0, true), NULL);
	else if (conversion == 'C' || (conversion == 'c' && length == LONG))
		take(r, position, integer(4, true), NULL);
	else if (conversion == 'c')
		take(r, position, integer(1, true), NULL);
	else if (conversion == 's' && length != LONG)
		take(r, position, &sc_type_char_pointer, &string);
	else if (conversion == 's' || conversion == 'S')
		take(r, position, &sc_type_void_pointer, &wide);
	else if (strchr("pn", conversion))
		take(r, position, &sc_type_void_pointer, &opaque);
}

/* Behind a %; false when it cannot be understood, and with it nothing that follows. */
static bool read_conversion(struct reader *r)
{
	const unsigned char *start = r->at;
	unsigned position = number(r);
	enum length length;
	int conversion;

	if (position && peek(r) == '$') {
		r->at++;
	} else {
		r->at = start;
		position = 0;
	}
	while (peek(r) && strchr("-+ #0'I", peek(r)))
		r->at++;
	skip_number(r);
	if (peek(r) == '.') {
		r->at++;
		skip_number(r);
	}
	length = read_length(r);
	conversion = peek(r);
	if (!conversion || !strchr("diouxXaAeEfFgGcCsSpnm%", conversion))
		return false;
	r->at++;
	take_conversion(r, position, length, conversion);
	return true;
}

unsigned sc_line_format(const unsigned char *format, size_t length, bool cut, struct sc_line_conversion *out,
			unsigned most, bool *more)
{
	struct reader r = { .at = format, .end = format + length, .out = out, .most = most };

	for (unsigned i = 0; i < most; i++)
		out[i] = (struct sc_line_conversion){ integer(4, true), NULL };
	while (r.at < r.end) {
		if (*r.at++ == '%' && !read_conversion(&r)) {
			r.more = true;
			break;
		}
	}
	*more = r.more || cut;
	return r.count;
}
