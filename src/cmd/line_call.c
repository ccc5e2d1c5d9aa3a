/* SPDX-License-Identifier: MIT */
/*
 * Owns how the arguments and the result of a call are shown, with what is where given by line_layout.c and the form of
 * single values by line_value.c. Called by what shows calls.
 */
#include "cmd/line_call.h"

#include <string.h>

#define BLOBS (1u << SC_BLOB_STRING | 1u << SC_BLOB_BYTES | 1u << SC_BLOB_STRINGS)
#define RETURNED 255 /* the argument of blobs that the return value points to */
#define VALUE_MOST 512


static uint64_t word_of(const struct sc_line_argument *argument, const struct sc_line_call *call, bool *known)
{
	uint64_t word = 0;

	*known = sc_line_fetch(call->enter, &argument->place, false, (unsigned char *)&word, sizeof(word)) == sizeof(word);
	return word;
}

bool sc_line_waits(const struct sc_line_layout *layout, const struct sc_line_call *call, unsigned n)
{
	const struct sc_line_argument *argument = &layout->arguments[n];
	bool known;

	if (argument->kind != SC_LINE_PLAIN || sc_type_real(argument->type)->kind != SC_TYPE_POINTER)
		return false;
	return sc_notes_marks(argument->notes, argument->type, NULL) & SC_MARK_OUT &&
	       word_of(argument, call, &known) != 0;
}

static void put_word(struct sc_text *text, const struct sc_line_argument *argument, const struct sc_line_call *call)
{
	bool known;
	uint64_t word = word_of(argument, call, &known);

	/* Not 0, where it may be a pointer, and not -1, where it may be an int. */
	if (known)
		sc_text_format(text, "%#llx", (unsigned long long)word);
	else
		sc_text_char(text, '?');
}

static void put_plain(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
		      const struct sc_line_call *call, const struct sc_line_argument *argument)
{
	unsigned marks = sc_notes_marks(argument->notes, argument->type, NULL);
	struct sc_line_value value = { .type = argument->type, .notes = argument->notes, .name = argument->name };
	struct sc_blob_view in, out;
	_Alignas(16) unsigned char bytes[VALUE_MOST];
	uint64_t size = sc_type_real(argument->type)->size;

	value.bytes = bytes;
	value.size = sc_line_fetch(call->enter, &argument->place, false, bytes, size < VALUE_MOST ? (size_t)size : VALUE_MOST);
	if (sc_event_find_blob(call->enter, argument->number, BLOBS, &in))
		value.in = &in;
	/* What a call that has failed left there is of no use. */
	if ((!layout->failed || marks & SC_MARK_IN) && sc_event_find_blob(call->leave, argument->number, BLOBS, &out))
		value.out = &out;
	sc_line_value(text, style, &value);
}

/* What a format takes from a va_list: its values lie one behind the other, their strings in blobs of their own. */
static void put_valist(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
		       const struct sc_line_call *call, const struct sc_line_argument *argument)
{
	struct sc_line_conversion conversions[32];
	struct sc_blob_view format, values, string;
	bool more = false, known;
	size_t at = 0;
	unsigned count = 0;

	if (!sc_event_find_blob(call->enter, argument->number, 1u << SC_BLOB_VALUES, &values) ||
	    !sc_event_find_blob(call->enter, layout->proto->format, 1u << SC_BLOB_STRING, &format)) {
		sc_text_hex(text, word_of(argument, call, &known));
		return;
	}
	count = sc_line_format(format.bytes, format.length, format.state != SC_BLOB_WHOLE, conversions, 32, &more);
	sc_text_char(text, '[');
	for (unsigned i = 0; i < count; i++) {
		struct sc_line_value value = { .type = conversions[i].type, .notes = conversions[i].notes };
		size_t size = sc_type_real(value.type)->size > 8 ? 16 : 8;

		if (i)
			sc_text_add(text, ", ");
		if (values.length - at < size) {
			sc_text_add(text, "...");
			more = false;
			break;
		}
		value.bytes = values.bytes + at;
		value.size = size;
		if (sc_event_find_blob(call->enter, argument->number + i, BLOBS, &string))
			value.in = &string;
		sc_line_value(text, style, &value);
		at += size;
	}
	sc_text_add(text, more ? count ? ", ...]" : "...]" : "]");
}

void sc_line_argument(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
		      const struct sc_line_call *call, unsigned n)
{
	const struct sc_line_argument *argument = &layout->arguments[n];

	if (argument->kind == SC_LINE_WORD)
		put_word(text, argument, call);
	else if (argument->kind == SC_LINE_VALIST)
		put_valist(text, style, layout, call, argument);
	else
		put_plain(text, style, layout, call, argument);
}

/* ---- the result ---- */

/* A struct that was returned through memory: its bytes are a blob, or not there. */
static void put_from_memory(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_call *call,
			    const struct sc_type *type, uint64_t address)
{
	struct sc_blob_view blob;

	if (sc_event_find_blob(call->leave, RETURNED, 1u << SC_BLOB_BYTES, &blob))
		sc_line_bytes_of_type(text, style, type, NULL, NULL, blob.bytes, blob.length, 0);
	else
		sc_text_format(text, "{...} /* at %#llx */", (unsigned long long)address);
}

static void put_failure(struct sc_text *text, const struct sc_line_layout *layout)
{
	if (layout->error == 0)
		return;
	sc_text_char(text, ' ');
	sc_line_error(text, layout->error);
}

static void put_returned(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
			 const struct sc_line_call *call)
{
	const struct sc_proto *proto = layout->proto;
	const struct sc_type *type = proto->type->target, *real = sc_type_real(type);
	_Alignas(16) unsigned char bytes[64] = { 0 };
	struct sc_line_value value = { .type = type, .notes = proto->result, .bytes = bytes };
	struct sc_blob_view blob;
	uint64_t word;

	value.size = sc_line_fetch(call->leave, &layout->result, true, bytes, sizeof(bytes));
	memcpy(&word, bytes, sizeof(word));
	if (real->kind == SC_TYPE_VOID || layout->result.where == SC_ABI_NOTHING) {
		sc_text_add(text, real->kind == SC_TYPE_VOID ? "<void>" : "{}");
	} else if (layout->result.where == SC_ABI_MEMORY) {
		put_from_memory(text, style, call, type, word);
	} else if (layout->failed && proto->error == SC_ERROR_RETURNED) {
		sc_line_error(text, layout->error);
	} else if (layout->failed && proto->error == SC_ERROR_MINUS_ONE) {
		sc_text_add(text, "-1"); /* also where the type has no such value */
		put_failure(text, layout);
	} else {
		if (sc_event_find_blob(call->leave, RETURNED, BLOBS, &blob))
			value.out = &blob;
		if (value.size)
			sc_line_value(text, style, &value);
		else
			sc_text_char(text, '?');
		if (layout->failed)
			put_failure(text, layout);
	}
}

void sc_line_result(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
		    const struct sc_line_call *call)
{
	uint64_t word = 0;

	if (!call->leave) {
		sc_text_char(text, '?');
	} else if (layout->proto) {
		put_returned(text, style, layout, call);
	} else if (sc_line_fetch(call->leave, &layout->result, true, (unsigned char *)&word, sizeof(word)) == sizeof(word)) {
		sc_text_format(text, "%#llx", (unsigned long long)word);
	} else {
		sc_text_char(text, '?');
	}
}

void sc_line_call(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_call *call)
{
	struct sc_line_layout layout;

	sc_line_layout(&layout, call);
	sc_text_char(text, '(');
	for (unsigned i = 0; i < layout.count; i++) {
		if (i)
			sc_text_add(text, ", ");
		sc_line_argument(text, style, &layout, call, i);
	}
	if (layout.more)
		sc_text_add(text, layout.count ? ", ..." : "...");
	sc_text_add(text, ") = ");
	sc_line_result(text, style, &layout, call);
}
