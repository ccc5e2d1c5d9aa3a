/* SPDX-License-Identifier: MIT */
/*
 * Owns the way into record files: loading, the header, finding the chunks. Does not own what is in
 * the chunks (record_sum.c), what indexes mean (report_names.c) nor ticks (report_clock.c). Called by
 * report_gather.c.
 *
 * The file may be shorter than its last chunk: only what is backed was ever given storage. A chunk
 * that was claimed and not filled has no magic, and ends the walk.
 */
#include "cmd/record_chunks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sys.h"

#define CHUNK_ALIGNMENT 64
#define FILE_MOST ((uint64_t)2 << 30)

void sc_record_damaged(struct sc_record_reader *reader, const char *word)
{
	if (!reader->out->damage)
		reader->out->damage = word;
}

bool sc_record_is_name(const char *name)
{
	size_t length = strlen(name), suffix = strlen(SC_RECORD_SUFFIX);

	return length > suffix && !strcmp(name + length - suffix, SC_RECORD_SUFFIX);
}

const char *sc_record_why_text(const char *why)
{
	static const char *const texts[][2] = {
		{ "header", "its first bytes are damaged" },
		{ "magic", "it is no record" },
		{ "short", "it is too short" },
		{ "type", "it is no plain file" },
		{ "version", "it is of another version of stubcache" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(why, texts[i][0]))
			return texts[i][1];
	return why;
}

bool sc_record_is_unbegun(const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size && i < sizeof(struct sc_record_header); i++)
		if (bytes[i])
			return false;
	return true;
}

static int read_header(struct sc_record_reader *reader, const char **why)
{
	struct sc_record_header *header = &reader->out->header;

	if (sc_record_is_unbegun(reader->data, reader->size))
		return -ENODATA;
	*why = "short";
	if (reader->size < sizeof(*header))
		return -EINVAL;
	memcpy(header, reader->data, sizeof(*header));
	*why = "magic";
	if (memcmp(header->magic, SC_RECORD_MAGIC, sizeof(header->magic)))
		return -EINVAL;
	*why = "version";
	if (header->version != 1)
		return -EINVAL;
	*why = "header";
	if (header->header_size < sizeof(*header) || header->header_size > reader->size)
		return -EINVAL;
	header->program[sizeof(header->program) - 1] = 0;
	if (header->image_count > SC_RECORD_IMAGES) {
		header->image_count = SC_RECORD_IMAGES;
		sc_record_damaged(reader, "images");
	}
	return 0;
}

static int add_span(struct sc_record_reader *reader, const struct sc_record_span *span)
{
	/* Grown at each power of two. */
	if ((reader->span_count & (reader->span_count - 1)) == 0) {
		size_t room = reader->span_count ? 2 * reader->span_count : 1;
		struct sc_record_span *spans = reallocarray(reader->spans, room, sizeof(*spans));

		if (!spans)
			return -ENOMEM;
		reader->spans = spans;
	}
	reader->spans[reader->span_count++] = *span;
	return 0;
}

static int find_chunks(struct sc_record_reader *reader)
{
	uint64_t mask = CHUNK_ALIGNMENT - 1;
	uint64_t at = (reader->out->header.header_size + mask) & ~mask;

	while (at < reader->size && reader->size - at >= CHUNK_ALIGNMENT) {
		struct sc_record_chunk chunk;
		uint64_t left = reader->size - at;
		struct sc_record_span span;

		memcpy(&chunk, reader->data + at, sizeof(chunk));
		if (chunk.magic != SC_RECORD_CHUNK_MAGIC)
			break;
		if (chunk.size < CHUNK_ALIGNMENT || chunk.size % CHUNK_ALIGNMENT) {
			sc_record_damaged(reader, "chunk");
			break;
		}
		span = (struct sc_record_span){ .offset = at, .kind = chunk.kind };
		span.size = chunk.size < left ? chunk.size : left;
		if (add_span(reader, &span))
			return -ENOMEM;
		at += span.size;
	}
	return 0;
}

int sc_record_find_chunks(struct sc_record_reader *reader, const char **why)
{
	int r = read_header(reader, why);

	return r ? r : find_chunks(reader);
}

int sc_record_parse(struct sc_record_file *out, const void *data, size_t size, const char **why)
{
	struct sc_record_file record = { 0 };
	struct sc_record_reader reader = { .data = data, .size = size, .out = &record };
	int r = sc_record_find_chunks(&reader, why);

	if (r == 0) {
		record.lost = record.header.lost;
		record.untimed = record.header.untimed;
		record.events_dropped = record.header.events_dropped;
		r = sc_record_sum(&reader);
	}
	free(reader.spans);
	if (r)
		sc_record_release(&record);
	else
		*out = record;
	return r;
}

int sc_record_bytes(int directory, const char *name, unsigned char **out, size_t *size, const char **why)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	unsigned char *data = NULL;
	struct stat stat;
	int r;

	*why = "type";
	if (fd < 0)
		return -errno;
	r = fstat(fd, &stat) ? -errno : !S_ISREG(stat.st_mode) ? -EINVAL : 0;
	if (r == 0 && (uint64_t)stat.st_size > FILE_MOST)
		r = -EFBIG;
	if (r == 0) {
		data = malloc(stat.st_size ? (size_t)stat.st_size : 1);
		r = data ? 0 : -ENOMEM;
	}
	/* Read, not mapped: whoever truncates the file meanwhile must not kill the reader. */
	if (r == 0)
		r = sc_sys_pread_full(fd, data, (size_t)stat.st_size, 0);
	close(fd);
	if (r) {
		free(data);
		return r;
	}
	*out = data;
	*size = (size_t)stat.st_size;
	return 0;
}

int sc_record_load(struct sc_record_file *out, int directory, const char *name, const char **why)
{
	unsigned char *data;
	size_t size;
	int r = sc_record_bytes(directory, name, &data, &size, why);

	if (r)
		return r;
	r = sc_record_parse(out, data, size, why);
	free(data);
	return r;
}

void sc_record_release(struct sc_record_file *record)
{
	if (!record)
		return;
	for (uint32_t i = 0; record->stubs && i < record->stub_count; i++) {
		free(record->stubs[i].histogram);
		free(record->stubs[i].name);
	}
	for (size_t i = 0; i < record->program_count; i++)
		free(record->programs[i].path);
	free(record->programs);
	free(record->stubs);
	*record = (struct sc_record_file){ 0 };
}
