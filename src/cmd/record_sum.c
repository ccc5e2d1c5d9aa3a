/* SPDX-License-Identifier: MIT */
/*
 * Owns the adding up of a record's chunks. Called by record_read.c, which has found them.
 *
 *	region      counts[index]         -> calls
 *	            log                   -> returned, total, self, min, max, histogram
 *	times                             -> the same, of calls folded out of logs
 *	histograms  through times         -> histogram
 *	names       of stubs that are in no image
 *	events      how many were dropped
 *	unobserved  programs
 *
 * A process may have been killed while an entry went from a log into its times: the region has a
 * note of it (common/record.h), and add_interrupted_fold adds what is still missing.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/record_chunks.h"
#include "common/event.h"

static uint64_t get64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Reads a region's fields; how many of its counts the file really has: fewer than promised is damage. */
static uint32_t region_counts(struct sc_record_reader *reader, const struct sc_record_span *span,
			      struct sc_record_region *region)
{
	uint64_t room;
	uint32_t count;

	if (span->size < sizeof(*region)) {
		sc_record_damaged(reader, "region");
		return 0;
	}
	memcpy(region, reader->data + span->offset, sizeof(*region));
	room = span->size > SC_RECORD_COUNTS_OFFSET ? (span->size - SC_RECORD_COUNTS_OFFSET) / sizeof(uint64_t) : 0;
	count = region->backed < region->capacity ? region->backed : region->capacity;
	if (count > room)
		count = (uint32_t)room;
	if (count < region->backed)
		sc_record_damaged(reader, "region");
	return count;
}

/* The highest number of stubs that any region has counts of: bounded by the size of the file. */
static int allocate_stubs(struct sc_record_reader *reader)
{
	uint32_t most = 0;

	for (size_t i = 0; i < reader->span_count; i++) {
		const struct sc_record_span *span = &reader->spans[i];
		struct sc_record_region region;
		uint32_t count = 0;

		if (span->kind == SC_RECORD_REGION)
			count = region_counts(reader, span, &region);
		if (count > most)
			most = count;
	}
	if (most == 0)
		return 0;
	reader->out->stubs = calloc(most, sizeof(*reader->out->stubs));
	if (!reader->out->stubs)
		return -ENOMEM;
	reader->out->stub_count = most;
	return 0;
}

static int want_histogram(struct sc_record_stub *stub)
{
	if (!stub->histogram)
		stub->histogram = calloc(SC_HISTOGRAM_BUCKETS, sizeof(*stub->histogram));
	return stub->histogram ? 0 : -ENOMEM;
}

/* A duration is at least one tick, so a minimum of 0 says that there is none yet. */
static void add_times(struct sc_record_stub *stub, const struct sc_record_times *times)
{
	if (times->min && (stub->min == 0 || times->min < stub->min))
		stub->min = times->min;
	if (times->max > stub->max)
		stub->max = times->max;
	stub->returned += times->calls;
	stub->total += times->total;
	stub->self += times->self;
}

/* The bytes of what lies in a chunk of `kind` at an offset, or NULL when nothing does. */
static const unsigned char *item_at(const struct sc_record_reader *reader, uint32_t kind, uint64_t offset, size_t item)
{
	size_t low = 0, high = reader->span_count;
	const struct sc_record_span *span;
	uint64_t inside;

	while (low < high) { /* the first span that begins behind offset */
		size_t middle = low + (high - low) / 2;

		if (reader->spans[middle].offset > offset)
			high = middle;
		else
			low = middle + 1;
	}
	if (low == 0)
		return NULL;
	span = &reader->spans[low - 1];
	inside = offset - span->offset;
	if (span->kind != kind || inside < sizeof(struct sc_record_pool) || inside > span->size ||
	    span->size - inside < item || (inside - sizeof(struct sc_record_pool)) % item)
		return NULL;
	return reader->data + offset;
}

static int add_groups(struct sc_record_reader *reader, struct sc_record_stub *stub, uint32_t reference)
{
	/* A list that is longer than there are groups has a circle. */
	for (unsigned i = 0; reference; i++) {
		struct sc_record_group group;
		const unsigned char *from = item_at(reader, SC_RECORD_HISTOGRAMS, sc_record_referred(reference), sizeof(group));

		if (!from || i == SC_RECORD_GROUPS) {
			sc_record_damaged(reader, "histogram");
			return 0;
		}
		memcpy(&group, from, sizeof(group));
		if (group.number >= SC_RECORD_GROUPS) {
			sc_record_damaged(reader, "histogram");
			return 0;
		}
		if (want_histogram(stub))
			return -ENOMEM;
		for (unsigned j = 0; j < SC_RECORD_GROUP; j++)
			stub->histogram[group.number * SC_RECORD_GROUP + j] += group.buckets[j];
		reference = group.next;
	}
	return 0;
}

static int add_times_chunk(struct sc_record_reader *reader, const struct sc_record_span *span)
{
	uint64_t at = sizeof(struct sc_record_pool);
	struct sc_record_times times;

	for (; at < span->size && span->size - at >= sizeof(times); at += sizeof(times)) {
		memcpy(&times, reader->data + span->offset + at, sizeof(times));
		if (times.index >= reader->out->stub_count) {
			sc_record_damaged(reader, "times");
			continue;
		}
		add_times(&reader->out->stubs[times.index], &times);
		for (unsigned i = 0; i < SC_RECORD_LISTS; i++)
			if (add_groups(reader, &reader->out->stubs[times.index], times.groups[i]))
				return -ENOMEM;
	}
	return 0;
}

static int add_log_entry(struct sc_record_reader *reader, const unsigned char *at)
{
	uint64_t second = get64(at), first = get64(at + 8);
	uint64_t index = (first & 0xffff) | (second & 0xffff) << 16;
	uint64_t duration = first >> 16, children = second >> 16;
	struct sc_record_times times = { .calls = 1, .total = duration, .min = duration, .max = duration };
	struct sc_record_stub *stub;

	if (duration == 0) /* reserved and not filled, or emptied */
		return 0;
	if (index >= reader->out->stub_count) {
		sc_record_damaged(reader, "log");
		return 0;
	}
	times.self = duration > children ? duration - children : 0;
	stub = &reader->out->stubs[index];
	add_times(stub, &times);
	if (want_histogram(stub))
		return -ENOMEM;
	stub->histogram[sc_histogram_bucket(duration)]++;
	return 0;
}

static int add_log(struct sc_record_reader *reader, const struct sc_record_span *span,
		   const struct sc_record_region *region)
{
	const unsigned char *log = reader->data + span->offset + SC_RECORD_LOG_OFFSET;
	uint64_t end = region->log_used < SC_RECORD_LOG_SIZE ? region->log_used : SC_RECORD_LOG_SIZE;

	if (span->size < SC_RECORD_LOG_OFFSET + end) {
		sc_record_damaged(reader, "log");
		end = span->size - SC_RECORD_LOG_OFFSET;
	}
	for (uint64_t at = 0; at < end && end - at >= sizeof(struct sc_record_entry); at += sizeof(struct sc_record_entry))
		if (add_log_entry(reader, log + at))
			return -ENOMEM;
	return 0;
}

/* How often a bucket was hit; false: no group has it. */
static bool find_bucket(const struct sc_record_reader *reader, const struct sc_record_times *times, unsigned bucket,
			uint64_t *out)
{
	uint32_t reference = times->groups[bucket / SC_RECORD_GROUP % SC_RECORD_LISTS];
	struct sc_record_group group;

	for (unsigned i = 0; reference && i < SC_RECORD_GROUPS; i++) {
		const unsigned char *from = item_at(reader, SC_RECORD_HISTOGRAMS, sc_record_referred(reference), sizeof(group));

		if (!from)
			return false;
		memcpy(&group, from, sizeof(group));
		if (group.number == bucket / SC_RECORD_GROUP) {
			*out = group.buckets[bucket % SC_RECORD_GROUP];
			return true;
		}
		reference = group.next;
	}
	return false;
}

/* The times that a region's note is about; false: there is no such note. */
static bool find_noted(const struct sc_record_reader *reader, const struct sc_record_span *span,
		       const struct sc_record_region *region, struct sc_record_times *out)
{
	struct sc_record_entry log[SC_RECORD_LOG_ENTRIES];
	const unsigned char *from;

	if (region->fold_slot == 0 || span->size < SC_RECORD_LOG_OFFSET + sizeof(log))
		return false;
	memcpy(log, reader->data + span->offset + SC_RECORD_LOG_OFFSET, sizeof(log));
	from = item_at(reader, SC_RECORD_TIMES, region->fold_times, sizeof(*out));
	if (!from)
		return false;
	memcpy(out, from, sizeof(*out));
	return out->index < reader->out->stub_count && out->index == sc_record_noted(region, log);
}

static int add_interrupted_fold(struct sc_record_reader *reader, const struct sc_record_span *span,
				const struct sc_record_region *region)
{
	unsigned number = sc_histogram_bucket(region->fold_first >> 16);
	struct sc_record_times before, after;
	uint64_t bucket = 0, bucket_before;
	struct sc_record_stub *stub;
	bool found;

	if (!find_noted(reader, span, region, &before))
		return 0;
	after = before;
	found = find_bucket(reader, &before, number, &bucket);
	bucket_before = bucket;
	sc_record_finish_noted(region, &after, found ? &bucket : NULL);

	/* The times themselves are added as they are; here goes the difference. */
	stub = &reader->out->stubs[before.index];
	after.calls -= before.calls;
	after.total -= before.total;
	after.self -= before.self;
	add_times(stub, &after);
	if (bucket == bucket_before)
		return 0;
	if (want_histogram(stub))
		return -ENOMEM;
	stub->histogram[number] += bucket - bucket_before;
	return 0;
}

static int add_region(struct sc_record_reader *reader, const struct sc_record_span *span)
{
	const unsigned char *counts = reader->data + span->offset + SC_RECORD_COUNTS_OFFSET;
	struct sc_record_region region;
	uint32_t count = region_counts(reader, span, &region);
	int r;

	if (span->size < sizeof(region))
		return 0;
	for (uint32_t i = 0; i < count; i++)
		reader->out->stubs[i].calls += get64(counts + 8 * (size_t)i);
	reader->out->untimed += region.untimed;
	reader->out->threads += region.threads;
	r = add_log(reader, span, &region);
	return r ? r : add_interrupted_fold(reader, span, &region);
}

/* Terminated strings, one an index, within what the file has of them. */
static int add_names(struct sc_record_reader *reader, const struct sc_record_span *span)
{
	struct sc_record_names names;
	const char *at, *end;

	if (span->size < sizeof(names)) {
		sc_record_damaged(reader, "names");
		return 0;
	}
	memcpy(&names, reader->data + span->offset, sizeof(names));
	at = (const char *)reader->data + span->offset + sizeof(names);
	end = at + (names.size < span->size - sizeof(names) ? names.size : span->size - sizeof(names));
	for (uint64_t i = 0; i < names.count; i++) {
		const char *zero = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
		uint64_t index = names.first_index + i;

		if (!zero) {
			sc_record_damaged(reader, "names");
			return 0;
		}
		if (*at && index < reader->out->stub_count && !reader->out->stubs[index].name) {
			reader->out->stubs[index].name = strdup(at);
			if (!reader->out->stubs[index].name)
				return -ENOMEM;
		}
		at = zero + 1;
	}
	return 0;
}

static void add_dropped(struct sc_record_reader *reader, const struct sc_record_span *span)
{
	struct sc_record_events events;

	if (span->size < sizeof(events)) {
		sc_record_damaged(reader, "events");
		return;
	}
	memcpy(&events, reader->data + span->offset, sizeof(events));
	reader->out->events_dropped += events.dropped;
}

/* Room for one more, made at each power of two. */
static bool want_program(struct sc_record_file *record)
{
	size_t count = record->program_count;
	struct sc_record_program *programs;

	if (count & (count - 1))
		return true;
	programs = reallocarray(record->programs, count ? 2 * count : 1, sizeof(*programs));
	if (programs)
		record->programs = programs;
	return programs;
}

/* A program that is not observed; times 0: it was not executed after all. */
static int add_program(struct sc_record_reader *reader, const struct sc_record_span *span)
{
	struct sc_record_file *record = reader->out;
	const char *path = (const char *)reader->data + span->offset + sizeof(struct sc_record_unobserved);
	struct sc_record_unobserved program;

	if (span->size <= sizeof(program) || !memchr(path, 0, span->size - sizeof(program))) {
		sc_record_damaged(reader, "unobserved");
		return 0;
	}
	memcpy(&program, reader->data + span->offset, sizeof(program));
	if (program.times == 0)
		return 0;
	if (!want_program(record))
		return -ENOMEM;
	path = strdup(path);
	if (!path)
		return -ENOMEM;
	record->programs[record->program_count++] = (struct sc_record_program){
		.path = (char *)path, .reason = (enum sc_unobserved)program.reason, .times = program.times,
	};
	return 0;
}

int sc_record_sum(struct sc_record_reader *reader)
{
	int r = allocate_stubs(reader);

	for (size_t i = 0; r == 0 && i < reader->span_count; i++) {
		if (reader->spans[i].kind == SC_RECORD_REGION)
			r = add_region(reader, &reader->spans[i]);
		else if (reader->spans[i].kind == SC_RECORD_TIMES)
			r = add_times_chunk(reader, &reader->spans[i]);
		else if (reader->spans[i].kind == SC_RECORD_NAMES)
			r = add_names(reader, &reader->spans[i]);
		else if (reader->spans[i].kind == SC_RECORD_EVENTS)
			add_dropped(reader, &reader->spans[i]);
		else if (reader->spans[i].kind == SC_RECORD_UNOBSERVED)
			r = add_program(reader, &reader->spans[i]);
	}
	return r;
}
