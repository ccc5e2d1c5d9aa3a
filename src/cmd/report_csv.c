/* SPDX-License-Identifier: MIT */
/* Owns the csv form of a report: RFC 4180, one header line, times in nanoseconds. Called by report.c. */
#include <inttypes.h>
#include <string.h>

#include "cmd/report.h"

static void field(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void subject(const struct sc_report *report, const struct sc_report_row *row, FILE *out)
{
	const struct sc_report_process *process;

	if (row->function) {
		field(row->function, out);
		putc(',', out);
		field(row->library, out);
		putc(',', out);
		field(row->version, out);
		return;
	}
	process = &report->processes[row->process];
	if (report->by == SC_BY_PROCESS)
		fprintf(out, "%u,%s,", process->pid, sc_process_state_name(process->state));
	else
		fprintf(out, "%zu,", row->processes);
	field(process->program, out);
}

static void times(const struct sc_report *report, const struct sc_report_row *row, FILE *out)
{
	const double ticks[] = {
		row->total, row->self, row->returned ? row->total / (double)row->returned : 0, (double)row->min,
		sc_report_percentile(row, 0.5), sc_report_percentile(row, 0.9), sc_report_percentile(row, 0.99),
		(double)row->max,
	};

	for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++) {
		putc(',', out);
		if (row->returned)
			fprintf(out, "%.1f", sc_report_ns(report, ticks[i]));
	}
}

void sc_report_csv(const struct sc_report *report, FILE *out)
{
	static const char *const heads[] = { "function,library,version", "pid,state,program", "processes,program" };

	fprintf(out, "%s,calls,returned,unreturned,total_ns,self_ns,avg_ns,min_ns,p50_ns,p90_ns,p99_ns,max_ns\n",
		heads[report->by]);
	for (size_t i = 0; i < report->row_count; i++) {
		const struct sc_report_row *row = report->rows[i];

		subject(report, row, out);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, row->calls, row->returned,
			sc_report_unreturned(row));
		times(report, row, out);
		putc('\n', out);
	}
}
