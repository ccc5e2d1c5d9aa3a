/* SPDX-License-Identifier: MIT */
/* Owns the json form of a report (doc: stubcache(1), REPORT FORMATS). Called by report.c. */
#include <errno.h>
#include <jansson.h>

#include "cmd/json_values.h"
#include "cmd/report.h"

static json_t *whole(uint64_t value)
{
	return json_integer((json_int_t)(value <= INT64_MAX ? value : INT64_MAX));
}

/* Nanoseconds with one decimal: ticks are finer than that, and 17 digits help nobody. */
static json_t *nanoseconds(const struct sc_report *report, double ticks)
{
	double ns = sc_report_ns(report, ticks);

	return json_real(ns < 1e15 ? (double)(int64_t)(ns * 10 + 0.5) / 10 : ns);
}

static void set_times(const struct sc_report *report, const struct sc_report_row *row, json_t *object)
{
	json_object_set_new(object, "returned", whole(row->returned));
	json_object_set_new(object, "unreturned", whole(sc_report_unreturned(row)));
	if (row->returned == 0)
		return;
	json_object_set_new(object, "total_ns", nanoseconds(report, row->total));
	json_object_set_new(object, "self_ns", nanoseconds(report, row->self));
	json_object_set_new(object, "avg_ns", nanoseconds(report, row->total / (double)row->returned));
	json_object_set_new(object, "min_ns", nanoseconds(report, (double)row->min));
	json_object_set_new(object, "p50_ns", nanoseconds(report, sc_report_percentile(row, 0.5)));
	json_object_set_new(object, "p90_ns", nanoseconds(report, sc_report_percentile(row, 0.9)));
	json_object_set_new(object, "p99_ns", nanoseconds(report, sc_report_percentile(row, 0.99)));
	json_object_set_new(object, "max_ns", nanoseconds(report, (double)row->max));
}

static json_t *row_json(const struct sc_report *report, const struct sc_report_row *row)
{
	json_t *object = json_object();

	if (row->function) {
		json_object_set_new(object, "function", sc_json_string(row->function));
		json_object_set_new(object, "library", sc_json_string(row->library));
		json_object_set_new(object, "version", sc_json_string(row->version));
	} else {
		json_object_set_new(object, "program", sc_json_string(report->processes[row->process].program));
		if (report->by == SC_BY_PROCESS)
			json_object_set_new(object, "pid", whole(report->processes[row->process].pid));
		else
			json_object_set_new(object, "processes", whole(row->processes));
	}
	json_object_set_new(object, "calls", whole(row->calls));
	if (row->timed)
		set_times(report, row, object);
	return object;
}

static json_t *process_json(const struct sc_report_process *process)
{
	json_t *object = json_object();

	json_object_set_new(object, "record", sc_json_string(process->file));
	json_object_set_new(object, "pid", whole(process->pid));
	json_object_set_new(object, "parent", whole(process->parent));
	json_object_set_new(object, "program", sc_json_string(process->program));
	json_object_set_new(object, "state", sc_json_string(sc_process_state_name(process->state)));
	json_object_set_new(object, "start_ns", whole(process->start_realtime));
	json_object_set_new(object, "threads", whole(process->threads));
	json_object_set_new(object, "lost", whole(process->lost));
	json_object_set_new(object, "untimed", whole(process->untimed));
	json_object_set_new(object, "stackless", whole(process->stackless));
	json_object_set_new(object, "events_dropped", whole(process->events_dropped));
	if (process->confined) {
		json_object_set_new(object, "confined",
				    sc_json_string(process->confined == SC_RECORD_STRICT ? "strict" : "filter"));
		json_object_set_new(object, "denied", whole(process->denied));
	}
	if (process->forked_from)
		json_object_set_new(object, "forked_from", whole(process->forked_from));
	if (process->damage)
		json_object_set_new(object, "damage", sc_json_string(process->damage));
	return object;
}

static json_t *unobserved_json(const struct sc_report_unobserved *program)
{
	json_t *object = json_object();

	if (program->program)
		json_object_set_new(object, "program", sc_json_string(program->program));
	json_object_set_new(object, "starter", sc_json_string(program->starter));
	json_object_set_new(object, "reason", sc_json_string(sc_unobserved_name(program->reason)));
	json_object_set_new(object, "times", whole(program->times));
	return object;
}

int sc_report_json(const struct sc_report *report, FILE *out)
{
	static const char *const keys[] = { "functions", "by_process", "by_program" };
	json_t *root = json_object(), *rows = json_array(), *processes = json_array(), *refused = json_array();
	json_t *unobserved = json_array();
	int r;

	for (size_t i = 0; i < report->row_count; i++)
		json_array_append_new(rows, row_json(report, report->rows[i]));
	for (size_t i = 0; i < report->process_count; i++)
		json_array_append_new(processes, process_json(&report->processes[i]));
	for (size_t i = 0; i < report->refused_count; i++)
		json_array_append_new(refused, json_pack("{s:o, s:s}", "record", sc_json_string(report->refused[i].file),
							 "reason", report->refused[i].why));
	for (size_t i = 0; i < report->unobserved_count; i++)
		json_array_append_new(unobserved, unobserved_json(&report->unobserved[i]));
	json_object_set_new(root, keys[report->by], rows);
	json_object_set_new(root, "processes", processes);
	json_object_set_new(root, "unobserved", unobserved);
	json_object_set_new(root, "unreadable", refused);
	json_object_set_new(root, "missing_images", whole(report->unnamed));
	json_object_set_new(root, "uncalibrated", whole(report->uncalibrated));
	r = json_dumpf(root, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15)) && !ferror(out) ?
		    -ENOMEM : 0;
	putc('\n', out);
	json_decref(root);
	return r;
}
