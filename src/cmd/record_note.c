/* SPDX-License-Identifier: MIT */
/*
 * Owns the one record that the command writes: 'stubcache run' could not preload us into the program, and a report of
 * the directory would know of nothing. Called by run.c. All other records are written by processes, about themselves
 * (src/preload/record_*.c).
 */
#include "cmd/record_note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/sys.h"

#define ALIGNMENT 64
#define FIRST ((sizeof(struct sc_record_header) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1))

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void fill(struct sc_record_header *header, struct sc_record_unobserved *note, const char *program,
		 enum sc_unobserved reason)
{
	memcpy(header->magic, SC_RECORD_MAGIC, sizeof(header->magic));
	header->header_size = sizeof(*header);
	header->version = 1;
	header->pid = (uint32_t)getpid();
	header->parent = (uint32_t)getppid();
	header->state = SC_RECORD_ENDED;
	header->clock = SC_RECORD_CLOCK_MONOTONIC;
	header->start_realtime = now(CLOCK_REALTIME);
	header->start_mono = header->start_ticks = now(CLOCK_MONOTONIC);
	header->used = FIRST + note->chunk.size;
	header->unobserved[reason - 1] = 1;
	strcpy(header->program, "stubcache");
	note->chunk.magic = SC_RECORD_CHUNK_MAGIC;
	note->chunk.kind = SC_RECORD_UNOBSERVED;
	note->reason = (uint32_t)reason;
	note->times = 1;
	strcpy((char *)(note + 1), program);
}

static int write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	r = sc_sys_write_full(fd, data, size);
	close(fd);
	if (r)
		unlink(path);
	return r;
}

int sc_record_note_unobserved(const char *directory, const char *program, enum sc_unobserved reason)
{
	size_t size = (sizeof(struct sc_record_unobserved) + strlen(program) + ALIGNMENT) & ~(size_t)(ALIGNMENT - 1);
	char *data = calloc(1, FIRST + size), path[PATH_MAX];
	struct sc_record_header *header = (struct sc_record_header *)data;
	struct sc_record_unobserved *note;
	int r = -ENAMETOOLONG;

	if (!data)
		return -ENOMEM;
	note = (struct sc_record_unobserved *)(data + FIRST);
	note->chunk.size = size;
	fill(header, note, program, reason);
	if ((size_t)snprintf(path, sizeof(path), "%s/%u-%" PRIu64 SC_RECORD_SUFFIX, directory, header->pid,
			     header->start_realtime) < sizeof(path))
		r = write_file(path, data, FIRST + size);
	free(data);
	return r;
}
