/* SPDX-License-Identifier: MIT */
/* The record of a process: its layout, histograms, start, growth, names, fork and end. */
#include "preload/record_chunks.h"
#include "record_suite.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/wait.h>

#include "x86_64/layout.h"

START_TEST(offsets_are_those_that_the_stubs_have_in_them)
{
	ck_assert_uint_eq(offsetof(struct sc_record_region, log_used), SC_REGION_LOG_USED);
	ck_assert_uint_eq(offsetof(struct sc_record_region, children), SC_REGION_CHILDREN);
	ck_assert_uint_eq(sizeof(struct sc_record_region), SC_REGION_LOG);
	ck_assert_uint_eq(SC_RECORD_LOG_SIZE, SC_REGION_LOG_SIZE);
	ck_assert_uint_eq(SC_RECORD_COUNTS_OFFSET, SC_REGION_COUNTS);
	ck_assert_uint_eq(offsetof(struct sc_record_entry, second), 0);
	ck_assert_uint_eq(offsetof(struct sc_record_entry, first), 8);
	ck_assert_uint_eq(sizeof(struct sc_record_pool) % 8, 0);
}
END_TEST

static void check_bucket(uint64_t value)
{
	unsigned bucket = sc_histogram_bucket(value);
	uint64_t low = sc_histogram_lowest(bucket), high = sc_histogram_lowest(bucket + 1), middle, error;

	ck_assert_uint_lt(bucket, SC_HISTOGRAM_BUCKETS);
	ck_assert_uint_le(low, value);
	ck_assert_uint_lt(value, high);
	middle = low + (high - low) / 2;
	error = middle > value ? middle - value : value - middle;
	ck_assert_msg(error * 32 <= value, "%llu reported as %llu", (unsigned long long)value,
		      (unsigned long long)middle);
}

START_TEST(a_bucket_holds_its_values_and_errs_by_at_most_a_32nd)
{
	for (uint64_t value = 0; value < 4096; value++)
		check_bucket(value);
	for (unsigned bit = 12; bit < 40; bit++)
		for (uint64_t part = 0; part < 16; part++) {
			uint64_t low = ((uint64_t)1 << bit) + (part << (bit - 4));

			check_bucket(low);
			check_bucket(low + 1);
			check_bucket(low + ((uint64_t)1 << (bit - 4)) - 1);
		}
	ck_assert_uint_eq(sc_histogram_bucket((uint64_t)1 << 40), SC_HISTOGRAM_BUCKETS - 1);
	ck_assert_uint_eq(sc_histogram_bucket(UINT64_MAX), SC_HISTOGRAM_BUCKETS - 1);
}
END_TEST

START_TEST(buckets_follow_each_other_without_gap)
{
	for (unsigned bucket = 0; bucket < SC_HISTOGRAM_BUCKETS; bucket++) {
		ck_assert_uint_eq(sc_histogram_bucket(sc_histogram_lowest(bucket)), bucket);
		if (bucket)
			ck_assert_uint_eq(sc_histogram_bucket(sc_histogram_lowest(bucket) - 1), bucket - 1);
	}
}
END_TEST

/* KiB of the record's mappings that were written. */
static unsigned dirty_kib(void)
{
	char line[512];
	unsigned total = 0, value;
	bool ours = false;
	FILE *maps = fopen("/proc/self/smaps", "r");

	if (!maps)
		return 0;
	while (fgets(line, sizeof(line), maps)) {
		if (strchr(line, '-') && !strstr(line, "kB"))
			ours = strstr(line, SC_RECORD_SUFFIX) != NULL;
		if (ours && (sscanf(line, "Shared_Dirty: %u", &value) == 1 || sscanf(line, "Private_Dirty: %u", &value) == 1))
			total += value;
	}
	fclose(maps);
	return total;
}

START_TEST(a_short_process_touches_two_pages)
{
	struct sc_record_region *region;

	suite_start(STUBS);
	region = sc_record_region_get();
	for (unsigned i = 0; i < 100; i++)
		suite_call(region, i % STUBS, 1);
	sc_record_end(SC_RECORD_ENDED);
	ck_assert_uint_le(dirty_kib(), 2 * (unsigned)getpagesize() / 1024);
}
END_TEST

START_TEST(a_record_says_whose_it_is)
{
	struct suite_file file;
	struct stat stat;
	char name[128];

	suite_start(STUBS);
	sc_record_end(SC_RECORD_ENDED);
	suite_read(&file, suite_directory, getpid(), 0);
	ck_assert_uint_eq(file.header.pid, (uint32_t)getpid());
	ck_assert_uint_eq(file.header.parent, (uint32_t)getppid());
	ck_assert_uint_eq(file.header.state, SC_RECORD_ENDED);
	ck_assert_str_eq(file.header.program, "/bin/true");
	ck_assert_uint_eq(file.header.clock, SC_RECORD_CLOCK_TSC);
	ck_assert_uint_ne(file.header.last_mono, 0);
	ck_assert_uint_ne(file.header.last_ticks, 0);
	ck_assert_uint_ge(file.header.last_mono, file.header.start_mono);
	snprintf(name, sizeof(name), "%s/%d-%llu.record", suite_directory, getpid(),
		 (unsigned long long)file.header.start_realtime);
	ck_assert_int_eq(lstat(name, &stat), 0);
	ck_assert_uint_eq(stat.st_mode, S_IFREG | 0600);
}
END_TEST

START_TEST(the_directory_is_made_when_only_that_is_missing)
{
	char name[128];
	struct stat stat;

	snprintf(name, sizeof(name), "%s/made", suite_directory);
	ck_assert_int_eq(suite_start_in(name, STUBS), 0);
	ck_assert_int_eq(lstat(name, &stat), 0);
	ck_assert_uint_eq(stat.st_mode, S_IFDIR | 0700);
}
END_TEST

START_TEST(counting_works_without_the_directory)
{
	struct sc_record_region *region;
	struct sc_record_sum sum;
	char name[128];

	snprintf(name, sizeof(name), "%s/not/there", suite_directory);
	ck_assert_int_eq(suite_start_in(name, STUBS), -ENOENT);
	region = sc_record_region_get();
	ck_assert_ptr_nonnull(region);
	for (unsigned i = 0; i < 5000; i++)
		suite_call(region, 3, 7);
	sc_record_sum(3, &sum);
	ck_assert_uint_eq(sum.calls, 5000);
	ck_assert_uint_eq(sum.total, 35000);
}
END_TEST

START_TEST(a_relative_directory_stays_the_same_after_chdir)
{
	struct sc_record_region *regions[40];

	ck_assert_int_eq(chdir(suite_directory), 0);
	ck_assert_int_eq(suite_start_in("relative/", STUBS), 0);
	ck_assert_int_eq(chdir("/"), 0);
	for (unsigned i = 0; i < 40; i++) /* grows the file */
		ck_assert_ptr_nonnull(regions[i] = sc_record_region_get());
	suite_call(regions[39], 1, 1);
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
	int before = dup(0), after;

	close(before);
	suite_start(STUBS);
	for (unsigned i = 0; i < 40; i++)
		ck_assert_ptr_nonnull(sc_record_region_get());
	after = dup(0);
	ck_assert_int_eq(before, after);
}
END_TEST

START_TEST(indexes_become_valid_in_regions_old_and_new)
{
	struct sc_record_region *old, *new;
	struct suite_file file;
	struct sc_record_sum sum;

	suite_start(STUBS);
	old = sc_record_region_get();
	for (unsigned i = 0; i < 2000; i++)
		suite_call(old, 1, 10);
	ck_assert_int_eq(sc_record_extend(4 * STUBS + 8192), 0);
	ck_assert_int_eq(sc_record_extend(4 * STUBS + 8193), -ENOSPC);
	new = sc_record_region_get();
	ck_assert_ptr_ne(old, new);
	for (unsigned i = 0; i < 2000; i++) {
		suite_call(old, 8000 + i % 2, 20);
		suite_call(new, 8000, 30);
		suite_call(old, 1, 10);
	}
	sc_record_sum(8000, &sum);
	ck_assert_uint_eq(sum.calls, 3000);
	ck_assert_uint_eq(sum.returned, 3000);
	ck_assert_uint_eq(sum.total, 20 * 1000 + 30 * 2000);
	sc_record_sum(1, &sum);
	ck_assert_uint_eq(sum.calls, 4000);
	ck_assert_uint_eq(sum.total, 40000);
	suite_read(&file, suite_directory, getpid(), 8000);
	ck_assert_uint_eq(file.calls, 3000);
	ck_assert_uint_eq(file.total, 20 * 1000 + 30 * 2000);
	suite_read(&file, suite_directory, getpid(), 1);
	ck_assert_uint_eq(file.returned, 4000);
	ck_assert_uint_eq(file.buckets, 4000);
}
END_TEST

START_TEST(an_image_is_named_and_its_file_put_beside)
{
	static const uint8_t id[16] = { 0xab, 0xcd, [15] = 0x01 }, other[16] = { 0x77 };
	char path[128], copy[160], text[8] = "";
	struct stat a, b;
	int fd;

	suite_start(STUBS);
	snprintf(path, sizeof(path), "%s/original", suite_directory);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "image", 5), 5);
	ck_assert_int_eq(sc_record_add_image(id, 0, 40, path, fd), 0);
	snprintf(copy, sizeof(copy), "%s/images/abcd0000000000000000000000000001.so", suite_directory);
	ck_assert_int_eq(lstat(path, &a), 0);
	ck_assert_int_eq(lstat(copy, &b), 0);
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	/* A path that is not this file's is not linked. */
	ck_assert_int_eq(sc_record_add_image(other, 40, 4, "/etc/passwd", fd), 0);
	snprintf(copy, sizeof(copy), "%s/images/77000000000000000000000000000000.so", suite_directory);
	close(fd);
	fd = open(copy, O_RDONLY);
	ck_assert_int_eq(read(fd, text, sizeof(text)), 5);
	ck_assert_str_eq(text, "image");
	close(fd);
	ck_assert_uint_eq(sc_record_header()->image_count, 2);
	ck_assert_uint_eq(sc_record_header()->images[1].first_index, 40);
	for (unsigned i = 2; i < SC_RECORD_IMAGES; i++)
		ck_assert_int_eq(sc_record_add_image(id, i, 1, NULL, -1), 0);
	ck_assert_int_eq(sc_record_add_image(id, 99, 1, NULL, -1), -ENOSPC);
}
END_TEST

/* In the child of fork: how many calls of stub 1 it counts, as it sees them itself, in its exit status. */
static int child_counts(struct sc_record_region *region, unsigned calls)
{
	struct sc_record_sum sum;

	sc_record_fork_child();
	sc_record_sum(1, &sum);
	if (sum.calls || sum.returned || region->log_used)
		return 1;
	for (unsigned i = 0; i < calls; i++)
		suite_call(region, 1, 5);
	sc_record_sum(1, &sum);
	if (sum.calls != calls || sum.total != 5 * (uint64_t)calls)
		return 2;
	sc_record_end(SC_RECORD_ENDED);
	return 0;
}

static void fork_counts(struct sc_record_region *region, unsigned before, bool with_file)
{
	const struct sc_record_header *header = sc_chunks_header();
	struct sc_record_sum sum;
	struct suite_file file;
	int status;
	pid_t pid;

	for (unsigned i = before; i < 3000; i++)
		suite_call(region, 1, 9);
	pid = fork();
	if (pid == 0)
		_exit(child_counts(region, 2500));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	sc_record_sum(1, &sum);
	ck_assert_uint_eq(sum.calls, 3000);
	ck_assert_uint_eq(sum.returned, 3000);
	ck_assert_uint_eq(sum.total, 27000);
	if (!with_file)
		return;
	suite_read(&file, suite_directory, pid, 1);
	ck_assert_uint_eq(file.calls, 2500);
	ck_assert_uint_eq(file.returned, 2500);
	ck_assert_uint_eq(file.total, 12500);
	ck_assert_uint_eq(file.header.forked_from, (uint32_t)getpid());
	ck_assert_uint_eq(file.header.pid, (uint32_t)pid);
	ck_assert_uint_eq(file.threads, 1);
	/* The child's start, in each clock: what is known of the boot is the difference of the first two. */
	ck_assert_uint_gt(file.header.start_realtime, header->start_realtime);
	ck_assert_uint_gt(file.header.start_mono, header->start_mono);
	ck_assert_uint_gt(file.header.start_ticks, header->start_ticks);
}

START_TEST(a_forked_child_starts_at_zero_and_leaves_the_parents_alone)
{
	suite_start(STUBS);
	fork_counts(sc_record_region_get(), 0, true);
}
END_TEST

START_TEST(a_forked_child_of_an_anonymous_record_starts_at_zero)
{
	ck_assert_int_eq(suite_start_in(NULL, STUBS), 0);
	fork_counts(sc_record_region_get(), 0, false);
}
END_TEST

START_TEST(a_forked_childs_record_is_anonymous_when_it_can_have_no_file)
{
	struct sc_record_region *region;
	char name[128], moved[128];

	snprintf(name, sizeof(name), "%s/goes", suite_directory);
	snprintf(moved, sizeof(moved), "%s/gone", suite_directory);
	ck_assert_int_eq(suite_start_in(name, STUBS), 0);
	region = sc_record_region_get();
	for (unsigned i = 0; i < 2000; i++) /* the parent's file has grown as far as it needs to */
		suite_call(region, 2, 1);
	suite_call(region, 1, 9);
	sc_record_fold(region, 0, 0);
	ck_assert_int_eq(rename(name, moved), 0);
	ck_assert_int_eq(symlink("loop", name), 0);
	fork_counts(region, 1, false);
}
END_TEST

START_TEST(forks_of_forks_need_no_more_memory)
{
	struct sc_record_region *region;
	int status = 0;

	suite_start(STUBS);
	region = sc_record_region_get();
	for (unsigned generation = 0; generation < 200; generation++) {
		pid_t pid = fork();

		if (pid) {
			waitpid(pid, &status, 0);
			if (generation)
				_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
			ck_assert_int_eq(status, 0);
			return;
		}
		status = child_counts(region, 2500);
		if (status)
			_exit(status);
	}
	_exit(sc_record_header()->used > (1u << 20) ? 98 : 0);
}
END_TEST

START_TEST(names_of_new_stubs_reach_the_file_and_the_child)
{
	static const char names[] = "open@libc.so.6\0close@libc.so.6";
	struct sc_record_names *chunk;
	int status;
	pid_t pid;

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	ck_assert_int_eq(sc_record_extend(STUBS + 2), 0);
	ck_assert_int_eq(sc_record_add_names(STUBS, 2, names, sizeof(names)), 0);
	chunk = (struct sc_record_names *)((char *)sc_record_header() + sc_record_header()->used -
					   ((sizeof(*chunk) + sizeof(names) + 63) & ~(size_t)63));
	pid = fork();
	if (pid == 0)
		sc_record_fork_child();
	ck_assert_uint_eq(chunk->chunk.kind, SC_RECORD_NAMES);
	ck_assert_uint_eq(chunk->first_index, STUBS);
	ck_assert_uint_eq(chunk->count, 2);
	ck_assert_mem_eq(chunk + 1, names, sizeof(names));
	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, offsets_are_those_that_the_stubs_have_in_them);
	tcase_add_test(tests, a_bucket_holds_its_values_and_errs_by_at_most_a_32nd);
	tcase_add_test(tests, buckets_follow_each_other_without_gap);
	tcase_add_test(tests, a_short_process_touches_two_pages);
	tcase_add_test(tests, a_record_says_whose_it_is);
	tcase_add_test(tests, the_directory_is_made_when_only_that_is_missing);
	tcase_add_test(tests, counting_works_without_the_directory);
	tcase_add_test(tests, a_relative_directory_stays_the_same_after_chdir);
	tcase_add_test(tests, no_descriptor_stays_open);
	tcase_add_test(tests, indexes_become_valid_in_regions_old_and_new);
	tcase_add_test(tests, an_image_is_named_and_its_file_put_beside);
	tcase_add_test(tests, a_forked_child_starts_at_zero_and_leaves_the_parents_alone);
	tcase_add_test(tests, a_forked_child_of_an_anonymous_record_starts_at_zero);
	tcase_add_test(tests, a_forked_childs_record_is_anonymous_when_it_can_have_no_file);
	tcase_add_test(tests, forks_of_forks_need_no_more_memory);
	tcase_add_test(tests, names_of_new_stubs_reach_the_file_and_the_child);
}

int main(void)
{
	return suite_main("record", add);
}
