/* SPDX-License-Identifier: MIT */
/*
 * Text for JSON that is written by hand. Thread and signal safe, no allocation.
 */
#ifndef SC_JSON_H
#define SC_JSON_H

#include <stddef.h>

/* Bytes of out that always suffice for `length` bytes of text. */
#define SC_JSON_ROOM(length) ((length) * 6 + 1)

/*
 * Puts text into out as the contents of a JSON string (RFC 8259, section 7), cut before the first character that no
 * longer fits, and terminates it; size is at least 1. Whatever text is, the result is valid: a byte that belongs to
 * no UTF-8 character becomes the character of that number, \u0080 to \u00ff. Returns the length.
 */
size_t sc_json_escape(char *out, size_t size, const char *text);

#endif
