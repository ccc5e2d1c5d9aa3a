/* SPDX-License-Identifier: MIT */
/*
 * Owns the folded form of stacks: one line a stack, the functions from the outermost on, joined by ';', and a number. What
 * differs only in lines is one stack here. Called by report.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/stack_set.h"

struct line {
	char *text;
	uint64_t value;
};

/* What the format means something by does not appear in names. */
static void put_name(const char *name, FILE *to)
{
	for (; *name; name++)
		putc(*name == ';' ? ':' : *name == '\n' ? ' ' : *name, to);
}

static void put_location(const struct sc_stack_location *location, FILE *to)
{
	char text[32];

	if (!location->place) {
		put_name(sc_stack_unknown(location, text), to);
		putc(';', to);
		return;
	}
	for (size_t i = location->place->count; i > 0; i--) {
		put_name(location->place->symbols[i - 1].function, to);
		putc(';', to);
	}
}

static int fold(const struct sc_stack_set *set, const struct sc_stack_sample *sample, struct line *line)
{
	size_t size;
	FILE *to = open_memstream(&line->text, &size);

	if (!to)
		return -ENOMEM;
	if (sample->cut)
		fputs("[...];", to);
	for (uint32_t i = sample->depth; i > 0; i--)
		put_location(&set->locations[sample->locations[i - 1]], to);
	put_name(sample->row->function, to);
	return fclose(to) ? -ENOMEM : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static void print(const struct line *lines, size_t count, FILE *out)
{
	for (size_t i = 0; i < count;) {
		uint64_t value = 0;
		size_t first = i;

		for (; i < count && strcmp(lines[i].text, lines[first].text) == 0; i++)
			value += lines[i].value;
		if (value)
			fprintf(out, "%s %" PRIu64 "\n", lines[first].text, value);
	}
}

int sc_stack_folded(const struct sc_stack_set *set, enum sc_stack_metric metric, FILE *out)
{
	struct line *lines = calloc(set->sample_count + 1, sizeof(*lines));
	int r = lines ? 0 : -ENOMEM;
	size_t count = 0;

	for (; r == 0 && count < set->sample_count; count++) {
		lines[count].value = sc_stack_value(set->samples[count], metric);
		r = fold(set, set->samples[count], &lines[count]);
	}
	if (r == 0) {
		qsort(lines, count, sizeof(*lines), by_text);
		print(lines, count, out);
	}
	for (size_t i = 0; lines && i < count; i++)
		free(lines[i].text);
	free(lines);
	return r;
}
