/* SPDX-License-Identifier: MIT */
/* Owns the order in which a report of stacks is made, and what is said besides. Called by report.c. */
#include "cmd/report_stacks.h"

#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/stack_set.h"

static int show(const struct sc_stack_set *set, int format, enum sc_stack_metric metric)
{
	int r;

	if (format == SC_REPORT_FOLDED)
		r = sc_stack_folded(set, metric, stdout);
	else if (format == SC_REPORT_PPROF)
		r = sc_stack_pprof(set, metric, stdout);
	else
		r = sc_stack_callers(set, metric, (enum sc_stack_form)format, stdout);
	if (r == 0)
		return SC_CMD_OK;
	sc_cmd_error("out of memory");
	return SC_CMD_FOUND;
}

static int show_all(const char *directory, const struct sc_report *report, const struct sc_stack_set *set, int format,
		    enum sc_stack_metric metric)
{
	int status;

	if (report->process_count == 0 && report->refused_count == 0) {
		sc_cmd_error("no records in '%s'", directory);
		return SC_CMD_FOUND;
	}
	if (set->sample_count == 0)
		sc_cmd_error("no stacks in '%s': they are recorded by rules as 'stack=malloc'", directory);
	status = show(set, format, metric);
	sc_report_notes(report);
	for (size_t i = 0; i < report->process_count; i++)
		if (report->processes[i].damage)
			status = SC_CMD_FOUND;
	return report->refused_count || set->sample_count == 0 ? SC_CMD_FOUND : status;
}

int sc_report_stacks(const char *directory, int format, int metric, bool demangle)
{
	struct sc_stack_set set;
	struct sc_report report = { 0 };
	int status, r;

	if (format == SC_REPORT_PPROF && isatty(STDOUT_FILENO)) {
		sc_cmd_error("a profile is no text: write it to a file, as in 'stubcache report --format=pprof %s >profile.pb.gz'",
			     directory);
		return SC_CMD_USAGE;
	}
	r = sc_stack_set_open(&set, demangle);
	if (r == 0)
		r = sc_report_gather_stacks(&report, directory, &set);
	if (r) {
		sc_cmd_error("cannot read '%s': %s", directory, strerror(-r));
		status = SC_CMD_FOUND;
	} else {
		status = show_all(directory, &report, &set, format, (enum sc_stack_metric)metric);
	}
	sc_stack_set_release(&set);
	sc_report_release(&report);
	return sc_cmd_finish(status);
}
