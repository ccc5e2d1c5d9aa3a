/* SPDX-License-Identifier: MIT */
/* Where there is no room: full disks and file size limits never become a signal in the host. */
#include "record_suite.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

/* A few pages of a file system of our own; false: this process may not mount. */
static bool mount_small(const char *size)
{
	char options[64];

	if (geteuid() != 0 || unshare(CLONE_NEWNS))
		return false;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return false;
	snprintf(options, sizeof(options), "size=%s", size);
	return mount("tmpfs", suite_directory, "tmpfs", 0, options) == 0;
}

static void limit_files(rlim_t size)
{
	struct rlimit limit = { size, size };

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Every call is counted, in a region or as lost. */
static void call_in_many_regions(void)
{
	struct sc_record_region *regions[60];
	uint64_t calls = 0;

	for (unsigned i = 0; i < 60; i++) {
		regions[i] = sc_record_region_get();
		if (!regions[i])
			regions[i] = sc_record_spare();
		for (unsigned j = 0; j < 3000; j++)
			suite_call(regions[i], j % STUBS, 1 + j);
	}
	sc_record_end(SC_RECORD_ENDED);
	for (uint32_t index = 0; index < STUBS; index++) {
		struct sc_record_sum sum;

		sc_record_sum(index, &sum);
		ck_assert_uint_le(sum.returned, sum.calls);
		calls += sum.calls;
	}
	ck_assert_uint_eq(calls + sc_record_header()->lost, 60 * 3000);
}

START_TEST(a_disk_that_fills_up_costs_exactness_and_nothing_else)
{
	static const char *const sizes[] = { "32k", "64k", "128k", "256k", "1m" };

	if (mount_small(sizes[_i])) {
		ck_assert_int_eq(suite_start_in(suite_directory, STUBS), 0);
		call_in_many_regions();
		ck_assert(_i == 4 || sc_record_header()->lost > 0);
	}
}
END_TEST

START_TEST(a_full_disk_means_a_record_in_memory_and_no_file)
{
	char command[64];

	if (!mount_small("8k"))
		return;
	ck_assert_int_eq(suite_start_in(suite_directory, STUBS), -ENOSPC);
	call_in_many_regions();
	ck_assert_uint_eq(sc_record_header()->lost, 0);
	snprintf(command, sizeof(command), "test -z \"$(ls -A %s)\"", suite_directory);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(a_file_size_limit_is_never_reached)
{
	limit_files(32768 + 16384 * (rlim_t)_i);
	ck_assert_int_eq(suite_start_in(suite_directory, STUBS), 0);
	call_in_many_regions();
	ck_assert(sc_record_header()->lost > 0 || _i > 100);
}
END_TEST

START_TEST(a_file_size_limit_below_the_first_pages_means_a_record_in_memory)
{
	limit_files(4096);
	ck_assert_int_eq(suite_start_in(suite_directory, STUBS), -EFBIG);
	call_in_many_regions();
}
END_TEST

START_TEST(a_limit_that_comes_later_is_seen)
{
	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	limit_files(32768); /* not 0: Check writes a file of its own */
	ck_assert_ptr_null(sc_record_region_get());
	ck_assert_int_lt(sc_record_extend(8000), 0);
	call_in_many_regions();
}
END_TEST

START_TEST(a_removed_file_is_not_made_again)
{
	char command[96];

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	snprintf(command, sizeof(command), "rm %s/%d-*.record", suite_directory, getpid());
	ck_assert_int_eq(system(command), 0);
	call_in_many_regions();
}
END_TEST

START_TEST(another_file_under_the_path_is_not_touched)
{
	char path[128], command[512];
	struct stat stat;

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	snprintf(path, sizeof(path), "%s/%d-%llu.record", suite_directory, getpid(),
		 (unsigned long long)sc_record_header()->start_realtime);
	snprintf(command, sizeof(command), "mv %s %s.moved && touch %s", path, path, path);
	ck_assert_int_eq(system(command), 0);
	call_in_many_regions();
	ck_assert_int_eq(lstat(path, &stat), 0);
	ck_assert_int_eq(stat.st_size, 0);
}
END_TEST

START_TEST(no_free_descriptor_costs_exactness_and_nothing_else)
{
	struct rlimit limit = { 0, 0 };

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	call_in_many_regions();
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_loop_test(tests, a_disk_that_fills_up_costs_exactness_and_nothing_else, 0, 5);
	tcase_add_test(tests, a_full_disk_means_a_record_in_memory_and_no_file);
	tcase_add_loop_test(tests, a_file_size_limit_is_never_reached, 0, 20);
	tcase_add_test(tests, a_file_size_limit_below_the_first_pages_means_a_record_in_memory);
	tcase_add_test(tests, a_limit_that_comes_later_is_seen);
	tcase_add_test(tests, a_removed_file_is_not_made_again);
	tcase_add_test(tests, another_file_under_the_path_is_not_touched);
	if (!SUITE_SANITIZED)
		tcase_add_test(tests, no_free_descriptor_costs_exactness_and_nothing_else);
}

int main(void)
{
	return suite_main("record storage", add);
}
