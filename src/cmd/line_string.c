/* SPDX-License-Identifier: MIT */
/*
 * Owns how strings and buffers look: quoted, with strace's escapes (octal as short as what follows allows), "..." where
 * something is missing. Called by line_value.c and line_struct.c.
 */
#include <string.h>

#include "cmd/line_value.h"

static char escape_of(unsigned char c)
{
	switch (c) {
	case '"': return '"';
	case '\\': return '\\';
	case '\t': return 't';
	case '\n': return 'n';
	case '\v': return 'v';
	case '\f': return 'f';
	case '\r': return 'r';
	default: return 0;
	}
}

/* next: what follows, or -1. A digit would be taken for one of ours. */
static void put_character(struct sc_text *text, unsigned char c, int next)
{
	char octal[5];
	size_t digits;

	if (escape_of(c)) {
		sc_text_char(text, '\\');
		sc_text_char(text, escape_of(c));
		return;
	}
	if (c >= ' ' && c < 0x7f) {
		sc_text_char(text, (char)c);
		return;
	}
	digits = next >= '0' && next <= '7' ? 3 : c >= 0100 ? 3 : c >= 010 ? 2 : 1;
	octal[0] = '\\';
	for (size_t i = 0; i < digits; i++)
		octal[digits - i] = (char)('0' + (c >> 3 * i & 7));
	sc_text_bytes(text, octal, digits + 1);
}

void sc_line_quoted(struct sc_text *text, const struct sc_line_style *style, const unsigned char *bytes, size_t length,
		    bool more)
{
	if (length > style->string_limit) {
		length = style->string_limit;
		more = true;
	}
	sc_text_char(text, '"');
	for (size_t i = 0; i < length; i++)
		put_character(text, bytes[i], i + 1 < length ? bytes[i + 1] : -1);
	sc_text_char(text, '"');
	if (more)
		sc_text_add(text, "...");
}

void sc_line_character(struct sc_text *text, unsigned char c)
{
	sc_text_char(text, '\'');
	if (c == '\'')
		sc_text_add(text, "\\'");
	else if (c == '"')
		sc_text_char(text, '"');
	else
		put_character(text, c, -1);
	sc_text_char(text, '\'');
}

void sc_line_unreadable(struct sc_text *text)
{
	sc_text_add(text, " /* unreadable */");
}

void sc_line_strings(struct sc_text *text, const struct sc_line_style *style, const struct sc_blob_view *blob)
{
	const unsigned char *at = blob->bytes, *end = blob->bytes + blob->length;
	const char *between = "";

	sc_text_char(text, '[');
	while (at < end) {
		const unsigned char *zero = memchr(at, 0, (size_t)(end - at));
		size_t length = (size_t)((zero ? zero : end) - at);

		sc_text_add(text, between);
		sc_line_quoted(text, style, at, length, !zero);
		between = ", ";
		at += length + 1;
	}
	if (blob->state != SC_BLOB_WHOLE) {
		sc_text_add(text, between);
		sc_text_add(text, "...");
	}
	sc_text_char(text, ']');
	if (blob->state == SC_BLOB_UNREADABLE)
		sc_line_unreadable(text);
}

void sc_line_string_blob(struct sc_text *text, const struct sc_line_style *style, const struct sc_blob_view *blob,
			 uint64_t address)
{
	bool unreadable = blob->state == SC_BLOB_UNREADABLE || blob->state == SC_BLOB_ENDLESS;

	if (unreadable && blob->length == 0) {
		sc_text_hex(text, address);
		sc_line_unreadable(text);
		return;
	}
	sc_line_quoted(text, style, blob->bytes, blob->length, blob->state != SC_BLOB_WHOLE);
	if (unreadable)
		sc_line_unreadable(text);
}
