/* SPDX-License-Identifier: MIT */
/*
 * Owns what a report says of programs that were started and are not observed. Called by report_gather.c, report_text.c,
 * report_json.c and run.c. Does not own how that is found out (src/preload/exec_program.c) nor read (record_sum.c).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "common/sys.h"

#define NAMED_MOST 10

static const struct {
	const char *name, *text;
} reasons[] = {
	[SC_UNOBSERVED_STATIC] = { "static", "statically linked" },
	[SC_UNOBSERVED_LOADER] = { "loader", "made for another C library" },
	[SC_UNOBSERVED_MACHINE] = { "machine", "32-bit, or for another processor" },
	[SC_UNOBSERVED_RIGHTS] = { "rights", "gets other rights than its user: set-id, or capabilities" },
	[SC_UNOBSERVED_ROOT] = {
		"root", "in another root, or by another user, where libstubcache.so or the records cannot be opened",
	},
	[SC_UNOBSERVED_ENVIRONMENT] = {
		"environment", "by vfork, with an environment of more than 2000 variables without us",
	},
	[SC_UNOBSERVED_CONFINED] = { "confined", "confined by a seccomp filter that forbids system calls of ours" },
	[SC_UNOBSERVED_MEMORY] = { "memory", "limited to less address space than libstubcache.so takes" },
	[SC_UNOBSERVED_FORK] = { "fork", "child of fork that could make no record, and what it starts" },
};

static bool is_known(enum sc_unobserved reason)
{
	return reason > SC_OBSERVED && reason < sizeof(reasons) / sizeof(*reasons);
}

const char *sc_unobserved_name(enum sc_unobserved reason)
{
	return is_known(reason) ? reasons[reason].name : "unknown";
}

const char *sc_unobserved_text(enum sc_unobserved reason)
{
	return is_known(reason) ? reasons[reason].text : "for a reason that this version does not know";
}

static bool same(const char *left, const char *right)
{
	return left && right ? !strcmp(left, right) : left == right;
}

static int add(struct sc_report *report, const struct sc_report_unobserved *more)
{
	struct sc_report_unobserved *program;

	for (size_t i = 0; i < report->unobserved_count; i++) {
		program = &report->unobserved[i];
		if (program->reason == more->reason && same(program->program, more->program) &&
		    (more->program || same(program->starter, more->starter))) {
			program->times += more->times;
			return 0;
		}
	}
	if (sc_report_grow(&report->unobserved, report->unobserved_count, sizeof(*report->unobserved)))
		return -ENOMEM;
	program = &report->unobserved[report->unobserved_count++];
	*program = *more;
	program->program = more->program ? strdup(more->program) : NULL;
	program->starter = strdup(more->starter);
	return program->starter && (program->program || !more->program) ? 0 : -ENOMEM;
}

/* How many of a reason have no name. A kill may have come between the number and the name. */
static uint64_t unnamed(const struct sc_record_file *record, enum sc_unobserved reason)
{
	uint64_t named = 0, all = record->header.unobserved[reason - 1];

	for (size_t i = 0; i < record->program_count; i++)
		if (record->programs[i].reason == reason)
			named += record->programs[i].times;
	return all > named ? all - named : 0;
}

int sc_report_add_unobserved(struct sc_report *report, const struct sc_record_file *record)
{
	struct sc_report_unobserved more = { .starter = (char *)record->header.program };
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->program_count; i++) {
		more.program = record->programs[i].path;
		more.reason = record->programs[i].reason;
		more.times = record->programs[i].times;
		r = add(report, &more);
	}
	more.program = NULL;
	for (unsigned i = 0; r == 0 && i < SC_UNOBSERVED_REASONS; i++) {
		more.reason = (enum sc_unobserved)(i + 1);
		more.times = unnamed(record, more.reason);
		if (more.times)
			r = add(report, &more);
	}
	return r;
}

void sc_report_free_unobserved(struct sc_report *report)
{
	for (size_t i = 0; i < report->unobserved_count; i++) {
		free(report->unobserved[i].program);
		free(report->unobserved[i].starter);
	}
	free(report->unobserved);
}

static void print_program(const struct sc_report_unobserved *program, FILE *out)
{
	if (program->program)
		fprintf(out, "%s (%s", program->program, sc_unobserved_text(program->reason));
	else
		fprintf(out, "by %s (%s", program->starter, sc_unobserved_text(program->reason));
	if (program->times > 1)
		fprintf(out, ", %" PRIu64 " times", program->times);
	putc(')', out);
}

void sc_report_note_unobserved(const struct sc_report *report)
{
	uint64_t times = 0;
	char *text = NULL;
	size_t size, i;
	FILE *out;

	for (i = 0; i < report->unobserved_count; i++)
		times += report->unobserved[i].times;
	if (times == 0)
		return;
	out = open_memstream(&text, &size);
	for (i = 0; out && i < report->unobserved_count && i < NAMED_MOST; i++) {
		fputs(i ? ", " : "", out);
		print_program(&report->unobserved[i], out);
	}
	if (out && i < report->unobserved_count)
		fprintf(out, ", and %zu more", report->unobserved_count - i);
	if (out && fclose(out) == 0)
		sc_cmd_error("%" PRIu64 " %s not observed: %s", times, times == 1 ? "process was" : "processes were", text);
	free(text);
}

/* Whether the header says that there is something to be read. */
static bool has_unobserved(int directory, const char *name, uint64_t since)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	struct sc_record_header header;
	bool found = false;

	if (fd < 0)
		return false;
	if (sc_sys_pread_full(fd, &header, sizeof(header), 0) == 0 && header.start_realtime >= since)
		for (unsigned i = 0; i < SC_UNOBSERVED_REASONS; i++)
			found |= header.unobserved[i] != 0;
	close(fd);
	return found;
}

void sc_report_say_unobserved(const char *directory, uint64_t since)
{
	struct sc_report report = { 0 };
	DIR *stream = opendir(directory);
	struct sc_record_file record;
	struct dirent *entry;
	const char *why;
	int r = 0;

	while (stream && r == 0 && (entry = readdir(stream))) {
		if (!has_unobserved(dirfd(stream), entry->d_name, since) ||
		    sc_record_load(&record, dirfd(stream), entry->d_name, &why))
			continue;
		r = sc_report_add_unobserved(&report, &record);
		sc_record_release(&record);
	}
	if (stream)
		closedir(stream);
	sc_report_note_unobserved(&report);
	sc_report_free_unobserved(&report);
}
