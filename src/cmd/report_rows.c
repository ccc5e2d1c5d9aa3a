/* SPDX-License-Identifier: MIT */
/*
 * Owns the rows of a table: which row a stub of a record belongs to, and what it adds. Called by
 * report_gather.c.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/report.h"
#include "common/hash.h"

int sc_report_grow(void *items, size_t count, size_t size)
{
	void *old, *grown;

	if (count & (count - 1))
		return 0;
	memcpy(&old, items, sizeof(old));
	grown = reallocarray(old, count ? 2 * count : 1, size);
	if (!grown)
		return -ENOMEM;
	memcpy(items, &grown, sizeof(grown));
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct sc_report_row *first = a, *second = b;
	int r = strcmp(first->function, second->function);

	if (r == 0)
		r = strcmp(first->library, second->library);
	return r ? r : strcmp(first->version, second->version);
}

static void free_row(struct sc_report_row *row)
{
	if (!row)
		return;
	free(row->function);
	free(row->library);
	free(row->version);
	free(row->histogram);
	free(row);
}

struct sc_report_row *sc_report_add_row(struct sc_report *report, const char *function, const char *library,
					const char *version)
{
	struct sc_report_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	if (function) {
		row->function = strdup(function);
		row->library = strdup(library);
		row->version = strdup(version);
	}
	if ((function && (!row->function || !row->library || !row->version)) ||
	    sc_report_grow(&report->rows, report->row_count, sizeof(struct sc_report_row *))) {
		free_row(row);
		return NULL;
	}
	report->rows[report->row_count++] = row;
	return row;
}

static struct sc_report_row *function_row(struct sc_report *report, const char *function, const char *library,
					  const char *version)
{
	struct sc_report_row key = { .function = (char *)function, .library = (char *)library,
				     .version = (char *)version };
	struct sc_report_row *row, **found = tfind(&key, &report->index, by_key);

	if (found)
		return *found;
	row = sc_report_add_row(report, function, library, version);
	/* On failure the row stays in the table, and goes with it. */
	return row && tsearch(row, &report->index, by_key) ? row : NULL;
}

/* A stub whose image is missing: all we know is the number. */
static struct sc_report_row *numbered_row(struct sc_report *report, const struct sc_record_image *image, uint32_t index)
{
	char function[32], library[48] = "image ";
	struct sc_hash128 hash;

	if (image) {
		memcpy(hash.bytes, image->id, sizeof(hash.bytes));
		sc_hash128_hex(&hash, library + strlen(library));
		index -= image->first_index;
	}
	snprintf(function, sizeof(function), "#%u", index);
	return function_row(report, function, image ? library : "unknown image", "");
}

static struct sc_report_row *named_row(struct sc_report *report, struct sc_named_image *named, uint32_t index)
{
	const struct sc_image_target *target;
	uint32_t module;

	if (!named->rows[index]) {
		const struct sc_image *image = &named->image;

		if (!sc_image_stub(image, index, &module, &target))
			return NULL;
		named->rows[index] = function_row(report, sc_image_string(image, target->name),
						  sc_image_string(image, image->modules[module].name),
						  sc_image_string(image, target->symbol_version));
		if (named->rows[index] && (target->kind == SC_IMAGE_FRAME || target->kind == SC_IMAGE_HOOK))
			named->rows[index]->timed = true;
	}
	return named->rows[index];
}

/* A stub that is in no image: the record names it, function@library[@version]. */
static struct sc_report_row *record_named_row(struct sc_report *report, const char *name)
{
	char *function = strdup(name), *library, *version;
	struct sc_report_row *row = NULL;

	if (!function)
		return NULL;
	library = strchr(function, '@');
	if (library)
		*library++ = 0;
	version = library ? strchr(library, '@') : NULL;
	if (version)
		*version++ = 0;
	row = function_row(report, function, library ? library : "", version ? version : "");
	free(function);
	return row;
}

struct sc_report_row *sc_report_function_row(struct sc_report *report, struct sc_named_images *images,
					    const struct sc_record_file *record, uint32_t index)
{
	const struct sc_record_header *header = &record->header;
	const struct sc_record_image *image = NULL;
	struct sc_report_row *row = NULL;

	for (uint32_t i = 0; i < header->image_count && !image; i++)
		if (index >= header->images[i].first_index &&
		    index - header->images[i].first_index < header->images[i].count)
			image = &header->images[i];
	if (image) {
		struct sc_named_image *named = sc_names_get(images, image->id);

		if (!named)
			return NULL;
		if (named->data && index - image->first_index < named->image.header->stub_count)
			row = named_row(report, named, index - image->first_index);
	}
	if (!row && record->stubs[index].name)
		row = record_named_row(report, record->stubs[index].name);
	return row ? row : numbered_row(report, image, index);
}

/* Ticks of a record in ticks of the report, which are the same but across boots and machines. */
static uint64_t scaled(uint64_t ticks, double factor)
{
	double value;

	if (factor == 1)
		return ticks;
	value = (double)ticks * factor;
	return value < 1e18 ? (uint64_t)value : (uint64_t)1e18;
}

static int add_histogram(struct sc_report_row *row, const uint64_t *from, double factor)
{
	if (!row->histogram)
		row->histogram = calloc(SC_HISTOGRAM_BUCKETS, sizeof(*row->histogram));
	if (!row->histogram)
		return -ENOMEM;
	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++) {
		uint64_t lowest = sc_histogram_lowest(i);
		uint64_t middle = lowest + (sc_histogram_lowest(i + 1) - lowest) / 2;

		if (from[i])
			row->histogram[factor == 1 ? i : sc_histogram_bucket(scaled(middle, factor))] += from[i];
	}
	return 0;
}

int sc_report_add_stub(struct sc_report_row *row, const struct sc_record_stub *stub, double factor)
{
	row->calls += stub->calls;
	if (stub->returned == 0)
		return 0;
	row->timed = true;
	if (factor > 0) {
		uint64_t min = scaled(stub->min, factor), max = scaled(stub->max, factor);

		if (row->returned == 0 || min < row->min)
			row->min = min;
		if (max > row->max)
			row->max = max;
		row->total += (double)stub->total * factor;
		row->self += (double)stub->self * factor;
	}
	row->returned += stub->returned;
	return stub->histogram && factor > 0 ? add_histogram(row, stub->histogram, factor) : 0;
}

static void keep(void *row)
{
	(void)row; /* rows belong to the table, not to the index */
}

void sc_report_free_rows(struct sc_report *report)
{
	tdestroy(report->index, keep);
	for (size_t i = 0; i < report->row_count; i++)
		free_row(report->rows[i]);
	free(report->rows);
}
