/* SPDX-License-Identifier: MIT */
/*
 * Owns how the value of one argument, member or element looks, by its type; what its kind of type needs besides is in
 * line_number.c, line_string.c and line_struct.c. Called by line_call.c.
 */
#include "cmd/line_value.h"

#include <limits.h>
#include <string.h>

#define ABOUT_VALUE \
	(SC_MARK_FLAGS | SC_MARK_ENUM | SC_MARK_OCTAL | SC_MARK_HEX | SC_MARK_FD | SC_MARK_SIGNAL | SC_MARK_ERRNO | \
	 SC_MARK_DECIMAL | SC_MARK_CHAR)

static uint64_t load(const struct sc_type *type, const unsigned char *bytes)
{
	size_t size = type->size < 8 ? (size_t)type->size : 8;
	uint64_t value = 0;

	memcpy(&value, bytes, size);
	if (type->is_signed && size < 8 && size > 0 && value >> (8 * size - 1))
		value |= UINT64_MAX << 8 * size;
	return value;
}

static bool is_buffer(const struct sc_type *pointed)
{
	return pointed->kind == SC_TYPE_VOID || pointed->kind == SC_TYPE_CHAR;
}

static bool is_struct(const struct sc_type *type)
{
	return type->kind == SC_TYPE_STRUCT || type->kind == SC_TYPE_UNION;
}

/* Things of a type, as many as there are bytes for: a struct that is no array as it is, all else in brackets. */
static void put_things(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		       const struct sc_notes *notes, bool array, const struct sc_blob_view *blob)
{
	const struct sc_type *real = sc_type_real(type);
	uint64_t count = real->size ? blob->length / real->size : 0;

	if (is_struct(real) && count <= 1 && !array) {
		sc_line_struct(text, style, type, blob->bytes, blob->length, 0);
		return;
	}
	if (real->size && blob->length % real->size && !is_struct(real)) {
		sc_line_quoted(text, style, blob->bytes, blob->length, blob->state == SC_BLOB_CUT);
		return;
	}
	sc_line_array(text, style, type, notes, count + (blob->state == SC_BLOB_CUT), blob->bytes,
		      (size_t)(count * real->size), 0);
}

/* Bytes that a pointer points to. */
static void put_pointed(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *pointed,
			const struct sc_notes *notes, unsigned marks, const struct sc_blob_view *blob, uint64_t address)
{
	const struct sc_type *real = sc_type_real(pointed);
	struct sc_notes few = { .marks = marks & ABOUT_VALUE, .set = notes ? notes->set : NULL };

	if (blob->state == SC_BLOB_UNREADABLE && blob->length == 0) {
		sc_text_hex(text, address);
		sc_line_unreadable(text);
		return;
	}
	if (marks & SC_MARK_SOCKADDR || (is_struct(real) && real->name && !strncmp(real->name, "sockaddr", 8)))
		sc_line_sockaddr(text, style, blob->bytes, blob->length);
	else if (is_buffer(real))
		sc_line_quoted(text, style, blob->bytes, blob->length, blob->state != SC_BLOB_WHOLE);
	else if (!real->complete && real->kind != SC_TYPE_POINTER)
		sc_text_hex(text, address);
	else
		put_things(text, style, pointed, few.marks ? &few : NULL, notes && notes->size.factor_count, blob);
	if (blob->state == SC_BLOB_UNREADABLE)
		sc_line_unreadable(text);
}

/* Bytes of a string that need not be terminated: what lies behind its NUL is not part of it. */
static void put_bounded(struct sc_text *text, const struct sc_line_style *style, const struct sc_blob_view *blob,
			uint64_t address)
{
	const unsigned char *zero = memchr(blob->bytes, 0, blob->length);
	struct sc_blob_view string = *blob;

	if (zero) {
		string.length = (uint32_t)(zero - blob->bytes);
		string.state = SC_BLOB_WHOLE;
	}
	sc_line_string_blob(text, style, &string, address);
}

/* Wide characters up to their NUL, those that are not ASCII as \u20ac. */
static void put_wide_string(struct sc_text *text, const struct sc_line_style *style, const struct sc_blob_view *blob,
			    uint64_t address)
{
	uint32_t c = 1;
	size_t at = 0;

	if (blob->length < sizeof(c)) {
		sc_text_hex(text, address);
		if (blob->state == SC_BLOB_UNREADABLE)
			sc_line_unreadable(text);
		return;
	}
	sc_text_add(text, "L\"");
	for (; blob->length - at >= sizeof(c); at += sizeof(c)) {
		memcpy(&c, blob->bytes + at, sizeof(c));
		if (!c || at / sizeof(c) == style->string_limit)
			break;
		if (c == '"' || c == '\\')
			sc_text_char(text, '\\');
		if (c >= ' ' && c < 0x7f)
			sc_text_char(text, (char)c);
		else
			sc_text_format(text, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
	sc_text_add(text, c ? "\"..." : "\"");
}

static void put_blob(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_value *value,
		     unsigned marks, const struct sc_blob_view *blob, uint64_t address)
{
	struct sc_line_style whole = *style;

	if (marks & SC_MARK_PATH && style->string_limit < PATH_MAX) {
		whole.string_limit = PATH_MAX;
		style = &whole;
	}
	switch (blob->kind) {
	case SC_BLOB_STRING:
		sc_line_string_blob(text, style, blob, address);
		break;
	case SC_BLOB_STRINGS:
		if (blob->state == SC_BLOB_UNREADABLE && blob->length == 0) {
			sc_text_hex(text, address);
			sc_line_unreadable(text);
		} else {
			sc_line_strings(text, style, blob);
		}
		break;
	case SC_BLOB_BYTES:
		if (marks & SC_MARK_STRING && marks & SC_MARK_CHAR)
			put_wide_string(text, style, blob, address);
		else if (marks & SC_MARK_STRING)
			put_bounded(text, style, blob, address);
		else
			put_pointed(text, style, sc_type_real(value->type)->target, value->notes, marks, blob,
				    address);
		break;
	default:
		sc_text_hex(text, address);
	}
}

static bool same_blob(const struct sc_blob_view *a, const struct sc_blob_view *b)
{
	return a->kind == b->kind && a->state == b->state && a->length == b->length &&
	       memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* [128 => 16], {...} => {...}, "a" => "b" */
static void put_change(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_value *value,
		       unsigned marks, uint64_t address)
{
	struct sc_text before = { 0 }, after = { 0 };

	put_blob(&before, style, value, marks, value->in, address);
	put_blob(&after, style, value, marks, value->out, address);
	if (before.length > 2 && after.length > 2 && before.at[0] == '[' && after.at[0] == '[') {
		sc_text_bytes(text, before.at, before.length - 1);
		sc_text_add(text, " => ");
		sc_text_bytes(text, after.at + 1, after.length - 1);
	} else {
		sc_text_add(text, sc_text_string(&before));
		sc_text_add(text, " => ");
		sc_text_add(text, sc_text_string(&after));
	}
	sc_text_release(&before);
	sc_text_release(&after);
}

static void put_pointer(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_value *value)
{
	uint64_t address = load(sc_type_real(value->type), value->bytes);
	unsigned marks = sc_notes_marks(value->notes, value->type, NULL);

	if (address == 0)
		sc_text_add(text, "NULL");
	else if (marks & SC_MARK_OPAQUE || (!value->in && !value->out))
		sc_text_hex(text, address);
	else if (value->in && value->out && !same_blob(value->in, value->out))
		put_change(text, style, value, marks, address);
	else
		put_blob(text, style, value, marks, value->out ? value->out : value->in, address);
}

/* __int128, in the only base in which it is easy. */
static void put_wide(struct sc_text *text, const unsigned char *bytes)
{
	uint64_t low, high;

	memcpy(&low, bytes, 8);
	memcpy(&high, bytes + 8, 8);
	if (high)
		sc_text_format(text, "0x%llx%016llx", (unsigned long long)high, (unsigned long long)low);
	else
		sc_text_hex(text, low);
}

static bool put_plain(struct sc_text *text, const struct sc_type *type, const struct sc_notes *notes,
		      const unsigned char *bytes, size_t size)
{
	const struct sc_type *real = sc_type_real(type);

	switch (real->kind) {
	case SC_TYPE_BOOL:
	case SC_TYPE_CHAR:
	case SC_TYPE_INTEGER:
	case SC_TYPE_ENUM:
		if (real->size > size)
			sc_text_char(text, '?');
		else if (real->size > 8)
			put_wide(text, bytes);
		else
			sc_line_integer(text, type, notes, load(real, bytes));
		return true;
	case SC_TYPE_FLOAT:
	case SC_TYPE_DOUBLE:
	case SC_TYPE_LONG_DOUBLE:
	case SC_TYPE_FLOAT128:
	case SC_TYPE_COMPLEX_FLOAT:
	case SC_TYPE_COMPLEX_DOUBLE:
	case SC_TYPE_COMPLEX_LONG_DOUBLE:
	case SC_TYPE_COMPLEX_FLOAT128:
		sc_line_floating(text, type, bytes, size);
		return true;
	default:
		return false;
	}
}

void sc_line_bytes_of_type(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
			   const struct sc_notes *notes, const char *name, const unsigned char *bytes, size_t size,
			   unsigned depth)
{
	const struct sc_type *real = sc_type_real(type);

	if (name && (!strcmp(name, "st_mode") || !strcmp(name, "stx_mode")) && real->kind == SC_TYPE_INTEGER &&
	    size >= real->size) {
		sc_line_mode(text, load(real, bytes));
		return;
	}
	if (put_plain(text, type, notes, bytes, size))
		return;
	switch (real->kind) {
	case SC_TYPE_POINTER:
		if (size < 8)
			sc_text_char(text, '?');
		else if (load(real, bytes) == 0)
			sc_text_add(text, "NULL");
		else
			sc_text_hex(text, load(real, bytes));
		break;
	case SC_TYPE_ARRAY:
		sc_line_array(text, style, real->target, notes, real->count, bytes, size, depth);
		break;
	case SC_TYPE_STRUCT:
	case SC_TYPE_UNION:
		if (size == 0 && real->size)
			sc_text_add(text, "{...}");
		else
			sc_line_struct(text, style, type, bytes, size, depth);
		break;
	default:
		sc_text_char(text, '?');
	}
}

void sc_line_value(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_value *value)
{
	const struct sc_type *real = sc_type_real(value->type);

	if (real->kind == SC_TYPE_POINTER && value->size >= 8)
		put_pointer(text, style, value);
	else
		sc_line_bytes_of_type(text, style, value->type, value->notes, value->name, value->bytes, value->size, 0);
}
