/* SPDX-License-Identifier: MIT */
/*
 * From a directory of records to a table: gathered (report_gather.c), named (report_names.c), put on
 * one clock (report_clock.c), sorted (report_sort.c), and shown (report_text.c, report_json.c,
 * report_csv.c) with what is not in it (report_unobserved.c). Used by `stubcache report` and by `stubcache run -c`.
 */
#ifndef SC_CMD_REPORT_H
#define SC_CMD_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/record_read.h"
#include "common/image.h"

enum sc_report_by { SC_BY_FUNCTION, SC_BY_PROCESS, SC_BY_PROGRAM };

enum sc_report_sort {
	SC_SORT_DEFAULT, /* total, or calls where nothing was timed */
	SC_SORT_TOTAL,
	SC_SORT_SELF,
	SC_SORT_CALLS,
	SC_SORT_AVG,
	SC_SORT_MAX,
	SC_SORT_NAME,
};

struct sc_stack_set;

enum sc_process_state { SC_PROCESS_ENDED, SC_PROCESS_EXECED, SC_PROCESS_RUNNING, SC_PROCESS_KILLED };

struct sc_report_process {
	char *file; /* name of the record */
	char *program;
	uint32_t pid, parent, forked_from;
	uint64_t start_realtime; /* ns since the epoch */
	uint64_t lost, untimed, threads;
	uint64_t stackless, events_dropped, denied;
	uint32_t confined; /* enum sc_record_confined */
	enum sc_process_state state;
	const char *damage; /* stable word, or NULL */
};

/* A file that gave nothing at all. */
struct sc_report_refused {
	char *file;
	const char *why;
};

/* Programs that were started and left no record. */
struct sc_report_unobserved {
	char *program; /* NULL: there was no room for its name */
	char *starter; /* the program that started it */
	enum sc_unobserved reason;
	uint64_t times;
};

/* One line of the table. Times in ticks of the report's clock: see sc_report_ns. */
struct sc_report_row {
	char *function; /* by function: these three; NULL otherwise */
	char *library;
	char *version; /* "" when it has none */
	bool show_version; /* another version of the same function is in the table */
	size_t process; /* by process: index into processes; by program: of the first of them */
	size_t processes; /* by program: how many */
	bool timed;
	uint64_t calls;
	uint64_t returned;
	double total, self;
	uint64_t min, max; /* valid when returned > 0 */
	uint64_t *histogram; /* or NULL */
};

struct sc_report {
	enum sc_report_by by;
	struct sc_report_row **rows;
	size_t row_count;
	struct sc_report_process *processes; /* by start */
	size_t process_count;
	struct sc_report_refused *refused;
	size_t refused_count;
	struct sc_report_unobserved *unobserved;
	size_t unobserved_count;
	double ns_per_tick;  /* 0: no time is known */
	size_t uncalibrated; /* processes whose times could not be converted and are left out */
	size_t unnamed;	     /* images that could not be read: their functions are numbers */
	void *index;	     /* rows by key, for report_rows.c */
	struct sc_stack_set *stacks; /* that are gathered, too, or NULL */
};

/*
 * Reads all records in `directory` that started at or after `since` (ns since the epoch; 0: all).
 * Returns 0, or a negative errno when the directory cannot be read or memory is short. A damaged
 * record is no failure: it is listed. Release in every case.
 */
int sc_report_gather(struct sc_report *report, const char *directory, enum sc_report_by by, uint64_t since);
/* By function; the stacks of all records go into a set that is open (stack_set.h). */
int sc_report_gather_stacks(struct sc_report *report, const char *directory, struct sc_stack_set *set);
void sc_report_sort(struct sc_report *report, enum sc_report_sort sort);
void sc_report_release(struct sc_report *report);

void sc_report_text(const struct sc_report *report, FILE *out);
void sc_report_csv(const struct sc_report *report, FILE *out);
/* 0 or -ENOMEM; what cannot be written is found in `out`. */
int sc_report_json(const struct sc_report *report, FILE *out);
/* What a reader of the table has to know besides: damage, losses, processes still running. Lines on
 * stderr through sc_cmd_error. */
void sc_report_notes(const struct sc_report *report);

/* ---- what is not observed ---- */

/* Takes over what a record says of it. 0 or -ENOMEM. */
int sc_report_add_unobserved(struct sc_report *report, const struct sc_record_file *record);
/* The line about them, if there are any. */
void sc_report_note_unobserved(const struct sc_report *report);
/* A word that stays the same, and words for people. */
const char *sc_unobserved_name(enum sc_unobserved reason);
const char *sc_unobserved_text(enum sc_unobserved reason);
void sc_report_free_unobserved(struct sc_report *report);
/* The line alone, of all records in a directory, as sc_report_gather has them; of most only the header is read. */
void sc_report_say_unobserved(const char *directory, uint64_t since);

static inline double sc_report_ns(const struct sc_report *report, double ticks)
{
	return ticks * report->ns_per_tick;
}

/* Calls of a timed row that have no time: still running, or left by exit, longjmp or an exception. */
static inline uint64_t sc_report_unreturned(const struct sc_report_row *row)
{
	return row->timed && row->calls > row->returned ? row->calls - row->returned : 0;
}

/* Ticks below which `fraction` (0..1) of the calls stay: a bucket's middle, within min and max. */
double sc_report_percentile(const struct sc_report_row *row, double fraction);
const char *sc_process_state_name(enum sc_process_state state);

/* ---- rows ---- */

/* Makes room for one more item at each power of two; items is the address of the array's pointer. 0 or
 * -ENOMEM. */
int sc_report_grow(void *items, size_t count, size_t size);
/* A row at the end of the table, of a function or (all NULL) of something else. NULL: no memory. */
struct sc_report_row *sc_report_add_row(struct sc_report *report, const char *function, const char *library,
					const char *version);
struct sc_named_images;
/* The row of the function that stub `index` of a record stands for. NULL: no memory. */
struct sc_report_row *sc_report_function_row(struct sc_report *report, struct sc_named_images *images,
					     const struct sc_record_file *record, uint32_t index);
/* Adds what a record has of a stub. factor: ticks of the report a tick of the record, 0 when the record's
 * times are not known. 0 or -ENOMEM. */
int sc_report_add_stub(struct sc_report_row *row, const struct sc_record_stub *stub, double factor);
void sc_report_free_rows(struct sc_report *report);

/* ---- clock ---- */

/* Records of one boot and one clock share a rate, known the better the longer they span. */
struct sc_clock_rate {
	uint64_t boot; /* realtime at which CLOCK_MONOTONIC was 0, ns: the same, but for adjustments, for all of one boot */
	uint32_t clock;
	uint64_t first_mono, first_ticks, last_mono, last_ticks;
	double ns_per_tick; /* 0: unknown */
};

struct sc_clock_rates {
	struct sc_clock_rate *rates;
	size_t count;
};

/* Takes the clock pairs of one record into account. 0 or -ENOMEM. */
int sc_clock_note(struct sc_clock_rates *rates, const struct sc_record_header *header);
/* To be called once all records are noted: adds a pair of our own for this boot, and divides. */
void sc_clock_solve(struct sc_clock_rates *rates);
/* The rate of a record's clock, 0 when it is not known. */
double sc_clock_rate_of(const struct sc_clock_rates *rates, const struct sc_record_header *header);
/* The same with its clock pairs, valid until another record is noted; NULL: the record was not. */
const struct sc_clock_rate *sc_clock_find(const struct sc_clock_rates *rates, const struct sc_record_header *header);
/* When a tick was, in ns since the epoch; the same for the same tick of all processes of a boot. rate may be NULL. */
uint64_t sc_clock_time(const struct sc_clock_rate *rate, uint64_t ticks);
void sc_clock_release(struct sc_clock_rates *rates);
/* Whether the process of this record is still there (same boot, same pid, not younger than the record), as this program
 * or another; also in another namespace of processes, of which only those that have the record mapped are known. */
bool sc_clock_process_lives(const struct sc_record_header *header);
/* The same, as this program: it may still write to the record. */
bool sc_clock_process_writes(const struct sc_record_header *header);

/* Whether the process with the record's number has it mapped (or does not let us look); whether any process in another
 * namespace of processes has (report_mapped.c). */
bool sc_record_mapped_here(const struct sc_record_header *header);
bool sc_record_mapped_elsewhere(const struct sc_record_header *header);

/* ---- names ---- */

/* An image beside the records, kept while they are read. */
struct sc_named_image {
	uint8_t id[16];
	void *data; /* NULL: not readable or damaged */
	struct sc_image image;
	struct sc_report_row **rows; /* by stub, filled as they are met; NULL where data is */
	struct sc_named_image *next;
};

struct sc_named_images {
	int directory; /* descriptor of "images", or -1 */
	struct sc_named_image *first;
	size_t unreadable;
};

void sc_names_open(struct sc_named_images *images, int directory);
/* The image of this id, read at the first call. NULL only when memory is short. */
struct sc_named_image *sc_names_get(struct sc_named_images *images, const uint8_t id[16]);
void sc_names_close(struct sc_named_images *images);

#endif
