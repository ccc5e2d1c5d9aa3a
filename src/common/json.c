/* SPDX-License-Identifier: MIT */
/*
 * Owns the escaping of text for JSON. Names of symbols and files may hold any byte but zero. Called by stats.c of the
 * preload and by explain.c.
 */
#include "common/json.h"

#include <stdbool.h>
#include <string.h>

static bool continues(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the UTF-8 character at text (RFC 3629), or 0 when there is none. A terminator continues nothing. */
static size_t utf8_length(const unsigned char *text)
{
	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4 || !continues(text[1]))
		return 0;
	if (text[0] < 0xe0)
		return 2;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) || !continues(text[2]))
		return 0;
	if (text[0] < 0xf0)
		return 3;
	if ((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f) || !continues(text[3]))
		return 0;
	return 4;
}

static size_t put_number(char *piece, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(piece, "\\u00", 4);
	piece[4] = digits[c >> 4];
	piece[5] = digits[c & 15];
	return 6;
}

size_t sc_json_escape(char *out, size_t size, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0;

	while (*at) {
		size_t length = utf8_length(at), n = length;
		char piece[6];

		memcpy(piece, at, length);
		if (length == 0 || *at < 0x20) {
			n = put_number(piece, *at);
			length = 1;
		} else if (*at == '"' || *at == '\\') {
			piece[0] = '\\';
			piece[1] = (char)*at;
			n = 2;
		}
		if (n >= size - used)
			break;
		memcpy(out + used, piece, n);
		used += n;
		at += length;
	}
	out[used] = 0;
	return used;
}
