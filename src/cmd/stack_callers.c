/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of functions and their callers: of each stack, its innermost frame. Called by report.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json_values.h"
#include "cmd/stack_set.h"

struct line {
	const struct sc_report_row *row;
	char *caller, *module;
	uint64_t calls, bytes;
	double ns;
	uint64_t value; /* what is sorted by */
};

static int name_caller(const struct sc_stack_set *set, const struct sc_stack_sample *sample, struct line *line)
{
	const struct sc_stack_location *location = sample->depth ? &set->locations[sample->locations[0]] : NULL;
	const char *name = "?", *module = "";
	char text[32];

	if (location && location->place) {
		const char *path = set->mappings[location->mapping].path, *slash = strrchr(path, '/');

		name = location->place->symbols[0].function;
		module = slash ? slash + 1 : path;
	} else if (location) {
		name = sc_stack_unknown(location, text);
	}
	line->caller = strdup(name);
	line->module = strdup(module);
	return line->caller && line->module ? 0 : -ENOMEM;
}

static int by_names(const void *a, const void *b)
{
	const struct line *first = a, *second = b;
	int r;

	if (first->row != second->row) {
		r = strcmp(first->row->function, second->row->function);
		r = r ? r : strcmp(first->row->library, second->row->library);
		r = r ? r : strcmp(first->row->version, second->row->version);
		return r ? r : first->row < second->row ? -1 : 1;
	}
	r = strcmp(first->caller, second->caller);
	return r ? r : strcmp(first->module, second->module);
}

static int by_value(const void *a, const void *b)
{
	const struct line *first = a, *second = b;

	if (first->value != second->value)
		return first->value > second->value ? -1 : 1;
	return by_names(a, b);
}

/* Adds up what is the same; returns how many lines are left. */
static size_t merge(struct line *lines, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && by_names(&lines[kept - 1], &lines[i]) == 0) {
			lines[kept - 1].calls += lines[i].calls;
			lines[kept - 1].bytes += lines[i].bytes;
			lines[kept - 1].ns += lines[i].ns;
			lines[kept - 1].value += lines[i].value;
			free(lines[i].caller);
			free(lines[i].module);
		} else {
			lines[kept++] = lines[i];
		}
	}
	return kept;
}

static void print_text(const struct line *lines, size_t count, FILE *out)
{
	fprintf(out, "%12s %14s %14s  function, caller\n", "calls", "bytes", "time (us)");
	for (size_t i = 0; i < count; i++) {
		const struct line *line = &lines[i];

		fprintf(out, "%12" PRIu64 " %14" PRIu64 " %14.3f  %s@%s, %s%s%s\n", line->calls, line->bytes,
			line->ns / 1000, line->row->function, line->row->library, line->caller,
			*line->module ? "@" : "", line->module);
	}
}

static void put_field(const char *text, FILE *out)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	fputs("\",", out);
}

static void print_csv(const struct line *lines, size_t count, FILE *out)
{
	fputs("function,library,version,caller,caller_library,calls,bytes,total_ns\n", out);
	for (size_t i = 0; i < count; i++) {
		const struct line *line = &lines[i];

		put_field(line->row->function, out);
		put_field(line->row->library, out);
		put_field(line->row->version, out);
		put_field(line->caller, out);
		put_field(line->module, out);
		fprintf(out, "%" PRIu64 ",%" PRIu64 ",%.1f\n", line->calls, line->bytes, line->ns);
	}
}

static int print_json(const struct line *lines, size_t count, FILE *out)
{
	json_t *root = json_object(), *rows = json_array();
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		const struct line *line = &lines[i];
		json_t *row = json_object();

		json_object_set_new(row, "function", sc_json_string(line->row->function));
		json_object_set_new(row, "library", sc_json_string(line->row->library));
		json_object_set_new(row, "version", sc_json_string(line->row->version));
		json_object_set_new(row, "caller", sc_json_string(line->caller));
		json_object_set_new(row, "caller_library", sc_json_string(line->module));
		json_object_set_new(row, "calls", json_integer((json_int_t)line->calls));
		json_object_set_new(row, "bytes", json_integer((json_int_t)line->bytes));
		json_object_set_new(row, "total_ns", json_real((double)(int64_t)(line->ns * 10 + 0.5) / 10));
		r |= json_array_append_new(rows, row);
	}
	r |= json_object_set_new(root, "callers", rows);
	if (r == 0)
		r = json_dumpf(root, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
	json_decref(root);
	if (r && !ferror(out))
		return -ENOMEM;
	putc('\n', out);
	return 0;
}

static int print(const struct line *lines, size_t count, enum sc_stack_form form, FILE *out)
{
	if (form == SC_STACK_JSON)
		return print_json(lines, count, out);
	if (form == SC_STACK_CSV)
		print_csv(lines, count, out);
	else
		print_text(lines, count, out);
	return 0;
}

int sc_stack_callers(const struct sc_stack_set *set, enum sc_stack_metric metric, enum sc_stack_form form, FILE *out)
{
	struct line *lines = calloc(set->sample_count + 1, sizeof(*lines));
	size_t count = 0;
	int r = lines ? 0 : -ENOMEM;

	for (; r == 0 && count < set->sample_count; count++) {
		const struct sc_stack_sample *sample = set->samples[count];

		lines[count] = (struct line){ .row = sample->row, .calls = sample->calls, .bytes = sample->bytes,
					      .ns = sample->ns, .value = sc_stack_value(sample, metric) };
		r = name_caller(set, sample, &lines[count]);
	}
	if (r == 0) {
		qsort(lines, count, sizeof(*lines), by_names);
		count = merge(lines, count);
		qsort(lines, count, sizeof(*lines), by_value);
		r = print(lines, count, form, out);
	}
	for (size_t i = 0; lines && i < count; i++) {
		free(lines[i].caller);
		free(lines[i].module);
	}
	free(lines);
	return r;
}
