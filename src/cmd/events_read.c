/* SPDX-License-Identifier: MIT */
/*
 * Owns the way to what a record has besides counts: finds chunks of events, modules and names while the process adds
 * some. Does not own the events in them (events_chunk.c), nor counts and times (record_read.c). Called by events_merge.c
 * and the fuzz target.
 */
#include "cmd/events_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/events_internal.h"
#include "cmd/record_read.h"

#define CHUNK_ALIGNMENT 64
#define NAMES_MOST (64u << 20)
#define NAME_MOST 4096
#define INDEX_MOST (16u << 20)
#define UNFILLED_MOST 4096

void sc_events_damaged(struct sc_events *events, const char *word)
{
	if (!events->damage)
		events->damage = word;
}

long sc_events_read_at(const struct sc_events *events, void *out, size_t size, uint64_t offset)
{
	size_t done = 0;

	if (offset > INT64_MAX - size)
		return -EINVAL;
	if (events->fd < 0) {
		if (offset >= events->bytes_size)
			return 0;
		if (size > events->bytes_size - offset)
			size = (size_t)(events->bytes_size - offset);
		memcpy(out, events->bytes + offset, size);
		return (long)size;
	}
	while (done < size) {
		ssize_t n = pread(events->fd, (char *)out + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (long)done;
}

static int read_header(struct sc_events *events, const char **why)
{
	struct sc_record_header header;
	long n = sc_events_read_at(events, &header, sizeof(header), 0);

	if (n < 0)
		return (int)n;
	if (sc_record_is_unbegun(&header, (size_t)n))
		return -ENODATA;
	*why = "short";
	if ((size_t)n < sizeof(header))
		return -EINVAL;
	*why = "magic";
	if (memcmp(header.magic, SC_RECORD_MAGIC, sizeof(header.magic)))
		return -EINVAL;
	*why = "version";
	if (header.version != 1)
		return -EINVAL;
	*why = "header";
	if (header.header_size < sizeof(header) || header.header_size > (1u << 20))
		return -EINVAL;
	header.program[sizeof(header.program) - 1] = 0;
	if (header.image_count > SC_RECORD_IMAGES)
		header.image_count = SC_RECORD_IMAGES;
	events->header = header;
	return 0;
}

static int add_chunk(struct sc_events *events, uint64_t offset, uint64_t size)
{
	if (sc_report_grow(&events->chunks, events->chunk_count, sizeof(*events->chunks)))
		return -ENOMEM;
	events->chunks[events->chunk_count++] = (struct sc_events_chunk){ .offset = offset, .size = size };
	return 0;
}

static int keep_name(struct sc_events *events, uint32_t index, const char *name)
{
	if (index >= INDEX_MOST)
		return 0;
	if (index >= events->name_count) {
		uint32_t count = index + 64;
		char **names = reallocarray(events->names, count, sizeof(*names));

		if (!names)
			return -ENOMEM;
		memset(names + events->name_count, 0, (count - events->name_count) * sizeof(*names));
		events->names = names;
		events->name_count = count;
	}
	if (!events->names[index])
		events->names[index] = strndup(name, NAME_MOST);
	return events->names[index] ? 0 : -ENOMEM;
}

static int add_names(struct sc_events *events, uint64_t offset, uint64_t size)
{
	struct sc_record_names names;
	char *text, *at, *end;
	long n = sc_events_read_at(events, &names, sizeof(names), offset);
	int r = 0;

	if (n < (long)sizeof(names) || names.size > size - sizeof(names) || names.size > NAMES_MOST) {
		sc_events_damaged(events, "names");
		return 0;
	}
	text = malloc((size_t)names.size + 1);
	if (!text)
		return -ENOMEM;
	n = sc_events_read_at(events, text, (size_t)names.size, offset + sizeof(names));
	at = text;
	end = text + (n > 0 ? n : 0);
	*end = 0;
	for (uint64_t i = 0; r == 0 && i < names.count && at < end; i++) {
		if (*at && names.first_index + i <= UINT32_MAX)
			r = keep_name(events, (uint32_t)(names.first_index + i), at);
		at += strlen(at) + 1;
	}
	free(text);
	return r;
}

static int add_module(struct sc_events *events, uint64_t offset, uint64_t size)
{
	struct sc_events_module *module;
	struct sc_record_module read;
	long n = sc_events_read_at(events, &read, sizeof(read), offset);

	if (n < (long)sizeof(read) || read.path_size > size - sizeof(read) || read.path_size > 2 * PATH_MAX) {
		sc_events_damaged(events, "modules");
		return 0;
	}
	if (sc_report_grow(&events->modules, events->module_count, sizeof(*events->modules)) ||
	    sc_report_grow(&events->module_offsets, events->module_count, sizeof(*events->module_offsets)))
		return -ENOMEM;
	module = &events->modules[events->module_count];
	module->module = read;
	if (module->module.build_id_size > sizeof(module->module.build_id))
		module->module.build_id_size = 0;
	module->path = calloc(1, (size_t)read.path_size + 1);
	if (!module->path)
		return -ENOMEM;
	sc_events_read_at(events, module->path, read.path_size, offset + sizeof(read));
	events->module_offsets[events->module_count++] = offset;
	return 0;
}

/* What a chunk of a known kind brings. */
static int take_chunk(struct sc_events *events, const struct sc_record_chunk *chunk, uint64_t offset)
{
	if (chunk->kind == SC_RECORD_EVENTS && chunk->size > sizeof(struct sc_record_events))
		return add_chunk(events, offset, chunk->size);
	if (chunk->kind == SC_RECORD_NAMES && chunk->size > sizeof(struct sc_record_names))
		return add_names(events, offset, chunk->size);
	if (chunk->kind == SC_RECORD_MODULES && chunk->size > sizeof(struct sc_record_module))
		return add_module(events, offset, chunk->size);
	return 0;
}

static int keep_unfilled(struct sc_events *events, uint64_t offset)
{
	if (events->unfilled_count >= UNFILLED_MOST || !(events->mode & SC_EVENTS_LIVE))
		return 0;
	if (sc_report_grow(&events->unfilled, events->unfilled_count, sizeof(*events->unfilled)))
		return -ENOMEM;
	events->unfilled[events->unfilled_count++] = offset;
	return 0;
}

static int look_again_at_unfilled(struct sc_events *events)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < events->unfilled_count; i++) {
		uint64_t offset = events->unfilled[i];
		struct sc_record_chunk chunk;

		if (r == 0 && sc_events_read_at(events, &chunk, sizeof(chunk), offset) == (long)sizeof(chunk) &&
		    chunk.kind)
			r = take_chunk(events, &chunk, offset);
		else
			events->unfilled[kept++] = offset;
	}
	events->unfilled_count = kept;
	return r;
}

static int walk(struct sc_events *events)
{
	struct sc_record_chunk chunk;
	int r = 0;

	while (r == 0 && sc_events_read_at(events, &chunk, sizeof(chunk), events->end) == (long)sizeof(chunk)) {
		if (chunk.magic != SC_RECORD_CHUNK_MAGIC)
			break;
		if (chunk.size < CHUNK_ALIGNMENT || chunk.size % CHUNK_ALIGNMENT ||
		    chunk.size > INT64_MAX - events->end) {
			sc_events_damaged(events, "chunk");
			break;
		}
		r = chunk.kind ? take_chunk(events, &chunk, events->end) : keep_unfilled(events, events->end);
		events->end += chunk.size;
	}
	return r;
}

/* Modules are only ever appended, but for the time at which they went. */
static void look_again_at_modules(struct sc_events *events)
{
	for (size_t i = 0; i < events->module_count; i++) {
		struct sc_record_module module;

		if (events->modules[i].module.unloaded == 0 &&
		    sc_events_read_at(events, &module, sizeof(module), events->module_offsets[i]) == (long)sizeof(module))
			events->modules[i].module.unloaded = module.unloaded;
	}
}

/* As far as chunks can really be read, whatever they say. */
static void note_size(struct sc_events *events)
{
	struct stat now;

	if (events->fd < 0)
		events->size = events->bytes_size;
	else if (fstat(events->fd, &now) == 0)
		events->size = (uint64_t)now.st_size;
}

int sc_events_look(struct sc_events *events)
{
	size_t modules = events->module_count;
	const char *why;
	int r = read_header(events, &why);

	if (r == 0)
		r = look_again_at_unfilled(events);
	if (r == 0)
		r = walk(events);
	if (r == 0)
		r = sc_events_look_at_chunks(events);
	if (r == 0 && events->module_count != modules)
		look_again_at_modules(events);
	note_size(events); /* after the chunks, whose events were there before they said so */
	return r == -EINVAL ? 0 : r; /* a header that was good, and is not any more, is of no use */
}

static int start(struct sc_events *events, const char **why)
{
	int r = read_header(events, why);

	if (r == 0)
		events->end = (events->header.header_size + CHUNK_ALIGNMENT - 1) & ~(uint64_t)(CHUNK_ALIGNMENT - 1);
	return r;
}

static int open_file(int directory, const char *name, unsigned mode, const char **why)
{
	int flags = (mode & SC_EVENTS_DRAIN ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY;
	int fd = openat(directory, name, flags);
	struct stat stat;

	*why = "type";
	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

int sc_events_open(struct sc_events **out, int directory, const char *name, unsigned mode, const char **why)
{
	struct sc_events *events;
	int r, fd = open_file(directory, name, mode, why);

	if (fd < 0)
		return fd;
	events = calloc(1, sizeof(*events));
	if (!events) {
		close(fd);
		return -ENOMEM;
	}
	events->fd = fd;
	events->mode = mode;
	r = start(events, why);
	if (r)
		sc_events_close(events);
	else
		*out = events;
	return r;
}

int sc_events_open_bytes(struct sc_events **out, const void *data, size_t size, const char **why)
{
	struct sc_events *events = calloc(1, sizeof(*events));
	int r;

	if (!events)
		return -ENOMEM;
	events->fd = -1;
	events->bytes = data;
	events->bytes_size = size;
	r = start(events, why);
	if (r)
		sc_events_close(events);
	else
		*out = events;
	return r;
}

void sc_events_close(struct sc_events *events)
{
	if (!events)
		return;
	if (events->fd >= 0)
		close(events->fd);
	for (size_t i = 0; i < events->thread_count; i++)
		free(events->threads[i].chunks);
	for (size_t i = 0; i < events->name_count; i++)
		free(events->names[i]);
	for (size_t i = 0; i < events->module_count; i++)
		free(events->modules[i].path);
	free(events->threads);
	free(events->numbers);
	free(events->chunks);
	free(events->unfilled);
	free(events->names);
	free(events->modules);
	free(events->module_offsets);
	free(events->buffer);
	free(events);
}

void sc_events_ended(struct sc_events *events)
{
	events->ended = true;
}

const struct sc_record_header *sc_events_header(const struct sc_events *events)
{
	return &events->header;
}

uint64_t sc_events_dropped(const struct sc_events *events)
{
	return events->dropped + events->header.events_dropped;
}

uint64_t sc_events_unfinished(const struct sc_events *events)
{
	return events->unfinished;
}

const char *sc_events_damage(const struct sc_events *events)
{
	return events->damage;
}

const char *sc_events_name(const struct sc_events *events, uint32_t index)
{
	return index < events->name_count ? events->names[index] : NULL;
}

const struct sc_events_module *sc_events_module_at(const struct sc_events *events, uint64_t address, uint64_t ticks)
{
	const struct sc_events_module *found = NULL;

	for (size_t i = 0; i < events->module_count; i++) {
		const struct sc_events_module *module = &events->modules[i];

		if (address < module->module.start || address >= module->module.end)
			continue;
		if (module->module.unloaded == 0 || ticks < module->module.unloaded)
			return module;
		found = module;
	}
	return found;
}

const struct sc_events_module *sc_events_modules(const struct sc_events *events, size_t *count)
{
	*count = events->module_count;
	return events->modules;
}
