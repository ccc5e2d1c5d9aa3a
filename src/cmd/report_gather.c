/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a directory of records to the rows of a table. Does not own how a record is read
 * (record_read.c) or shown. Called by report.c and run.c.
 *
 * Two passes: the headers of all records first, because they tell together how long a tick is
 * (report_clock.c); then one record at a time, so that ten thousand of them fit.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"
#include "common/hash.h"
#include "common/sys.h"

struct candidate {
	char *name;
	uint64_t start;
};

struct gather {
	struct sc_report *report;
	int directory;
	uint64_t since;
	struct candidate *candidates;
	size_t candidate_count;
	struct sc_clock_rates rates;
	struct sc_named_images images;
};

/* Makes room for one more item at each power of two; items is the address of the array's pointer. */
static int grow(void *items, size_t count, size_t size)
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

static int refuse(struct sc_report *report, const char *name, const char *why)
{
	char *file = strdup(name);

	if (!file || grow(&report->refused, report->refused_count, sizeof(*report->refused))) {
		free(file);
		return -ENOMEM;
	}
	report->refused[report->refused_count++] = (struct sc_report_refused){ .file = file, .why = why };
	return 0;
}

static bool is_record(const char *name)
{
	size_t length = strlen(name), suffix = strlen(SC_RECORD_SUFFIX);

	return length > suffix && !strcmp(name + length - suffix, SC_RECORD_SUFFIX);
}

/* First pass over one record. What is wrong with it is said in the second. */
static int note(struct gather *gather, const char *name)
{
	struct sc_record_header header = { 0 };
	struct candidate *candidate;
	int fd = openat(gather->directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);

	if (fd >= 0) {
		int r = sc_sys_pread_full(fd, &header, sizeof(header), 0);

		close(fd);
		if (r == 0 && !memcmp(header.magic, SC_RECORD_MAGIC, sizeof(header.magic))) {
			if (header.start_realtime < gather->since)
				return 0;
			if (sc_clock_note(&gather->rates, &header))
				return -ENOMEM;
		}
	}
	if (grow(&gather->candidates, gather->candidate_count, sizeof(*gather->candidates)))
		return -ENOMEM;
	candidate = &gather->candidates[gather->candidate_count];
	*candidate = (struct candidate){ .name = strdup(name), .start = header.start_realtime };
	if (!candidate->name)
		return -ENOMEM;
	gather->candidate_count++;
	return 0;
}

static int note_all(struct gather *gather, const char *directory)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	int r = 0;

	if (!stream)
		return -errno;
	while (r == 0 && (errno = 0, entry = readdir(stream)))
		if (is_record(entry->d_name))
			r = note(gather, entry->d_name);
	if (r == 0 && errno)
		r = -errno;
	closedir(stream);
	return r;
}

static int by_start(const void *a, const void *b)
{
	const struct candidate *first = a, *second = b;

	if (first->start != second->start)
		return first->start < second->start ? -1 : 1;
	return strcmp(first->name, second->name);
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

/* A row at the end of the table. strings NULL: a row that is not a function's. */
static struct sc_report_row *add_row(struct sc_report *report, const char *function, const char *library,
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
	    grow(&report->rows, report->row_count, sizeof(struct sc_report_row *))) {
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
	row = add_row(report, function, library, version);
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
		if (named->rows[index] && target->kind == SC_IMAGE_FRAME)
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

/* The row of a stub, by function; NULL when memory is short. */
static struct sc_report_row *row_of(struct gather *gather, const struct sc_record_file *record, uint32_t index)
{
	const struct sc_record_header *header = &record->header;
	const struct sc_record_image *image = NULL;
	struct sc_report_row *row = NULL;

	for (uint32_t i = 0; i < header->image_count && !image; i++)
		if (index >= header->images[i].first_index &&
		    index - header->images[i].first_index < header->images[i].count)
			image = &header->images[i];
	if (image) {
		struct sc_named_image *named = sc_names_get(&gather->images, image->id);

		if (!named)
			return NULL;
		if (named->data && index - image->first_index < named->image.header->stub_count)
			row = named_row(gather->report, named, index - image->first_index);
	}
	if (!row && record->stubs[index].name)
		row = record_named_row(gather->report, record->stubs[index].name);
	return row ? row : numbered_row(gather->report, image, index);
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

/* factor 0: the record's times are not known. */
static int add_stub(struct sc_report_row *row, const struct sc_record_stub *stub, double factor)
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

static int add_process(struct sc_report *report, const char *name, const struct sc_record_file *record)
{
	const struct sc_record_header *header = &record->header;
	struct sc_report_process *process;

	if (grow(&report->processes, report->process_count, sizeof(*report->processes)))
		return -ENOMEM;
	process = &report->processes[report->process_count++];
	*process = (struct sc_report_process){
		.file = strdup(name), .program = strdup(header->program), .pid = header->pid,
		.parent = header->parent, .forked_from = header->forked_from,
		.start_realtime = header->start_realtime, .lost = record->lost, .untimed = record->untimed,
		.threads = record->threads, .damage = record->damage,
	};
	if (header->state == SC_RECORD_ENDED)
		process->state = SC_PROCESS_ENDED;
	else if (header->state == SC_RECORD_EXECED)
		process->state = SC_PROCESS_EXECED;
	else
		process->state = sc_clock_process_lives(header) ? SC_PROCESS_RUNNING : SC_PROCESS_KILLED;
	return process->file && process->program ? 0 : -ENOMEM;
}

/* The one row of a process, or of its program. */
static struct sc_report_row *process_row(struct sc_report *report)
{
	size_t number = report->process_count - 1;
	struct sc_report_row *row;

	for (size_t i = 0; report->by == SC_BY_PROGRAM && i < report->row_count; i++) {
		row = report->rows[i];
		if (!strcmp(report->processes[row->process].program, report->processes[number].program)) {
			row->processes++;
			return row;
		}
	}
	row = add_row(report, NULL, NULL, NULL);
	if (row) {
		row->process = number;
		row->processes = 1;
	}
	return row;
}

static int add_record(struct gather *gather, const char *name, const struct sc_record_file *record)
{
	struct sc_report *report = gather->report;
	double rate = sc_clock_rate_of(&gather->rates, &record->header);
	struct sc_report_row *row = NULL;
	bool lost_times = false;
	double factor;
	int r = add_process(report, name, record);

	if (r == 0 && report->by != SC_BY_FUNCTION) {
		row = process_row(report);
		r = row ? 0 : -ENOMEM;
	}
	if (report->ns_per_tick == 0)
		report->ns_per_tick = rate;
	factor = report->ns_per_tick > 0 ? rate / report->ns_per_tick : 0;
	for (uint32_t i = 0; r == 0 && i < record->stub_count; i++) {
		const struct sc_record_stub *stub = &record->stubs[i];

		if (stub->calls == 0 && stub->returned == 0)
			continue;
		if (report->by == SC_BY_FUNCTION)
			row = row_of(gather, record, i);
		r = row ? add_stub(row, stub, factor) : -ENOMEM;
		lost_times |= stub->returned && factor == 0;
	}
	report->uncalibrated += lost_times;
	return r;
}

static int add_file(struct gather *gather, const char *name)
{
	struct sc_record_file record;
	const char *why;
	int r = sc_record_load(&record, gather->directory, name, &why);

	if (r == -ENOENT) /* gone since it was listed */
		return 0;
	if (r == -ENOMEM)
		return r;
	if (r)
		return refuse(gather->report, name, r == -EINVAL ? why : strerrordesc_np(-r));
	r = add_record(gather, name, &record);
	sc_record_release(&record);
	return r;
}

static int gather_all(struct gather *gather, const char *directory)
{
	int r = note_all(gather, directory);

	if (r)
		return r;
	if (gather->candidate_count)
		qsort(gather->candidates, gather->candidate_count, sizeof(*gather->candidates), by_start);
	sc_clock_solve(&gather->rates);
	sc_names_open(&gather->images, gather->directory);
	for (size_t i = 0; r == 0 && i < gather->candidate_count; i++)
		r = add_file(gather, gather->candidates[i].name);
	gather->report->unnamed = gather->images.unreadable;
	sc_names_close(&gather->images);
	return r;
}

int sc_report_gather(struct sc_report *report, const char *directory, enum sc_report_by by, uint64_t since)
{
	struct gather gather = { .report = report, .since = since };
	int r;

	*report = (struct sc_report){ .by = by };
	gather.directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (gather.directory < 0)
		return -errno;
	r = gather_all(&gather, directory);
	for (size_t i = 0; i < gather.candidate_count; i++)
		free(gather.candidates[i].name);
	free(gather.candidates);
	sc_clock_release(&gather.rates);
	close(gather.directory);
	return r;
}

static void keep(void *row)
{
	(void)row; /* rows belong to the table, not to the index */
}

void sc_report_release(struct sc_report *report)
{
	tdestroy(report->index, keep);
	for (size_t i = 0; i < report->row_count; i++)
		free_row(report->rows[i]);
	for (size_t i = 0; i < report->process_count; i++) {
		free(report->processes[i].file);
		free(report->processes[i].program);
	}
	for (size_t i = 0; i < report->refused_count; i++)
		free(report->refused[i].file);
	free(report->rows);
	free(report->processes);
	free(report->refused);
	*report = (struct sc_report){ 0 };
}
