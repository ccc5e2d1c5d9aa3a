/* SPDX-License-Identifier: MIT */
/*
 * Owns the counting of faults in a record: of events (common/event.h) only their kind and rule are looked at, so that a
 * record of a loop that failed a million times is no work. Called by campaign_sites.c.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/campaign.h"
#include "cmd/record_chunks.h"
#include "common/event.h"

static bool is_fault(const struct sc_event *event, unsigned rule)
{
	return event->kind == SC_EVENT_INJECT && event->detail >> 40 == rule;
}

/* Events that were begun and never finished are passed by; where no event can begin the chunk ends. */
static uint64_t count_chunk(const unsigned char *data, uint64_t size, unsigned rule)
{
	struct sc_record_events head;
	uint64_t at = sizeof(head), end, count = 0;
	struct sc_event event;

	if (size < sizeof(head))
		return 0;
	memcpy(&head, data, sizeof(head));
	end = head.used < size - at ? at + head.used : size;
	while (end - at >= sizeof(event)) {
		uint32_t length;

		memcpy(&event, data + at, sizeof(event));
		length = event.size & ~SC_EVENT_OPEN;
		if (event.size == 0) {
			at += 8;
			continue;
		}
		if (length < sizeof(event) || length % 8 || length > end - at)
			break;
		count += !(event.size & SC_EVENT_OPEN) && is_fault(&event, rule);
		at += length;
	}
	/* What found no room is more of the same, mostly. */
	return count ? count + head.dropped : 0;
}

uint64_t sc_campaign_faults_count(const void *data, size_t size, unsigned rule)
{
	struct sc_record_file record = { 0 };
	struct sc_record_reader reader = { .data = data, .size = size, .out = &record };
	uint64_t count = 0;
	const char *why;

	if (sc_record_find_chunks(&reader, &why) == 0)
		for (size_t i = 0; i < reader.span_count; i++)
			if (reader.spans[i].kind == SC_RECORD_EVENTS)
				count += count_chunk(reader.data + reader.spans[i].offset, reader.spans[i].size, rule);
	free(reader.spans);
	return count ? count + record.header.events_dropped : 0;
}
