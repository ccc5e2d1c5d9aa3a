/* SPDX-License-Identifier: MIT */
/* Owns text that grows. Called by everything that formats calls. */
#include "cmd/line_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MOST ((size_t)16 << 20)

/* Room for `length` more and the NUL. */
static bool reserve(struct sc_text *text, size_t length)
{
	size_t room = text->room ? text->room : 256;
	char *grown;

	if (length < text->room - text->length)
		return true;
	if (length >= ROOM_MOST || text->length + length >= ROOM_MOST) {
		text->failed = true;
		return false;
	}
	while (room - text->length <= length)
		room *= 2;
	grown = realloc(text->at, room);
	if (!grown) {
		text->failed = true;
		return false;
	}
	text->at = grown;
	text->room = room;
	return true;
}

void sc_text_bytes(struct sc_text *text, const void *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	memcpy(text->at + text->length, bytes, length);
	text->length += length;
	text->at[text->length] = 0;
}

void sc_text_add(struct sc_text *text, const char *string)
{
	sc_text_bytes(text, string, strlen(string));
}

void sc_text_char(struct sc_text *text, char c)
{
	sc_text_bytes(text, &c, 1);
}

void sc_text_format(struct sc_text *text, const char *format, ...)
{
	char few[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(few, sizeof(few), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length < sizeof(few)) {
		sc_text_bytes(text, few, length < 0 ? 0 : (size_t)length);
		return;
	}
	if (!reserve(text, (size_t)length))
		return;
	va_start(arguments, format);
	vsnprintf(text->at + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

void sc_text_unsigned(struct sc_text *text, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	sc_text_bytes(text, digits + at, sizeof(digits) - at);
}

void sc_text_signed(struct sc_text *text, int64_t value)
{
	if (value < 0)
		sc_text_char(text, '-');
	sc_text_unsigned(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void sc_text_hex(struct sc_text *text, uint64_t value)
{
	char digits[18];
	size_t at = sizeof(digits);

	if (value == 0) {
		sc_text_char(text, '0');
		return;
	}
	for (; value; value >>= 4)
		digits[--at] = "0123456789abcdef"[value & 15];
	digits[--at] = 'x';
	digits[--at] = '0';
	sc_text_bytes(text, digits + at, sizeof(digits) - at);
}

void sc_text_clear(struct sc_text *text)
{
	text->length = 0;
	text->failed = false;
	if (text->at)
		text->at[0] = 0;
}

const char *sc_text_string(const struct sc_text *text)
{
	return text->at ? text->at : "";
}

void sc_text_release(struct sc_text *text)
{
	free(text->at);
	*text = (struct sc_text){ 0 };
}
