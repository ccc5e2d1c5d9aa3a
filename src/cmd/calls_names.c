/* SPDX-License-Identifier: MIT */
/*
 * Owns the functions that calls are of: from the index of a stub to its name, by the image or the record, and from there
 * to its prototype. Called by calls.c.
 */
#include "cmd/calls_names.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_MOST (16u << 20)

void sc_calls_names_open(struct sc_calls_names *names, int directory, const struct sc_protos *protos)
{
	names->protos = protos;
	names->directory = directory;
	sc_names_open(&names->images, directory);
}

static void keep(void *function)
{
	(void)function;
}

void sc_calls_names_close(struct sc_calls_names *names)
{
	tdestroy(names->tree, keep);
	for (size_t i = 0; i < names->count; i++) {
		free(names->all[i]->name);
		free(names->all[i]);
	}
	free(names->all);
	sc_names_close(&names->images);
}

struct sc_calls_process *sc_calls_process(struct sc_merged_process *merged)
{
	struct sc_calls_process *process = merged->user;

	if (!process) {
		process = calloc(1, sizeof(*process));
		if (process)
			process->merged = merged;
		merged->user = process;
	}
	return process;
}

void sc_calls_process_free(struct sc_calls_names *names, struct sc_merged_process *merged)
{
	struct sc_calls_process *process = merged->user;

	if (process->link) {
		*process->link = process->next;
		if (process->next)
			process->next->link = process->link;
	}
	(void)names;
	free(process->functions);
	free(process);
	merged->user = NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct sc_calls_function *first = a, *second = b;

	return strcmp(first->name, second->name);
}

/* Cuts function@library@version in place, behind a copy of the whole. */
static struct sc_calls_function *make(struct sc_calls_names *names, const char *name)
{
	struct sc_calls_function *function = calloc(1, sizeof(*function));
	size_t length = strlen(name) + 1;
	char *parts, *at;

	if (function)
		function->name = malloc(2 * length);
	if (!function || !function->name || sc_report_grow(&names->all, names->count, sizeof(*names->all))) {
		if (function)
			free(function->name);
		free(function);
		return NULL;
	}
	memcpy(function->name, name, length);
	parts = memcpy(function->name + length, name, length);
	function->function = parts;
	function->library = function->version = "";
	at = strchr(parts, '@');
	if (at) {
		*at++ = 0;
		function->library = at;
		at = strchr(at, '@');
		if (at) {
			*at++ = 0;
			function->version = at;
		}
	}
	if (names->protos)
		function->proto = sc_protos_find(names->protos, function->function);
	names->all[names->count++] = function;
	return function;
}

static struct sc_calls_function *find(struct sc_calls_names *names, const char *name)
{
	struct sc_calls_function key = { .name = (char *)name }, *function, **found = tfind(&key, &names->tree, by_name);

	if (found)
		return *found;
	function = make(names, name);
	return function && tsearch(function, &names->tree, by_name) ? function : NULL;
}

/* "function@library[@version]" of a stub of an image; 0, -ENOENT, -ENOMEM. */
static int name_in_image(struct sc_calls_names *names, const struct sc_record_image *of, uint32_t index, char **out)
{
	struct sc_named_image *named;
	const struct sc_image_target *target;
	const struct sc_image *image;
	const char *version;
	uint32_t module;

	/* While the programs run, the first of them makes it. */
	if (names->images.directory < 0)
		sc_names_open(&names->images, names->directory);
	if (names->images.directory < 0)
		return -ENOENT;
	named = sc_names_get(&names->images, of->id);
	if (!named)
		return -ENOMEM;
	if (!named->data || index >= named->image.header->stub_count || !sc_image_stub(&named->image, index, &module, &target))
		return -ENOENT;
	image = &named->image;
	version = sc_image_string(image, target->symbol_version);
	return asprintf(out, "%s@%s%s%s", sc_image_string(image, target->name),
			sc_image_string(image, image->modules[module].name), *version ? "@" : "", version) < 0 ?
		       -ENOMEM : 0;
}

static struct sc_calls_function *look_up(struct sc_calls_names *names, const struct sc_merged_process *merged,
					 uint32_t index)
{
	const struct sc_record_header *header = merged->events ? sc_events_header(merged->events) : &merged->header;
	const char *own = merged->events ? sc_events_name(merged->events, index) : NULL;
	struct sc_calls_function *function = NULL;
	char number[32], *name = NULL;
	int r = -ENOENT;

	for (uint32_t i = 0; r == -ENOENT && i < header->image_count; i++) {
		const struct sc_record_image *image = &header->images[i];

		if (index >= image->first_index && index - image->first_index < image->count)
			r = name_in_image(names, image, index - image->first_index, &name);
	}
	if (r == -ENOMEM)
		return NULL;
	snprintf(number, sizeof(number), "#%u", index);
	function = find(names, r == 0 ? name : own ? own : number);
	free(name);
	return function;
}

struct sc_calls_function *sc_calls_name(struct sc_calls_names *names, struct sc_merged_process *merged, uint32_t index)
{
	struct sc_calls_process *process = sc_calls_process(merged);

	if (!process)
		return NULL;
	if (!process->link) {
		process->next = names->processes;
		if (process->next)
			process->next->link = &process->next;
		process->link = &names->processes;
		names->processes = process;
	}
	if (index >= INDEX_MOST)
		return find(names, "#?");
	if (index >= process->function_count) {
		uint32_t count = index + 64;
		struct sc_calls_function **grown = reallocarray(process->functions, count, sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + process->function_count, 0, (count - process->function_count) * sizeof(*grown));
		process->functions = grown;
		process->function_count = count;
	}
	if (!process->functions[index])
		process->functions[index] = look_up(names, merged, index);
	return process->functions[index];
}

const struct sc_calls_function *sc_calls_names_unknown(const struct sc_calls_names *names, size_t n)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->all[i]->seen_unknown && n-- == 0)
			return names->all[i];
	return NULL;
}
