/* SPDX-License-Identifier: MIT */
/*
 * The reader of records against a record that is put together here: two threads' regions, times, histograms,
 * names; then cut anywhere, filled with garbage, killed in the middle of a fold.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/record_read.h"

enum {
	STUBS = 4,
	FIRST = (sizeof(struct sc_record_header) + 63) / 64 * 64,
	REGION_SIZE = (SC_RECORD_COUNTS_OFFSET + STUBS * 8 + 63) / 64 * 64,
	TIMES_SIZE = (sizeof(struct sc_record_pool) + 3 * sizeof(struct sc_record_times) + 63) / 64 * 64,
	HISTOGRAMS_SIZE = (sizeof(struct sc_record_pool) + 4 * sizeof(struct sc_record_group) + 63) / 64 * 64,
	NAMES_SIZE = 128,
	LIKE_100 = 25, /* ticks: in another group, which is in the same list */
	REGION_A = FIRST,
	REGION_B = REGION_A + REGION_SIZE,
	TIMES = REGION_B + REGION_SIZE,
	HISTOGRAMS = TIMES + TIMES_SIZE,
	NAMES = HISTOGRAMS + HISTOGRAMS_SIZE,
	TIMES_1 = TIMES + sizeof(struct sc_record_pool) + sizeof(struct sc_record_times),
	GROUP_1 = HISTOGRAMS + sizeof(struct sc_record_pool) + sizeof(struct sc_record_group),
	SIZE = NAMES + NAMES_SIZE,
};

static struct sc_record_header *header_of(unsigned char *at)
{
	return (struct sc_record_header *)at;
}

static struct sc_record_region *region_of(unsigned char *at, size_t offset)
{
	return (struct sc_record_region *)(at + offset);
}

static struct sc_record_entry *log_of(unsigned char *at, size_t region)
{
	return (struct sc_record_entry *)(at + region + SC_RECORD_LOG_OFFSET);
}

static struct sc_record_times *times_of(unsigned char *at)
{
	return (struct sc_record_times *)(at + TIMES + sizeof(struct sc_record_pool));
}

static struct sc_record_group *groups_of(unsigned char *at)
{
	return (struct sc_record_group *)(at + HISTOGRAMS + sizeof(struct sc_record_pool));
}

static void put_chunk(unsigned char *at, size_t offset, uint32_t kind, uint64_t size)
{
	struct sc_record_chunk chunk = { .magic = SC_RECORD_CHUNK_MAGIC, .kind = kind, .size = size };

	memcpy(at + offset, &chunk, sizeof(chunk));
}

static void put_region(unsigned char *at, size_t offset, const uint64_t counts[STUBS])
{
	struct sc_record_region *region = region_of(at, offset);

	put_chunk(at, offset, SC_RECORD_REGION, REGION_SIZE);
	region->capacity = region->backed = STUBS;
	region->threads = 1;
	memcpy(at + offset + SC_RECORD_COUNTS_OFFSET, counts, STUBS * sizeof(*counts));
}

static struct sc_record_entry entry(uint32_t index, uint64_t duration, uint64_t children)
{
	return (struct sc_record_entry){ .first = duration << 16 | (index & 0xffff), .second = children << 16 | index >> 16 };
}

/* The n-th group in the chunk: calls of one duration, last in its list. */
static void put_group(unsigned char *at, unsigned n, struct sc_record_times *times, uint64_t duration, uint64_t calls)
{
	struct sc_record_group *group = &groups_of(at)[n];
	unsigned bucket = sc_histogram_bucket(duration);
	uint32_t *reference = &times->groups[bucket / SC_RECORD_GROUP % SC_RECORD_LISTS];

	group->number = bucket / SC_RECORD_GROUP;
	group->buckets[bucket % SC_RECORD_GROUP] = calls;
	while (*reference)
		reference = &((struct sc_record_group *)(at + sc_record_referred(*reference)))->next;
	*reference = sc_record_reference((uint64_t)((const unsigned char *)group - at));
}

/* Six calls of stub 1, of 100 ticks each: two that were folded apart, and four with another group in their list. */
static void put_times(unsigned char *at)
{
	struct sc_record_times *times = times_of(at);

	put_chunk(at, TIMES, SC_RECORD_TIMES, TIMES_SIZE);
	put_chunk(at, HISTOGRAMS, SC_RECORD_HISTOGRAMS, HISTOGRAMS_SIZE);
	((struct sc_record_pool *)(at + TIMES))->used = 2 * sizeof(*times);
	((struct sc_record_pool *)(at + HISTOGRAMS))->used = 4 * sizeof(struct sc_record_group);
	times[0] = (struct sc_record_times){ .index = 1, .calls = 2, .total = 200, .self = 100, .min = 100, .max = 100 };
	times[1] = (struct sc_record_times){ .index = 1, .calls = 4, .total = 400, .self = 200, .min = 100, .max = 100 };
	put_group(at, 0, &times[0], 100, 2);
	put_group(at, 1, &times[1], LIKE_100, 0);
	put_group(at, 2, &times[1], 100, 4);
	put_group(at, 3, &times[1], 40, 0);
}

static void put_names(unsigned char *at)
{
	static const char strings[] = "\0late@libplugin.so@V1"; /* of stubs 2 and 3 */
	struct sc_record_names *names = (struct sc_record_names *)(at + NAMES);

	put_chunk(at, NAMES, SC_RECORD_NAMES, NAMES_SIZE);
	names->first_index = 2;
	names->count = 2;
	names->size = sizeof(strings);
	memcpy(names + 1, strings, sizeof(strings));
}

/* Stub 1: ten calls in all. Six of 100 ticks are in its times, two in the logs, two never returned. */
static unsigned char *valid_record(void)
{
	static const uint64_t counts_a[STUBS] = { 5, 7, 0, 1 }, counts_b[STUBS] = { 0, 3, 0, 0 };
	unsigned char *at = calloc(1, SIZE);
	struct sc_record_header *header = header_of(at);

	ck_assert_ptr_nonnull(at);
	memcpy(header->magic, SC_RECORD_MAGIC, sizeof(header->magic));
	header->header_size = sizeof(*header);
	header->version = 1;
	header->pid = 42;
	header->used = SIZE;
	header->lost = 2;
	header->untimed = 1;
	strcpy(header->program, "/bin/program");
	put_region(at, REGION_A, counts_a);
	put_region(at, REGION_B, counts_b);
	region_of(at, REGION_A)->log_used = 16;
	log_of(at, REGION_A)[0] = entry(1, 40, 10);
	region_of(at, REGION_B)->log_used = SC_RECORD_LOG_SIZE + 16; /* one reserved beyond the end */
	region_of(at, REGION_B)->untimed = 3;
	log_of(at, REGION_B)[1023] = entry(1, 5000, 6000); /* children longer than the call: no self time */
	put_times(at);
	put_names(at);
	return at;
}

static uint64_t in_histogram(const struct sc_record_stub *stub)
{
	uint64_t sum = 0;

	for (unsigned i = 0; stub->histogram && i < SC_HISTOGRAM_BUCKETS; i++)
		sum += stub->histogram[i];
	return sum;
}

/* Parses a copy that ends where the memory does, at an odd address now and then. */
static int parse_guarded(struct sc_record_file *record, const unsigned char *bytes, size_t size, const char **why)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
	unsigned char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r;

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_int_eq(mprotect(map + room, page, PROT_NONE), 0);
	memcpy(map + room - size, bytes, size);
	r = sc_record_parse(record, map + room - size, size, why);
	munmap(map, room + page);
	return r;
}

START_TEST(counts_tables_and_logs_are_added_up)
{
	unsigned char *bytes = valid_record();
	struct sc_record_file record;
	const char *why;

	ck_assert_int_eq(parse_guarded(&record, bytes, SIZE, &why), 0);
	ck_assert_ptr_null(record.damage);
	ck_assert_uint_eq(record.stub_count, STUBS);
	ck_assert_uint_eq(record.stubs[0].calls, 5);
	ck_assert_uint_eq(record.stubs[0].returned, 0);
	ck_assert_uint_eq(record.stubs[1].calls, 10);
	ck_assert_uint_eq(record.stubs[1].returned, 8);
	ck_assert_uint_eq(record.stubs[1].total, 600 + 40 + 5000);
	ck_assert_uint_eq(record.stubs[1].self, 300 + 30);
	ck_assert_uint_eq(record.stubs[1].min, 40);
	ck_assert_uint_eq(record.stubs[1].max, 5000);
	ck_assert_uint_eq(in_histogram(&record.stubs[1]), 8);
	ck_assert_uint_eq(record.lost, 2);
	ck_assert_uint_eq(record.untimed, 4);
	ck_assert_uint_eq(record.threads, 2);
	ck_assert_ptr_null(record.stubs[2].name);
	ck_assert_str_eq(record.stubs[3].name, "late@libplugin.so@V1");
	sc_record_release(&record);
	free(bytes);
}
END_TEST

START_TEST(a_record_cut_anywhere_gives_what_is_left)
{
	unsigned char *bytes = valid_record();
	struct sc_record_file record;
	const char *why;

	for (size_t size = 0; size < SIZE; size++) {
		int r = parse_guarded(&record, bytes, size, &why);

		ck_assert_int_eq(r, size == 0 ? -ENODATA : size < sizeof(struct sc_record_header) ? -EINVAL : 0);
		if (r)
			continue;
		/* Region A is whole: its counts are there however little follows. */
		if (size >= REGION_B)
			ck_assert_uint_ge(record.stubs[1].calls, 7);
		sc_record_release(&record);
	}
	free(bytes);
}
END_TEST

START_TEST(garbage_never_leads_out_of_bounds)
{
	static const uint32_t extremes[] = { 0, 1, 63, 64, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned char *bytes = valid_record();
	struct sc_record_file record;
	const char *why;

	for (size_t at = 0; at < SIZE; at += 4) {
		/* The middles of the logs hold nothing that is looked at differently. */
		if ((at > REGION_A + 256 && at < REGION_A + SC_RECORD_COUNTS_OFFSET - 64) ||
		    (at > REGION_B + 256 && at < REGION_B + SC_RECORD_COUNTS_OFFSET - 64))
			continue;
		for (size_t i = 0; i < sizeof(extremes) / sizeof(*extremes); i++) {
			uint32_t saved;

			memcpy(&saved, bytes + at, 4);
			memcpy(bytes + at, &extremes[i], 4);
			if (parse_guarded(&record, bytes, SIZE, &why) == 0)
				sc_record_release(&record);
			memcpy(bytes + at, &saved, 4);
		}
	}
	free(bytes);
}
END_TEST

START_TEST(random_bytes_never_lead_out_of_bounds)
{
	struct sc_record_file record;
	const char *why;
	uint64_t state = 88172645463325252u;

	for (int round = 0; round < 2000; round++) {
		unsigned char *bytes = valid_record();

		for (int i = 0; i < 24; i++) {
			state ^= state << 13; /* xorshift: the same bytes every time */
			state ^= state >> 7;
			state ^= state << 17;
			bytes[(state >> 8) % SIZE] = (unsigned char)state;
		}
		if (parse_guarded(&record, bytes, SIZE, &why) == 0)
			sc_record_release(&record);
		free(bytes);
	}
}
END_TEST

START_TEST(a_histogram_is_all_groups_of_all_lists)
{
	unsigned char *bytes = valid_record();
	struct sc_record_file record;
	const char *why;

	ck_assert_uint_eq(groups_of(bytes)[1].number % SC_RECORD_LISTS, groups_of(bytes)[2].number % SC_RECORD_LISTS);
	groups_of(bytes)[1].buckets[sc_histogram_bucket(LIKE_100) % SC_RECORD_GROUP] = 7;
	groups_of(bytes)[3].buckets[sc_histogram_bucket(40) % SC_RECORD_GROUP] = 9;
	ck_assert_int_eq(parse_guarded(&record, bytes, SIZE, &why), 0);
	ck_assert_ptr_null(record.damage);
	ck_assert_uint_eq(record.stubs[1].histogram[sc_histogram_bucket(100)], 2 + 4);
	ck_assert_uint_eq(record.stubs[1].histogram[sc_histogram_bucket(LIKE_100)], 7);
	ck_assert_uint_eq(record.stubs[1].histogram[sc_histogram_bucket(40)], 9 + 1);
	ck_assert_uint_eq(record.stubs[1].histogram[sc_histogram_bucket(5000)], 1);
	sc_record_release(&record);
	free(bytes);
}
END_TEST

START_TEST(a_killed_fold_is_counted_once)
{
	struct sc_record_file record;
	const char *why;

	/* The stores of a fold in their order (record_fold.c); step says how many were made. */
	for (int step = 0; step <= 9; step++) {
		unsigned char *bytes = valid_record();
		struct sc_record_region *region = region_of(bytes, REGION_A);
		struct sc_record_times *times = &times_of(bytes)[1];
		uint64_t *bucket = &groups_of(bytes)[3].buckets[sc_histogram_bucket(40) % SC_RECORD_GROUP];
		struct sc_record_entry *slot = &log_of(bytes, REGION_A)[0];

		if (step >= 1) {
			region->fold_times = (uint64_t)((unsigned char *)times - bytes);
			region->fold_first = slot->first;
			region->fold_second = slot->second;
			region->fold_calls = times->calls;
			region->fold_total = times->total;
			region->fold_self = times->self;
			region->fold_bucket = *bucket;
		}
		if (step >= 2)
			region->fold_slot = 1;
		if (step >= 3)
			slot->first = 0;
		if (step >= 4)
			times->min = 40;
		if (step >= 5)
			times->calls++;
		if (step >= 6)
			times->total += 40;
		if (step >= 7)
			times->self += 30;
		if (step >= 8)
			++*bucket;
		if (step >= 9)
			region->fold_slot = 0;
		ck_assert_int_eq(parse_guarded(&record, bytes, SIZE, &why), 0);
		ck_assert_ptr_null(record.damage);
		ck_assert_msg(record.stubs[1].returned == 8 && record.stubs[1].total == 5640 &&
			      record.stubs[1].self == 330 && record.stubs[1].min == 40 &&
			      in_histogram(&record.stubs[1]) == 8, "after %d stores", step);
		sc_record_release(&record);
		free(bytes);
	}
}
END_TEST

static const struct damage {
	size_t offset;
	uint32_t value;
	const char *word;
} damages[] = {
	{ offsetof(struct sc_record_header, image_count), SC_RECORD_IMAGES + 1, "images" },
	{ REGION_B + offsetof(struct sc_record_chunk, size), 32, "chunk" },
	{ REGION_B + offsetof(struct sc_record_chunk, size), 65, "chunk" },
	{ REGION_A + offsetof(struct sc_record_region, backed), STUBS + 1, "region" },
	{ REGION_A + SC_RECORD_LOG_OFFSET + offsetof(struct sc_record_entry, second), 1, "log" }, /* index 65537 */
	{ TIMES_1 + offsetof(struct sc_record_times, index), STUBS, "times" },
	{ TIMES_1 + offsetof(struct sc_record_times, groups), HISTOGRAMS / 8, "histogram" },
	{ TIMES_1 + offsetof(struct sc_record_times, groups), TIMES_1 / 8, "histogram" },
	{ GROUP_1 + offsetof(struct sc_record_group, number), SC_RECORD_GROUPS, "histogram" },
	{ GROUP_1 + offsetof(struct sc_record_group, next), GROUP_1 / 8, "histogram" }, /* a circle */
	{ NAMES + offsetof(struct sc_record_names, count), 3, "names" },
};

START_TEST(damage_is_named_and_the_rest_still_counts)
{
	const struct damage *damage = &damages[_i];
	unsigned char *bytes = valid_record();
	struct sc_record_file record;
	const char *why;

	memcpy(bytes + damage->offset, &damage->value, sizeof(damage->value));
	ck_assert_int_eq(parse_guarded(&record, bytes, SIZE, &why), 0);
	ck_assert_msg(record.damage && !strcmp(record.damage, damage->word), "%s, not %s", record.damage, damage->word);
	ck_assert_uint_eq(record.stubs[0].calls, 5);
	sc_record_release(&record);
	free(bytes);
}
END_TEST

START_TEST(what_is_no_record_is_refused_by_name)
{
	static const struct {
		size_t offset;
		const char *why;
	} wrongs[] = { { 0, "magic" }, { offsetof(struct sc_record_header, version), "version" },
		       { offsetof(struct sc_record_header, header_size), "header" } };
	unsigned char *bytes = valid_record();
	struct sc_record_file record;
	const char *why;

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
		bytes[wrongs[i].offset + 3] ^= 0x40;
		ck_assert_int_eq(parse_guarded(&record, bytes, SIZE, &why), -EINVAL);
		ck_assert_str_eq(why, wrongs[i].why);
		bytes[wrongs[i].offset + 3] ^= 0x40;
	}
	free(bytes);
}
END_TEST

START_TEST(what_was_made_and_never_written_is_no_damage)
{
	unsigned char zeros[SIZE] = { 0 };
	struct sc_record_file record;
	const char *why;

	ck_assert_int_eq(sc_record_parse(&record, zeros, 0, &why), -ENODATA);
	ck_assert_int_eq(sc_record_parse(&record, zeros, 100, &why), -ENODATA);
	ck_assert_int_eq(sc_record_parse(&record, zeros, SIZE, &why), -ENODATA);
}
END_TEST

START_TEST(a_fifo_in_place_of_a_record_does_not_block)
{
	char directory[] = "/tmp/test_record_read-XXXXXX";
	struct sc_record_file record;
	const char *why;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	fd = open(directory, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(mkfifoat(fd, "x.record", 0600), 0);
	ck_assert_int_eq(sc_record_load(&record, fd, "x.record", &why), -EINVAL);
	ck_assert_str_eq(why, "type");
	ck_assert_int_eq(sc_record_load(&record, fd, "y.record", &why), -ENOENT);
	unlinkat(fd, "x.record", 0);
	close(fd);
	rmdir(directory);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record_read");
	TCase *tests = tcase_create("reader");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, counts_tables_and_logs_are_added_up);
	tcase_add_test(tests, a_record_cut_anywhere_gives_what_is_left);
	tcase_add_test(tests, garbage_never_leads_out_of_bounds);
	tcase_add_test(tests, random_bytes_never_lead_out_of_bounds);
	tcase_add_test(tests, a_histogram_is_all_groups_of_all_lists);
	tcase_add_test(tests, a_killed_fold_is_counted_once);
	tcase_add_loop_test(tests, damage_is_named_and_the_rest_still_counts, 0, sizeof(damages) / sizeof(*damages));
	tcase_add_test(tests, what_is_no_record_is_refused_by_name);
	tcase_add_test(tests, what_was_made_and_never_written_is_no_damage);
	tcase_add_test(tests, a_fifo_in_place_of_a_record_does_not_block);
	tcase_set_timeout(tests, 300);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
