/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of stacks that pprof reads (profile.proto), packed by protobuf-c and compressed by zlib. Called by report.c.
 *
 * Numbers of mappings and locations are those of the set, from 1. Functions that are called get locations of their own
 * behind these, without an address: one for each.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cmd/profile.pb-c.h"
#include "cmd/stack_set.h"

struct text {
	char *text;
	int64_t number;
};

struct function {
	int64_t name, system_name, file;
	uint64_t id;
};

struct profile {
	const struct sc_stack_set *set;
	Stubcache__Profile message;
	void *text_index;
	void *function_index;
	int failed;
};

static void fail(struct profile *profile)
{
	profile->failed = -ENOMEM;
}

/* Items are pointers to messages, in an array that grows. */
#define APPEND(profile, field, item) append(profile, &(profile)->message.field, &(profile)->message.n_##field, item)

static bool append(struct profile *profile, void *items, size_t *count, void *item)
{
	void **array;

	if (!item || sc_report_grow(items, *count, sizeof(void *))) {
		free(item);
		fail(profile);
		return false;
	}
	memcpy(&array, items, sizeof(array));
	array[(*count)++] = item;
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->text, ((const struct text *)b)->text);
}

/* Strings of protobuf are UTF-8, which names of functions and files are, or it does not matter. */
static int64_t string(struct profile *profile, const char *bytes)
{
	const struct text key = { .text = (char *)bytes };
	struct text **node = tfind(&key, &profile->text_index, compare_texts), *text;
	char *copy;

	if (node)
		return (*node)->number;
	text = malloc(sizeof(*text));
	copy = text ? strdup(bytes) : NULL;
	if (!copy || !APPEND(profile, string_table, copy)) {
		free(text);
		fail(profile);
		return 0;
	}
	*text = (struct text){ .text = copy, .number = (int64_t)profile->message.n_string_table - 1 };
	if (!tsearch(text, &profile->text_index, compare_texts)) {
		free(text);
		fail(profile);
		return 0;
	}
	return text->number;
}

static int compare_functions(const void *a, const void *b)
{
	const struct function *first = a, *second = b;

	if (first->name != second->name)
		return first->name < second->name ? -1 : 1;
	if (first->system_name != second->system_name)
		return first->system_name < second->system_name ? -1 : 1;
	return first->file < second->file ? -1 : first->file > second->file;
}

static uint64_t add_function(struct profile *profile, const struct function *function)
{
	Stubcache__Function *message = malloc(sizeof(*message));

	if (!APPEND(profile, function, message))
		return 0;
	stubcache__function__init(message);
	message->id = profile->message.n_function;
	message->name = function->name;
	message->system_name = function->system_name;
	message->filename = function->file;
	return message->id;
}

static uint64_t find_function(struct profile *profile, const char *name, const char *system_name, const char *file)
{
	struct function *function = malloc(sizeof(*function)), **node;

	if (!function) {
		fail(profile);
		return 0;
	}
	*function = (struct function){ .name = string(profile, name), .file = string(profile, file ? file : ""),
				       .system_name = string(profile, system_name ? system_name : name) };
	node = tsearch(function, &profile->function_index, compare_functions);
	if (!node || *node != function)
		free(function);
	if (!node) {
		fail(profile);
		return 0;
	}
	if (*node == function)
		function->id = add_function(profile, function);
	return (*node)->id;
}

static Stubcache__Location *add_location(struct profile *profile)
{
	Stubcache__Location *location = malloc(sizeof(*location));

	if (!APPEND(profile, location, location))
		return NULL;
	stubcache__location__init(location);
	location->id = profile->message.n_location;
	return location;
}

static void add_line(struct profile *profile, Stubcache__Location *location, uint64_t function, unsigned number)
{
	Stubcache__Line *line = malloc(sizeof(*line));

	if (!append(profile, &location->line, &location->n_line, line))
		return;
	stubcache__line__init(line);
	line->function_id = function;
	line->line = number;
}

static void put_location(struct profile *profile, const struct sc_stack_location *from)
{
	Stubcache__Location *location = add_location(profile);

	if (!location)
		return;
	if (!from->place) {
		location->address = from->address;
		return;
	}
	location->mapping_id = (uint64_t)from->mapping + 1;
	location->address = from->address + profile->set->mappings[from->mapping].base;
	for (size_t i = 0; i < from->place->count; i++) {
		const struct sc_symbol *symbol = &from->place->symbols[i];

		add_line(profile, location,
			 find_function(profile, symbol->function, symbol->system_name, symbol->file), symbol->line);
	}
}

/* As hexadecimal digits. */
static int64_t build_id(struct profile *profile, const struct sc_stack_mapping *mapping)
{
	char digits[2 * sizeof(mapping->build_id) + 1] = "";

	for (size_t i = 0; i < mapping->build_id_size; i++)
		sprintf(digits + 2 * i, "%02x", mapping->build_id[i]);
	return string(profile, digits);
}

static void put_mapping(struct profile *profile, const struct sc_stack_mapping *from)
{
	Stubcache__Mapping *mapping = malloc(sizeof(*mapping));

	if (!APPEND(profile, mapping, mapping))
		return;
	stubcache__mapping__init(mapping);
	mapping->id = profile->message.n_mapping;
	mapping->memory_start = from->start;
	mapping->memory_limit = from->end;
	mapping->filename = string(profile, from->path);
	mapping->build_id = build_id(profile, from);
	/* All that can be known is here: pprof need not look for the files. */
	mapping->has_functions = mapping->has_filenames = true;
	mapping->has_line_numbers = mapping->has_inline_frames = true;
}

/* The location of a function that was called; *known keeps those of earlier calls by the function's number. */
static uint64_t called(struct profile *profile, const struct sc_report_row *row, uint64_t **known, size_t *count)
{
	uint64_t function = find_function(profile, row->function, NULL, row->library);
	Stubcache__Location *location;

	if (function >= *count) {
		size_t room = 2 * (size_t)function + 64;
		uint64_t *grown = reallocarray(*known, room, sizeof(**known));

		if (!grown) {
			fail(profile);
			return 0;
		}
		memset(grown + *count, 0, (room - *count) * sizeof(*grown));
		*known = grown;
		*count = room;
	}
	if (!(*known)[function]) {
		location = add_location(profile);
		if (!location)
			return 0;
		add_line(profile, location, function, 0);
		(*known)[function] = location->id;
	}
	return (*known)[function];
}

static void put_sample(struct profile *profile, const struct sc_stack_sample *from, uint64_t leaf)
{
	Stubcache__Sample *sample = malloc(sizeof(*sample));

	if (!APPEND(profile, sample, sample))
		return;
	stubcache__sample__init(sample);
	sample->location_id = reallocarray(NULL, from->depth + 1, sizeof(*sample->location_id));
	sample->value = reallocarray(NULL, 3, sizeof(*sample->value));
	if (!sample->location_id || !sample->value) {
		fail(profile);
		return;
	}
	sample->location_id[sample->n_location_id++] = leaf;
	for (uint32_t i = 0; i < from->depth; i++)
		sample->location_id[sample->n_location_id++] = (uint64_t)from->locations[i] + 1;
	for (int metric = SC_STACK_CALLS; metric <= SC_STACK_TIME; metric++)
		sample->value[sample->n_value++] = (int64_t)sc_stack_value(from, (enum sc_stack_metric)metric);
}

static void put_type(struct profile *profile, const char *type, const char *unit)
{
	Stubcache__ValueType *value = malloc(sizeof(*value));

	if (!APPEND(profile, sample_type, value))
		return;
	stubcache__value_type__init(value);
	value->type = string(profile, type);
	value->unit = string(profile, unit);
}

static void make(struct profile *profile, enum sc_stack_metric metric)
{
	static const char *const types[] = { "calls", "bytes", "time" };
	static const char *const units[] = { "count", "bytes", "nanoseconds" };
	const struct sc_stack_set *set = profile->set;
	uint64_t *known = NULL;
	size_t count = 0;

	stubcache__profile__init(&profile->message);
	string(profile, "");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		put_type(profile, types[i], units[i]);
	profile->message.default_sample_type = string(profile, types[metric]);
	profile->message.time_nanos = set->started == UINT64_MAX ? 0 : (int64_t)set->started;
	for (size_t i = 0; i < set->mapping_count; i++)
		put_mapping(profile, &set->mappings[i]);
	for (size_t i = 0; i < set->location_count; i++)
		put_location(profile, &set->locations[i]);
	for (size_t i = 0; i < set->sample_count; i++)
		put_sample(profile, set->samples[i], called(profile, set->samples[i]->row, &known, &count));
	free(known);
}

/* In the form of gzip (RFC 1952): 16 more than the window's bits say so. */
static int write_compressed(const void *data, size_t size, FILE *out)
{
	z_stream stream = { .next_in = (void *)data, .avail_in = (uInt)size };
	unsigned char buffer[65536];
	int r;

	if (size > UINT32_MAX || deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 9,
					      Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	do {
		stream.next_out = buffer;
		stream.avail_out = sizeof(buffer);
		r = deflate(&stream, Z_FINISH);
		fwrite(buffer, 1, sizeof(buffer) - stream.avail_out, out);
	} while (r == Z_OK || r == Z_BUF_ERROR);
	deflateEnd(&stream);
	return r == Z_STREAM_END ? 0 : -ENOMEM;
}

static int write_profile(const struct profile *profile, FILE *out)
{
	size_t size = stubcache__profile__get_packed_size(&profile->message);
	uint8_t *data = malloc(size ? size : 1);
	int r = data ? 0 : -ENOMEM;

	if (r == 0) {
		stubcache__profile__pack(&profile->message, data);
		r = write_compressed(data, size, out);
	}
	free(data);
	return r;
}

static void free_items(void *items, size_t count)
{
	void **array = items;

	for (size_t i = 0; i < count; i++)
		free(array[i]);
	free(array);
}

static void release(struct profile *profile)
{
	Stubcache__Profile *message = &profile->message;

	for (size_t i = 0; i < message->n_location; i++)
		free_items(message->location[i]->line, message->location[i]->n_line);
	for (size_t i = 0; i < message->n_sample; i++) {
		free(message->sample[i]->location_id);
		free(message->sample[i]->value);
	}
	free_items(message->sample_type, message->n_sample_type);
	free_items(message->sample, message->n_sample);
	free_items(message->mapping, message->n_mapping);
	free_items(message->location, message->n_location);
	free_items(message->function, message->n_function);
	free_items(message->string_table, message->n_string_table);
	tdestroy(profile->text_index, free);
	tdestroy(profile->function_index, free);
}

int sc_stack_pprof(const struct sc_stack_set *set, enum sc_stack_metric metric, FILE *out)
{
	struct profile profile = { .set = set };
	int r;

	make(&profile, metric);
	r = profile.failed ? profile.failed : write_profile(&profile, out);
	release(&profile);
	return r;
}
