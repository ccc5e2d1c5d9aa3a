/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the record share: a directory of their own, a clock that they move by hand, and calls
 * as stub.S and leave.S make them. A record is one for a process, so each test runs in its own (Check forks).
 */
#ifndef RECORD_SUITE_H
#define RECORD_SUITE_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/record_internal.h"
#include "preload/record_map.h"
#include "x86_64/local_add.h"

#define STUBS 44 /* what /bin/true reaches of libc */

/* Sanitizers want memory and descriptors when a process ends. */
#ifdef __SANITIZE_ADDRESS__
#define SUITE_SANITIZED true
#else
#define SUITE_SANITIZED false
#endif

static char suite_directory[] = "/tmp/sc-record-XXXXXX";
static uint64_t suite_now;

static inline uint64_t suite_ticks(void)
{
	return __atomic_add_fetch(&suite_now, 1, __ATOMIC_RELAXED);
}

static inline int suite_start_in(const char *directory, uint32_t stubs)
{
	const struct sc_record_options options = { .directory = directory,
						   .program = "/bin/true",
						   .stub_count = stubs,
						   .clock = SC_RECORD_CLOCK_TSC,
						   .ticks = suite_ticks,
						   .page_size = (uint64_t)sysconf(_SC_PAGESIZE) };

	return sc_record_start(&options);
}

static inline void suite_start(uint32_t stubs)
{
	ck_assert_int_eq(suite_start_in(suite_directory, stubs), 0);
}

static inline void suite_enter(struct sc_record_region *region, uint32_t index)
{
	sc_local_add(&sc_record_counts(region)[index], 1);
}

/* As leave.S appends an entry. */
static inline void suite_leave(struct sc_record_region *region, uint32_t index, uint64_t duration, uint64_t children)
{
	uint64_t second = children << 16 | index >> 16, first = duration << 16 | (index & 0xffff);
	uint64_t at = sc_local_fetch_add(&region->log_used, 16);
	struct sc_record_entry *entry = &sc_record_log(region)[at / 16];

	if (at >= SC_RECORD_LOG_SIZE) {
		sc_record_fold(region, second, first);
		return;
	}
	*(volatile uint64_t *)&entry->second = second;
	*(volatile uint64_t *)&entry->first = first;
}

static inline void suite_call(struct sc_record_region *region, uint32_t index, uint64_t duration)
{
	suite_enter(region, index);
	suite_leave(region, index, duration, 0);
}

static inline uint64_t suite_histogram_total(const struct sc_record_sum *sum)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++)
		total += sum->histogram[i];
	return total;
}

/* What a reader finds in the file of a process about one stub. */
struct suite_file {
	struct sc_record_header header;
	uint64_t calls, returned, total, buckets;
	unsigned regions, threads, unknown;
};

static inline void suite_add_log(struct suite_file *out, uint32_t index, struct sc_record_region *region)
{
	uint64_t used = region->log_used < SC_RECORD_LOG_SIZE ? region->log_used : SC_RECORD_LOG_SIZE;

	for (uint64_t i = 0; i < used / 16; i++) {
		const struct sc_record_entry *entry = &sc_record_log(region)[i];

		if (entry->first >> 16 == 0 || ((entry->first & 0xffff) | (entry->second & 0xffff) << 16) != index)
			continue;
		out->returned++;
		out->buckets++;
		out->total += entry->first >> 16;
	}
}

static inline void suite_add_groups(struct suite_file *out, const char *file, uint32_t reference)
{
	const struct sc_record_group *group;

	for (; reference; reference = group->next) {
		group = (const struct sc_record_group *)(file + sc_record_referred(reference));
		for (unsigned i = 0; i < SC_RECORD_GROUP; i++)
			out->buckets += group->buckets[i];
	}
}

static inline void suite_add_times(struct suite_file *out, uint32_t index, const char *file,
				   const struct sc_record_pool *pool)
{
	const struct sc_record_times *times = (const struct sc_record_times *)(pool + 1);

	for (uint64_t i = 0; i < sc_record_pool_count(pool, pool->used, sizeof(*times)); i++) {
		if (times[i].index != index)
			continue;
		out->returned += times[i].calls;
		out->total += times[i].total;
		for (unsigned j = 0; j < SC_RECORD_LISTS; j++)
			suite_add_groups(out, file, times[i].groups[j]);
	}
}

/* The call that was on its way from the log into the table when the process was killed. */
static inline void suite_add_noted(struct suite_file *out, uint32_t index, const char *file,
				   struct sc_record_region *region)
{
	struct sc_record_times times;

	if (sc_record_noted(region, sc_record_log(region)) != index)
		return;
	times = *(const struct sc_record_times *)(file + region->fold_times);
	ck_assert_uint_eq(times.index, index);
	out->returned -= times.calls;
	out->total -= times.total;
	sc_record_finish_noted(region, &times, NULL);
	out->returned += times.calls;
	out->total += times.total;
}

static inline void suite_walk(struct suite_file *out, uint32_t index, char *file, uint64_t size)
{
	uint64_t at = (sizeof(out->header) + 63) & ~(uint64_t)63;

	while (at + 64 <= size) {
		struct sc_record_chunk *chunk = (struct sc_record_chunk *)(file + at);
		struct sc_record_region *region = (struct sc_record_region *)chunk;

		if (chunk->magic != SC_RECORD_CHUNK_MAGIC)
			break;
		ck_assert_uint_ge(chunk->size, 64);
		ck_assert_uint_eq(chunk->size % 64, 0);
		if (chunk->kind == SC_RECORD_REGION) {
			out->regions++;
			out->threads += region->threads;
			if (index < region->backed)
				out->calls += sc_record_counts(region)[index];
			suite_add_log(out, index, region);
			suite_add_noted(out, index, file, region);
		} else if (chunk->kind == SC_RECORD_TIMES) {
			suite_add_times(out, index, file, (const struct sc_record_pool *)chunk);
		} else if (chunk->kind == 0 || chunk->kind > SC_RECORD_INDEX) {
			out->unknown++;
		}
		at += chunk->size;
	}
	ck_assert_uint_le(out->header.used, at);
}

/* Reads the record of a process in `directory`, as of one stub. */
static inline void suite_read(struct suite_file *out, const char *directory, pid_t pid, uint32_t index)
{
	char pattern[256];
	struct stat stat;
	glob_t found;
	char *file;
	int fd;

	snprintf(pattern, sizeof(pattern), "%s/%d-*" SC_RECORD_SUFFIX, directory, (int)pid);
	ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 1);
	fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &stat), 0);
	file = calloc(1, (size_t)stat.st_size + (1 << 20));
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(read(fd, file, (size_t)stat.st_size), stat.st_size);
	memset(out, 0, sizeof(*out));
	memcpy(&out->header, file, sizeof(out->header));
	ck_assert_mem_eq(out->header.magic, SC_RECORD_MAGIC, sizeof(out->header.magic));
	suite_walk(out, index, file, (uint64_t)stat.st_size);
	close(fd);
	free(file);
	globfree(&found);
}

static inline int suite_main(const char *name, void (*add)(TCase *tests))
{
	Suite *suite = suite_create(name);
	TCase *tests = tcase_create(name);
	char command[64];
	SRunner *runner;
	int failed;

	if (!mkdtemp(suite_directory))
		return EXIT_FAILURE;
	tcase_set_timeout(tests, 60);
	add(tests);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	snprintf(command, sizeof(command), "rm -rf %s", suite_directory);
	if (system(command))
		failed++;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
