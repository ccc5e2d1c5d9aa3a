/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of rows and what is computed from a row: percentiles, which versions need showing.
 * Called by report.c and run.c between gathering and showing.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/report.h"

static int compare_names(const struct sc_report_row *a, const struct sc_report_row *b)
{
	int r = 0;

	if (a->function && b->function) {
		r = strcmp(a->function, b->function);
		if (r == 0)
			r = strcmp(a->library, b->library);
		if (r == 0)
			r = strcmp(a->version, b->version);
	} else {
		r = (a->process > b->process) - (a->process < b->process);
	}
	return r;
}

static double average(const struct sc_report_row *row)
{
	return row->returned ? row->total / (double)row->returned : 0;
}

/* Descending by the key, then by calls, then by name: the same table every time. */
static int compare(const void *first, const void *second, void *user)
{
	const struct sc_report_row *a = *(struct sc_report_row *const *)first;
	const struct sc_report_row *b = *(struct sc_report_row *const *)second;
	double x = 0, y = 0;

	switch (*(enum sc_report_sort *)user) {
	case SC_SORT_SELF:
		x = a->self;
		y = b->self;
		break;
	case SC_SORT_AVG:
		x = average(a);
		y = average(b);
		break;
	case SC_SORT_MAX:
		x = a->returned ? (double)a->max : 0;
		y = b->returned ? (double)b->max : 0;
		break;
	case SC_SORT_NAME:
		return compare_names(a, b);
	case SC_SORT_CALLS:
		break;
	case SC_SORT_DEFAULT:
	case SC_SORT_TOTAL:
		x = a->total;
		y = b->total;
		break;
	}
	if (x != y)
		return x > y ? -1 : 1;
	if (a->calls != b->calls)
		return a->calls > b->calls ? -1 : 1;
	return compare_names(a, b);
}

static void mark_versions(struct sc_report *report)
{
	/* Rows lie in order of name when this is called. */
	for (size_t i = 1; i < report->row_count; i++) {
		struct sc_report_row *a = report->rows[i - 1], *b = report->rows[i];

		if (a->function && b->function && !strcmp(a->function, b->function) && !strcmp(a->library, b->library))
			a->show_version = b->show_version = true;
	}
}

void sc_report_sort(struct sc_report *report, enum sc_report_sort sort)
{
	enum sc_report_sort name = SC_SORT_NAME;

	if (report->row_count == 0)
		return;
	qsort_r(report->rows, report->row_count, sizeof(*report->rows), compare, &name);
	mark_versions(report);
	qsort_r(report->rows, report->row_count, sizeof(*report->rows), compare, &sort);
}

double sc_report_percentile(const struct sc_report_row *row, double fraction)
{
	uint64_t sum = 0, seen = 0, wanted;
	double value;

	if (!row->histogram)
		return 0;
	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++)
		sum += row->histogram[i];
	wanted = (uint64_t)(fraction * (double)sum + 0.999999);
	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++) {
		seen += row->histogram[i];
		if (seen == 0 || seen < wanted)
			continue;
		value = ((double)sc_histogram_lowest(i) + (double)sc_histogram_lowest(i + 1) - 1) / 2;
		if (value < (double)row->min)
			return (double)row->min;
		return value > (double)row->max ? (double)row->max : value;
	}
	return 0;
}

const char *sc_process_state_name(enum sc_process_state state)
{
	switch (state) {
	case SC_PROCESS_ENDED:
		return "ended";
	case SC_PROCESS_EXECED:
		return "exec";
	case SC_PROCESS_RUNNING:
		return "running";
	case SC_PROCESS_KILLED:
		return "killed";
	}
	return "unknown";
}
