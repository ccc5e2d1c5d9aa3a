/* SPDX-License-Identifier: MIT */
/*
 * Owns the following of capture programs (common/capture.h): which pointers are read, how far, into which blobs.
 * Called by trace.c inside intercepted calls.
 */
#include "preload/trace_blobs.h"

#define FIXED_MOST 1024 /* bytes of a structure */
#define STRINGS_MOST 16 /* of an array of strings */

static uint32_t padded(uint32_t size)
{
	return (size + 7) & ~7u;
}

static uint32_t item_most(const struct sc_capture_item *item, uint32_t limit)
{
	uint32_t size = item->size < SC_EVENT_MOST ? item->size : SC_EVENT_MOST; /* so that sums are right */

	switch (item->kind) {
	case SC_CAPTURE_STRING:
		return sizeof(struct sc_blob) + padded(limit < size ? size : limit);
	case SC_CAPTURE_BYTES:
		if (item->length == SC_LENGTH_FIXED)
			return sizeof(struct sc_blob) + padded(size < FIXED_MOST ? size : FIXED_MOST);
		return sizeof(struct sc_blob) + padded(limit < size ? size : limit);
	case SC_CAPTURE_STRINGS:
		return sizeof(struct sc_blob) + STRINGS_MOST * padded(limit + 1);
	case SC_CAPTURE_FORMAT:
	case SC_CAPTURE_VALIST:
		return sc_trace_format_most(limit);
	default:
		return 0;
	}
}

uint32_t sc_trace_blobs_most(const struct sc_capture *capture, enum sc_capture_when when, uint32_t limit)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < capture->item_count; i++)
		if (capture->items[i].when & when)
			most += item_most(&capture->items[i], limit);
	return most;
}

uintptr_t sc_trace_word(struct sc_trace_builder *b, unsigned place)
{
	uintptr_t word = 0;

	if (place < SC_PLACE_STACK)
		return b->arguments[place];
	if (place == SC_PLACE_RETURN)
		return b->returned ? b->returned[1] : 0;
	if (sc_peek_bytes(&b->peek, &word, (uintptr_t)&b->stack[place - SC_PLACE_STACK], sizeof(word)) < sizeof(word))
		word = 0;
	return word;
}

/* The head of a blob, and where its bytes go; NULL when not even the head fits. */
static struct sc_blob *begin(struct sc_trace_builder *b, enum sc_blob_kind kind, unsigned argument, uint32_t *room)
{
	struct sc_blob *blob = (struct sc_blob *)b->at;

	if ((size_t)(b->end - b->at) < sizeof(*blob))
		return NULL;
	*(uint32_t *)blob = kind | argument << 16; /* and no state yet */
	*room = (uint32_t)(b->end - (char *)(blob + 1)) & ~7u;
	return blob;
}

static void end(struct sc_trace_builder *b, struct sc_blob *blob, enum sc_blob_state state, uint32_t length)
{
	char *at = (char *)(blob + 1) + length;

	blob->state = (uint8_t)state;
	blob->length = length;
	if ((uintptr_t)at & 7) {
		uint64_t *last = (uint64_t *)((uintptr_t)at & ~(uintptr_t)7);

		*last &= ((uint64_t)1 << 8 * ((uintptr_t)at & 7)) - 1;
		at = (char *)(last + 1);
	}
	b->at = at;
}

void sc_trace_string(struct sc_trace_builder *b, unsigned argument, uintptr_t address, uint32_t most)
{
	enum sc_blob_state state;
	struct sc_blob *blob;
	uint32_t room;
	long literal;

	if (!address)
		return;
	blob = begin(b, SC_BLOB_STRING, argument, &room);
	if (!blob)
		return;
	most = most < room ? most : room;
	literal = sc_peek_literal((char *)(blob + 1), address, most);
	state = SC_BLOB_WHOLE;
	if (literal < 0)
		literal = (long)sc_peek_string(&b->peek, (char *)(blob + 1), address, most, &state);
	end(b, blob, state, (uint32_t)literal);
}

void sc_trace_copy(struct sc_trace_builder *b, enum sc_blob_kind kind, unsigned argument, const void *bytes,
		   uint32_t size)
{
	uint32_t room;
	struct sc_blob *blob = begin(b, kind, argument, &room);

	if (!blob)
		return;
	if (size > room)
		size = room;
	for (uint32_t i = 0; i < size / 8; i++)
		((uint64_t *)(blob + 1))[i] = ((const uint64_t *)bytes)[i];
	end(b, blob, SC_BLOB_WHOLE, size & ~7u);
}

/* A factor of a length. */
static uint64_t factor(struct sc_trace_builder *b, unsigned place, bool narrow)
{
	uintptr_t word = sc_trace_word(b, place);

	if (!narrow)
		return word;
	return (int32_t)word < 0 ? 0 : (uint32_t)word;
}

/* How many bytes an item asks for; *most: how many of them are recorded. */
static uint64_t length_of(struct sc_trace_builder *b, const struct sc_capture_item *item, uint32_t *most)
{
	uint64_t count = 0;

	*most = b->limit < item->size ? item->size : b->limit;
	switch (item->length) {
	case SC_LENGTH_FIXED:
		*most = FIXED_MOST;
		return item->size;
	case SC_LENGTH_PLACE:
		count = factor(b, item->length_place, item->narrow & SC_NARROW_LENGTH);
		break;
	case SC_LENGTH_RETURN:
		count = factor(b, SC_PLACE_RETURN, item->narrow & SC_NARROW_LENGTH);
		if ((int64_t)count < 0)
			count = 0;
		break;
	case SC_LENGTH_POINTED:
		if (item->value == 4 || item->value == 8)
			sc_peek_bytes(&b->peek, &count, sc_trace_word(b, item->length_place), item->value);
		break;
	}
	if (__builtin_mul_overflow(count, item->size, &count) ||
	    (item->times_place &&
	     __builtin_mul_overflow(count, factor(b, item->times_place - 1u, item->narrow & SC_NARROW_TIMES), &count)))
		return UINT64_MAX;
	return count;
}

void sc_trace_bytes(struct sc_trace_builder *b, unsigned argument, uintptr_t address, uint64_t wanted, uint32_t most)
{
	enum sc_blob_state state = SC_BLOB_WHOLE;
	struct sc_blob *blob;
	uint32_t room, got;

	blob = begin(b, SC_BLOB_BYTES, argument, &room);
	if (!blob)
		return;
	most = most < room ? most : room;
	if (wanted > most) {
		wanted = most;
		state = SC_BLOB_CUT;
	}
	got = (uint32_t)sc_peek_bytes(&b->peek, blob + 1, address, wanted);
	end(b, blob, got < wanted ? SC_BLOB_UNREADABLE : state, got);
}

static void put_bytes(struct sc_trace_builder *b, const struct sc_capture_item *item)
{
	uintptr_t address = sc_trace_word(b, item->place);
	uint64_t wanted;
	uint32_t most;

	if (!address)
		return;
	wanted = length_of(b, item, &most);
	sc_trace_bytes(b, item->argument, address, wanted, most);
}

/* Strings one behind the other, each with its NUL. */
static void put_strings(struct sc_trace_builder *b, const struct sc_capture_item *item)
{
	uintptr_t address = sc_trace_word(b, item->place), string;
	enum sc_blob_state state = SC_BLOB_CUT, of_string;
	struct sc_blob *blob;
	uint32_t room, used = 0;

	if (!address)
		return;
	blob = begin(b, SC_BLOB_STRINGS, item->argument, &room);
	if (!blob)
		return;
	for (unsigned i = 0; i < STRINGS_MOST && used + b->limit + 1 <= room; i++) {
		char *at = (char *)(blob + 1) + used;

		if (sc_peek_bytes(&b->peek, &string, address + i * sizeof(string), sizeof(string)) < sizeof(string)) {
			state = SC_BLOB_UNREADABLE;
			break;
		}
		if (!string) {
			state = SC_BLOB_WHOLE;
			break;
		}
		used += (uint32_t)sc_peek_string(&b->peek, at, string, b->limit, &of_string);
		((char *)(blob + 1))[used++] = 0;
	}
	end(b, blob, state, used);
}

/* Whether what follows holds for this call. */
static bool case_holds(struct sc_trace_builder *b, const struct sc_capture_item *item)
{
	uint32_t word = (uint32_t)sc_trace_word(b, item->place);

	return item->length == SC_CASE_EQUAL ? word == item->value : (word & item->value) != 0;
}

void sc_trace_blobs(struct sc_trace_builder *b, const struct sc_capture *capture, enum sc_capture_when when)
{
	for (unsigned i = 0; i < capture->item_count; i++) {
		const struct sc_capture_item *item = &capture->items[i];

		if (item->kind == SC_CAPTURE_CASE) {
			i += case_holds(b, item) ? item->argument : item->size;
			continue;
		}
		if (!(item->when & when))
			continue;
		if (item->kind == SC_CAPTURE_STRING)
			sc_trace_string(b, item->argument, sc_trace_word(b, item->place),
					b->limit < item->size ? item->size : b->limit);
		else if (item->kind == SC_CAPTURE_BYTES)
			put_bytes(b, item);
		else if (item->kind == SC_CAPTURE_STRINGS)
			put_strings(b, item);
		else
			sc_trace_format(b, item);
	}
}
