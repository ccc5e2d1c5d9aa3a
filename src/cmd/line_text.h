/* SPDX-License-Identifier: MIT */
/*
 * Text that grows. When memory is short, or the text has grown beyond all measure, what is added is left out and `failed`
 * says so: lines are made of many pieces, and nobody looks at each. Not thread safe.
 */
#ifndef SC_CMD_LINE_TEXT_H
#define SC_CMD_LINE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sc_text {
	char *at; /* terminated when not NULL */
	size_t length, room;
	bool failed;
};

void sc_text_bytes(struct sc_text *text, const void *bytes, size_t length);
void sc_text_add(struct sc_text *text, const char *string);
void sc_text_char(struct sc_text *text, char c);
void sc_text_format(struct sc_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Decimal and hexadecimal (0x..., and 0 for 0), quicker than sc_text_format. */
void sc_text_unsigned(struct sc_text *text, uint64_t value);
void sc_text_signed(struct sc_text *text, int64_t value);
void sc_text_hex(struct sc_text *text, uint64_t value);
/* Empties it, and keeps the memory. */
void sc_text_clear(struct sc_text *text);
/* What is in it: "" when there is nothing. Valid until it is changed. */
const char *sc_text_string(const struct sc_text *text);
void sc_text_release(struct sc_text *text);

#endif
