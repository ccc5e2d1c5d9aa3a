/* SPDX-License-Identifier: MIT */
/*
 * Owns the check of capture programs that come from files, and the one for functions that nothing is known of. Does not
 * own how they are made (proto_capture.c) or followed (src/preload/trace_blobs.c). Called by image.c and the engine.
 */
#include "common/capture.h"

const struct sc_capture sc_capture_unknown = { .general = 6, .returns = SC_RETURN_RAX, .unknown = 1 };

static bool place_ok(uint8_t place)
{
	return place == SC_PLACE_RETURN || place < SC_PLACE_STACK + SC_CAPTURE_STACK;
}

static bool item_ok(const struct sc_capture *capture, unsigned number)
{
	const struct sc_capture_item *item = &capture->items[number];

	if (!place_ok(item->place) || !place_ok(item->length_place))
		return false;
	switch (item->kind) {
	case SC_CAPTURE_STRING:
	case SC_CAPTURE_STRINGS:
	case SC_CAPTURE_FORMAT:
	case SC_CAPTURE_VALIST:
		return true;
	case SC_CAPTURE_BYTES:
		return item->length <= SC_LENGTH_POINTED &&
		       (!item->times_place || place_ok((uint8_t)(item->times_place - 1)));
	case SC_CAPTURE_CASE:
		return (item->length == SC_CASE_EQUAL || item->length == SC_CASE_ANY) &&
		       item->size <= capture->item_count - 1u - number &&
		       item->argument <= capture->item_count - 1u - number;
	default:
		return false;
	}
}

bool sc_capture_check(const void *data, size_t size)
{
	const struct sc_capture *capture = data;

	if (size < sizeof(*capture) || (uintptr_t)data % 4 || sc_capture_size(capture) > size)
		return false;
	if (capture->general > 6 || capture->vector > 8 || capture->stack > SC_CAPTURE_STACK ||
	    capture->item_count > SC_CAPTURE_ITEMS || capture->error > SC_ERROR_NONZERO)
		return false;
	if (capture->bytes.place_count > 2)
		return false;
	for (unsigned i = 0; i < capture->bytes.place_count; i++) /* at the entry nothing has been returned */
		if (!place_ok(capture->bytes.places[i]) || capture->bytes.places[i] == SC_PLACE_RETURN)
			return false;
	for (unsigned i = 0; i < capture->item_count; i++)
		if (!item_ok(capture, i))
			return false;
	return true;
}
