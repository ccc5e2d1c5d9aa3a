/* SPDX-License-Identifier: MIT */
/*
 * Owns what a record has of stacks and of the modules their addresses are of. Does not own how chunks are found
 * (record_read.c) nor what addresses mean (symbolize.c). Called by stack_set.c.
 */
#include "cmd/record_stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/record_chunks.h"
#include "cmd/report.h"
#include "common/event.h"

#define DEPTH_MOST 65536

struct reading {
	struct sc_record_reader reader;
	struct sc_record_stacks *out;
	size_t paths_size, words_count;
};

static void damaged(struct sc_record_stacks *out, const char *word)
{
	if (!out->damage)
		out->damage = word;
}

static int read_module(struct reading *reading, const struct sc_record_span *span)
{
	struct sc_record_stacks *out = reading->out;
	struct sc_record_module module;
	const unsigned char *path = reading->reader.data + span->offset + sizeof(module);
	struct sc_stack_module *to;

	if (span->size < sizeof(module)) {
		damaged(out, "modules");
		return 0;
	}
	memcpy(&module, reading->reader.data + span->offset, sizeof(module));
	if (module.path_size == 0 || module.path_size > span->size - sizeof(module) ||
	    path[module.path_size - 1] != 0 || module.build_id_size > sizeof(module.build_id) ||
	    module.start >= module.end) {
		damaged(out, "modules");
		return 0;
	}
	if (sc_report_grow(&out->modules, out->module_count, sizeof(*out->modules)))
		return -ENOMEM;
	to = &out->modules[out->module_count++];
	*to = (struct sc_stack_module){ .start = module.start, .end = module.end, .base = module.base,
					.loaded = module.loaded, .unloaded = module.unloaded,
					.build_id_size = module.build_id_size };
	memcpy(to->build_id, module.build_id, sizeof(to->build_id));
	to->path = strcpy(out->paths + reading->paths_size, (const char *)path);
	reading->paths_size += module.path_size;
	return 0;
}

static int read_stack(struct reading *reading, const struct sc_record_stack *stack, const unsigned char *frames)
{
	struct sc_record_stacks *out = reading->out;
	uint64_t *to = out->words + reading->words_count;

	if (sc_report_grow(&out->stacks, out->stack_count, sizeof(*out->stacks)))
		return -ENOMEM;
	memcpy(to, frames, stack->depth * sizeof(*to));
	reading->words_count += stack->depth;
	out->stacks[out->stack_count++] = (struct sc_stack){
		.index = stack->index, .calls = stack->calls, .bytes = stack->bytes, .ticks = stack->ticks,
		.frames = to, .depth = stack->depth, .cut = stack->cut != 0 };
	return 0;
}

static int read_stacks(struct reading *reading, const struct sc_record_span *span)
{
	const unsigned char *data = reading->reader.data + span->offset;
	struct sc_record_pool pool;
	struct sc_record_stack stack;
	uint64_t at = sizeof(pool), end;
	int r = 0;

	if (span->size < sizeof(pool))
		return 0;
	memcpy(&pool, data, sizeof(pool));
	end = pool.used < span->size - at ? at + pool.used : span->size;
	while (r == 0 && end - at >= sizeof(stack)) {
		memcpy(&stack, data + at, sizeof(stack));
		if (stack.size == 0) { /* handed out, and nothing more */
			at += sizeof(uint64_t);
			continue;
		}
		if (stack.size % sizeof(uint64_t) || stack.size < sizeof(stack) || stack.size > end - at) {
			damaged(reading->out, "stacks");
			break;
		}
		if (stack.calls && (stack.depth > DEPTH_MOST ||
				    stack.size != sizeof(stack) + stack.depth * sizeof(uint64_t)))
			damaged(reading->out, "stacks");
		else if (stack.calls)
			r = read_stack(reading, &stack, data + at + sizeof(stack));
		at += stack.size;
	}
	return r;
}

/* Everything that is pointed to fits into as much as the chunks have. */
static int make_room(struct reading *reading)
{
	uint64_t paths = 1, words = 1;

	for (size_t i = 0; i < reading->reader.span_count; i++) {
		const struct sc_record_span *span = &reading->reader.spans[i];

		if (span->kind == SC_RECORD_MODULES)
			paths += span->size;
		else if (span->kind == SC_RECORD_STACKS)
			words += span->size / sizeof(uint64_t);
	}
	reading->out->paths = malloc(paths);
	reading->out->words = reallocarray(NULL, words, sizeof(uint64_t));
	return reading->out->paths && reading->out->words ? 0 : -ENOMEM;
}

static int read_all(struct reading *reading)
{
	int r = make_room(reading);

	for (size_t i = 0; r == 0 && i < reading->reader.span_count; i++) {
		const struct sc_record_span *span = &reading->reader.spans[i];

		if (span->kind == SC_RECORD_MODULES)
			r = read_module(reading, span);
		else if (span->kind == SC_RECORD_STACKS)
			r = read_stacks(reading, span);
	}
	return r;
}

int sc_record_stacks_parse(struct sc_record_stacks *out, const void *data, size_t size, const char **why)
{
	struct sc_record_file record = { 0 };
	struct sc_record_stacks stacks = { 0 };
	struct reading reading = { .reader = { .data = data, .size = size, .out = &record }, .out = &stacks };
	int r = sc_record_find_chunks(&reading.reader, why);

	if (r == 0) {
		stacks.stackless = record.header.stackless;
		r = read_all(&reading);
	}
	free(reading.reader.spans);
	if (r)
		sc_record_stacks_release(&stacks);
	else
		*out = stacks;
	return r;
}

void sc_record_stacks_release(struct sc_record_stacks *stacks)
{
	if (!stacks)
		return;
	free(stacks->modules);
	free(stacks->stacks);
	free(stacks->words);
	free(stacks->paths);
	*stacks = (struct sc_record_stacks){ 0 };
}

const struct sc_stack_module *sc_record_stacks_module(const struct sc_record_stacks *stacks, uint64_t address)
{
	for (size_t i = stacks->module_count; i > 0; i--)
		if (address >= stacks->modules[i - 1].start && address < stacks->modules[i - 1].end)
			return &stacks->modules[i - 1];
	return NULL;
}
