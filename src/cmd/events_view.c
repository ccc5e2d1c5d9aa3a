/* SPDX-License-Identifier: MIT */
/*
 * Owns the way into one event. Does not own where events come from (events_read.c) nor what they mean. Called by
 * events_read.c and by all that formats calls.
 */
#include "cmd/events_view.h"

#include <string.h>

#define GENERAL_MOST 6
#define GENERAL_LEFT 2
#define VECTOR_MOST 8
#define STACK_MOST 64
#define X87_MOST 2

static unsigned stack_words(const struct sc_event *event)
{
	return event->kind == SC_EVENT_LEAVE ? 2u * event->stack : event->stack;
}

bool sc_event_valid(const void *data, size_t size)
{
	struct sc_event event;
	bool leave;

	if (size < sizeof(event) || size > SC_EVENT_MOST || size % 8)
		return false;
	memcpy(&event, data, sizeof(event));
	if (event.size != size || event.kind < SC_EVENT_ENTER || event.kind > SC_EVENT_THREAD)
		return false;
	leave = event.kind == SC_EVENT_LEAVE;
	if (event.general > (leave ? GENERAL_LEFT : GENERAL_MOST) || event.vector > VECTOR_MOST ||
	    event.stack > (leave ? X87_MOST : STACK_MOST))
		return false;
	return event.general + event.vector + stack_words(&event) <= (size - sizeof(event)) / 8;
}

struct sc_event_words sc_event_words(const struct sc_event *event)
{
	struct sc_event_words words = { .general_count = event->general, .vector_count = event->vector };
	const uint64_t *at = event->words;

	words.general = words.general_count ? at : NULL;
	at += words.general_count;
	words.vector = words.vector_count ? at : NULL;
	at += words.vector_count;
	if (event->kind == SC_EVENT_LEAVE) {
		words.x87_count = event->stack;
		words.x87 = event->stack ? at : NULL;
	} else {
		words.stack_count = event->stack;
		words.stack = event->stack ? at : NULL;
	}
	words.blobs = sizeof(*event) + 8u * (words.general_count + words.vector_count + stack_words(event));
	return words;
}

bool sc_event_next_blob(const struct sc_event *event, size_t *offset, struct sc_blob_view *out)
{
	const unsigned char *data = (const unsigned char *)event;
	struct sc_blob blob;
	size_t left;

	if (*offset > event->size || event->size - *offset < sizeof(blob))
		return false;
	memcpy(&blob, data + *offset, sizeof(blob));
	left = event->size - *offset - sizeof(blob);
	if (blob.kind == 0 || blob.length > left)
		return false;
	*out = (struct sc_blob_view){
		.bytes = data + *offset + sizeof(blob), .length = blob.length, .kind = (enum sc_blob_kind)blob.kind,
		.state = (enum sc_blob_state)blob.state, .argument = blob.argument,
	};
	*offset += sizeof(blob) + (((size_t)blob.length + 7) & ~(size_t)7);
	return true;
}

bool sc_event_find_blob(const struct sc_event *event, unsigned argument, unsigned kinds, struct sc_blob_view *out)
{
	struct sc_blob_view blob;
	size_t offset;

	if (!event)
		return false;
	offset = sc_event_words(event).blobs;
	while (sc_event_next_blob(event, &offset, &blob)) {
		if (blob.argument == argument && blob.kind < 32 && kinds >> blob.kind & 1) {
			*out = blob;
			return true;
		}
	}
	return false;
}
