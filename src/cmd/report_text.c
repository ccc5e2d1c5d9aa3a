/* SPDX-License-Identifier: MIT */
/*
 * Owns the table that people read, and the notes below it. Times are scaled to four digits and a
 * unit; whoever wants to compute with them takes json or csv. Called by report.c and run.c.
 */
#include <inttypes.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/report.h"

struct totals {
	uint64_t calls;
	double total, self;
	bool timed;
	bool unreturned;
};

static struct totals add_up(const struct sc_report *report)
{
	struct totals sum = { 0 };

	for (size_t i = 0; i < report->row_count; i++) {
		const struct sc_report_row *row = report->rows[i];

		sum.calls += row->calls;
		sum.total += row->total;
		sum.self += row->self;
		sum.timed |= row->timed;
		sum.unreturned |= sc_report_unreturned(row) > 0;
	}
	return sum;
}

static void print_time(const struct sc_report *report, double ticks, FILE *out)
{
	static const char *const units[] = { "ns", "us", "ms", "s " };
	double value = sc_report_ns(report, ticks);
	unsigned unit = 0;

	while (value >= 999.95 && unit < 3) {
		value /= 1000;
		unit++;
	}
	fprintf(out, " %7.*f %s", unit == 0 ? 0 : value < 9.9995 ? 3 : value < 99.995 ? 2 : 1, value, units[unit]);
}

static void print_name(const struct sc_report *report, const struct sc_report_row *row, FILE *out)
{
	if (row->function) {
		fprintf(out, "  %s@%s", row->function, row->library);
		if (row->show_version && *row->version)
			fprintf(out, "@%s", row->version);
	} else if (report->by == SC_BY_PROCESS) {
		const struct sc_report_process *process = &report->processes[row->process];

		fprintf(out, "  %7u %-7s %s", process->pid, sc_process_state_name(process->state), process->program);
	} else {
		fprintf(out, "  %9zu %s", row->processes, report->processes[row->process].program);
	}
	putc('\n', out);
}

static void print_head(const struct sc_report *report, const struct totals *sum, FILE *out)
{
	if (sum->timed)
		fprintf(out, "%% self      calls");
	else
		fprintf(out, "%% calls     calls");
	if (sum->unreturned)
		fprintf(out, " unreturned");
	if (sum->timed)
		fprintf(out, "%11s%11s%11s%11s%11s%11s%11s%11s", "total", "self", "avg", "min", "p50", "p90", "p99",
			"max");
	fputs(report->by == SC_BY_FUNCTION ? "  function\n" :
	      report->by == SC_BY_PROCESS  ? "      pid state   program\n" :
					     "  processes program\n",
	      out);
}

static void print_times(const struct sc_report *report, const struct sc_report_row *row, FILE *out)
{
	if (row->returned == 0) {
		fprintf(out, "%88s", "");
		return;
	}
	print_time(report, row->total, out);
	print_time(report, row->self, out);
	print_time(report, row->total / (double)row->returned, out);
	print_time(report, (double)row->min, out);
	print_time(report, sc_report_percentile(row, 0.5), out);
	print_time(report, sc_report_percentile(row, 0.9), out);
	print_time(report, sc_report_percentile(row, 0.99), out);
	print_time(report, (double)row->max, out);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static void print_row(const struct sc_report *report, const struct totals *sum, const struct sc_report_row *row,
		      FILE *out)
{
	double share = sum->timed ? percent(row->self, sum->self) : percent((double)row->calls, (double)sum->calls);

	fprintf(out, "%6.2f %10" PRIu64, share, row->calls);
	if (sum->unreturned && sc_report_unreturned(row))
		fprintf(out, " %10" PRIu64, sc_report_unreturned(row));
	else if (sum->unreturned)
		fprintf(out, " %10s", "");
	if (sum->timed)
		print_times(report, row, out);
	print_name(report, row, out);
}

void sc_report_text(const struct sc_report *report, FILE *out)
{
	struct totals sum = add_up(report);

	print_head(report, &sum, out);
	for (size_t i = 0; i < report->row_count; i++)
		if (report->rows[i]->calls || report->rows[i]->returned || report->by != SC_BY_FUNCTION)
			print_row(report, &sum, report->rows[i], out);
	/* Only self times can be added up: total times contain those of the calls within. */
	fprintf(out, "%6.2f %10" PRIu64, sum.calls ? 100.0 : 0.0, sum.calls);
	if (sum.unreturned)
		fprintf(out, "%11s", "");
	if (sum.timed) {
		fprintf(out, "%11s", "");
		print_time(report, sum.self, out);
		fprintf(out, "%66s", "");
	}
	fputs("  total\n", out);
}

static void note_losses(const struct sc_report *report)
{
	uint64_t lost = 0, untimed = 0, stackless = 0, dropped = 0, denied = 0;
	size_t running = 0, confined = 0;

	for (size_t i = 0; i < report->process_count; i++) {
		const struct sc_report_process *process = &report->processes[i];

		lost += process->lost;
		untimed += process->untimed;
		stackless += process->stackless;
		dropped += process->events_dropped;
		running += process->state == SC_PROCESS_RUNNING;
		denied += process->denied;
		confined += process->denied > 0;
	}
	if (running)
		sc_cmd_error("%zu of %zu processes still running: their figures are those of now", running,
			     report->process_count);
	if (lost)
		sc_cmd_error("%" PRIu64 " calls are in no row: there was no memory for their counts, or children of "
			     "vfork made them before their parents made any", lost);
	if (untimed)
		sc_cmd_error("%" PRIu64 " calls were counted but could not be timed", untimed);
	if (stackless)
		sc_cmd_error("%" PRIu64 " calls are in no stack: there was no room in their records", stackless);
	if (dropped)
		sc_cmd_error("%" PRIu64 " events of traced calls found no room and are missing", dropped);
	if (confined)
		sc_cmd_error("%zu processes had forbidden (by seccomp) system calls that recording takes: %" PRIu64 " were "
			     "not made, and calls are missing, not timed or shown in part for that reason", confined, denied);
}

void sc_report_notes(const struct sc_report *report)
{
	note_losses(report);
	sc_report_note_unobserved(report);
	for (size_t i = 0; i < report->process_count; i++)
		if (report->processes[i].damage)
			sc_cmd_error("record '%s' is damaged (%s): what can be read of it is shown",
				     report->processes[i].file, report->processes[i].damage);
	for (size_t i = 0; i < report->refused_count; i++)
		sc_cmd_error("cannot read record '%s': %s", report->refused[i].file,
			     sc_record_why_text(report->refused[i].why));
	if (report->unnamed)
		sc_cmd_error("%zu images are missing or damaged: their functions are shown as numbers",
			     report->unnamed);
	if (report->uncalibrated)
		sc_cmd_error("the times of %zu processes are left out: their clock cannot be converted",
			     report->uncalibrated);
}
