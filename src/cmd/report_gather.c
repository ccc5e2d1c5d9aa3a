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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"
#include "cmd/stack_set.h"
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

static int refuse(struct sc_report *report, const char *name, const char *why)
{
	char *file = strdup(name);

	if (!file || sc_report_grow(&report->refused, report->refused_count, sizeof(*report->refused))) {
		free(file);
		return -ENOMEM;
	}
	report->refused[report->refused_count++] = (struct sc_report_refused){ .file = file, .why = why };
	return 0;
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
	if (sc_report_grow(&gather->candidates, gather->candidate_count, sizeof(*gather->candidates)))
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
		if (sc_record_is_name(entry->d_name))
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

static int add_process(struct sc_report *report, const char *name, const struct sc_record_file *record)
{
	const struct sc_record_header *header = &record->header;
	struct sc_report_process *process;

	if (sc_report_grow(&report->processes, report->process_count, sizeof(*report->processes)))
		return -ENOMEM;
	process = &report->processes[report->process_count++];
	*process = (struct sc_report_process){
		.file = strdup(name), .program = strdup(header->program), .pid = header->pid,
		.parent = header->parent, .forked_from = header->forked_from,
		.start_realtime = header->start_realtime, .lost = record->lost, .untimed = record->untimed,
		.threads = record->threads, .damage = record->damage, .stackless = header->stackless,
		.events_dropped = record->events_dropped,
		.confined = header->confined, .denied = header->denied,
	};
	if (header->state == SC_RECORD_ENDED)
		process->state = SC_PROCESS_ENDED;
	else if (header->executor && header->executor == header->pid)
		process->state = SC_PROCESS_EXECED;
	else
		process->state = sc_clock_process_writes(header) ? SC_PROCESS_RUNNING : SC_PROCESS_KILLED;
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
	row = sc_report_add_row(report, NULL, NULL, NULL);
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

	if (r == 0)
		r = sc_report_add_unobserved(report, record);
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
			row = sc_report_function_row(report, &gather->images, record, i);
		r = row ? sc_report_add_stub(row, stub, factor) : -ENOMEM;
		lost_times |= stub->returned && factor == 0;
	}
	report->uncalibrated += lost_times;
	return r;
}

static int add_stacks(struct gather *gather, const struct sc_record_file *record, const void *bytes, size_t size)
{
	struct sc_report *report = gather->report;
	const char *damage = NULL;
	int r = sc_stack_set_add(report->stacks, report, &gather->images, record, bytes, size,
				 sc_clock_rate_of(&gather->rates, &record->header), &damage);

	if (r == 0 && damage && !report->processes[report->process_count - 1].damage)
		report->processes[report->process_count - 1].damage = damage;
	return r;
}

static int add_file(struct gather *gather, const char *name)
{
	struct sc_record_file record;
	unsigned char *bytes = NULL;
	const char *why;
	size_t size;
	int r = sc_record_bytes(gather->directory, name, &bytes, &size, &why);

	if (r == 0)
		r = sc_record_parse(&record, bytes, size, &why);
	if (r)
		free(bytes);
	if (r == -ENOENT || r == -ENODATA) /* gone since it was listed; or its process was killed before it wrote anything */
		return 0;
	if (r == -ENOMEM)
		return r;
	if (r)
		return refuse(gather->report, name, r == -EINVAL ? why : strerrordesc_np(-r));
	r = add_record(gather, name, &record);
	if (r == 0 && gather->report->stacks)
		r = add_stacks(gather, &record, bytes, size);
	sc_record_release(&record);
	free(bytes);
	return r;
}

/* A process that went on as another program left a record that looks killed. The next record of the same process,
 * which is no fork's, tells them apart. */
static void find_execs(struct sc_report *report)
{
	for (size_t i = 0; i < report->process_count; i++) {
		struct sc_report_process *process = &report->processes[i];

		if (process->state != SC_PROCESS_KILLED && process->state != SC_PROCESS_RUNNING)
			continue;
		for (size_t j = i + 1; j < report->process_count; j++) {
			const struct sc_report_process *later = &report->processes[j];

			if (later->pid != process->pid)
				continue;
			if (later->forked_from) /* by now the number is another process's, in another namespace for example */
				break;
			if (later->parent == process->parent) {
				process->state = SC_PROCESS_EXECED;
				break;
			}
		}
	}
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
	find_execs(gather->report);
	gather->report->unnamed = gather->images.unreadable;
	sc_names_close(&gather->images);
	return r;
}

static int gather_into(struct sc_report *report, const char *directory, uint64_t since)
{
	struct gather gather = { .report = report, .since = since };
	int r;

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

int sc_report_gather(struct sc_report *report, const char *directory, enum sc_report_by by, uint64_t since)
{
	*report = (struct sc_report){ .by = by };
	return gather_into(report, directory, since);
}

int sc_report_gather_stacks(struct sc_report *report, const char *directory, struct sc_stack_set *set)
{
	*report = (struct sc_report){ .by = SC_BY_FUNCTION, .stacks = set };
	return gather_into(report, directory, 0);
}

void sc_report_release(struct sc_report *report)
{
	sc_report_free_rows(report);
	sc_report_free_unobserved(report);
	for (size_t i = 0; i < report->process_count; i++) {
		free(report->processes[i].file);
		free(report->processes[i].program);
	}
	for (size_t i = 0; i < report->refused_count; i++)
		free(report->refused[i].file);
	free(report->processes);
	free(report->refused);
	*report = (struct sc_report){ 0 };
}
