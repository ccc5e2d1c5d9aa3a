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

bool sc_record_mapped_elsewhere(const struct sc_record_header *header)
{
	char record[64], ours[NAMESPACE_MOST], theirs[NAMESPACE_MOST];
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	record_name(header, record);
	if (!processes || !namespace_of("self", ours)) {
		if (processes)
			closedir(processes);
		return false;
	}
	while (!found && (entry = readdir(processes)))
		found = isdigit((unsigned char)entry->d_name[0]) && namespace_of(entry->d_name, theirs) &&
			strcmp(ours, theirs) != 0 && maps(entry->d_name, record) > 0;
	closedir(processes);
	return found;
}
