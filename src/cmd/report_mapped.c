/* SPDX-License-Identifier: MIT */
/*
 * Owns the answer to whether some process has a record mapped. Called by report_clock.c. The number in a record is what
 * its process called itself: in a namespace of processes that is another one's here, or nobody's.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/report.h"

#define NAMESPACE_MOST 64 /* "pid:[4026531836]" */

/* 1, 0, or a negative errno: /proc/PID/maps may not be read. */
static int maps(const char *pid, const char *record)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *file;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%.20s/maps", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	errno = 0;
	while (r == 0 && getline(&line, &size, file) > 0)
		r = strstr(line, record) != NULL;
	if (r == 0 && errno)
		r = -errno;
	free(line);
	fclose(file);
	return r;
}

static void record_name(const struct sc_record_header *header, char out[64])
{
	snprintf(out, 64, "/%u-%" PRIu64 SC_RECORD_SUFFIX, header->pid, header->start_realtime);
}

bool sc_record_mapped_here(const struct sc_record_header *header)
{
	char record[64], pid[16];

	record_name(header, record);
	snprintf(pid, sizeof(pid), "%u", header->pid);
	return maps(pid, record) != 0;
}

static bool namespace_of(const char *pid, char out[NAMESPACE_MOST])
{
	char path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/pid", pid);
	length = readlink(path, out, NAMESPACE_MOST - 1);
	out[length > 0 ? length : 0] = 0;
	return length > 0;
}

/*
 * Processes of other namespaces than ours, most often none. They are looked for in all of /proc, and asked for once for
 * each record whose process is gone, so they are kept for a moment. Who was not there then has begun no record before.
 */
static struct {
	uint64_t when, until; /* ns of CLOCK_MONOTONIC */
	uint32_t *pids;
	size_t count;
} others;

#define OTHERS_NS 100000000u

static uint64_t mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void look_for_others(void)
{
	char ours[NAMESPACE_MOST], theirs[NAMESPACE_MOST];
	DIR *processes = namespace_of("self", ours) ? opendir("/proc") : NULL;
	struct dirent *entry;

	others.when = mono_now();
	others.count = 0;
	while (processes && (entry = readdir(processes))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !namespace_of(entry->d_name, theirs) ||
		    !strcmp(ours, theirs))
			continue;
		if (sc_report_grow(&others.pids, others.count, sizeof(*others.pids)))
			break;
		others.pids[others.count++] = (uint32_t)strtoul(entry->d_name, NULL, 10);
	}
	if (processes)
		closedir(processes);
	others.until = mono_now() + OTHERS_NS;
}

bool sc_record_mapped_elsewhere(const struct sc_record_header *header)
{
	char record[64], pid[16];

	if (header->start_mono >= others.when || mono_now() > others.until)
		look_for_others();
	record_name(header, record);
	for (size_t i = 0; i < others.count; i++) {
		snprintf(pid, sizeof(pid), "%u", others.pids[i]);
		if (maps(pid, record) > 0)
			return true;
	}
	return false;
}
