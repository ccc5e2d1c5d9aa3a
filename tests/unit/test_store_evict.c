/* SPDX-License-Identifier: MIT */
/* Listing, making room and sweeping: what goes, in which order, and what never does. */
#include "store_suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOUR 3600L
#define DAY (24 * HOUR)

static const char *image_name(int number)
{
	static char name[64];

	snprintf(name, sizeof(name), "image-%032x.so", (unsigned)number);
	return name;
}

static const char *numbered(int number)
{
	return fixture_path(user, image_name(number));
}

/* A file last used so long ago. */
static void put(const char *path, long age)
{
	fixture_write(path, 'e');
	fixture_age(path, age);
}

static unsigned evict_to(unsigned files, const char *keep)
{
	open_user();
	store.limit = (uint64_t)files * FIXTURE_SIZE;
	return sc_store_evict(&store, keep);
}

START_TEST(nothing_goes_while_all_fits)
{
	for (int i = 0; i < 10; i++)
		put(numbered(i), 1000 * DAY);
	ck_assert_uint_eq(evict_to(10, NULL), 0);
	ck_assert_uint_eq(fixture_count(user, ""), 10);
}
END_TEST

START_TEST(the_least_recently_used_go_and_no_more_than_needed)
{
	/* The ages are mixed up: 7 and 10 have no common factor. */
	for (int i = 0; i < 10; i++)
		put(numbered(i * 7 % 10), HOUR * (i * 7 % 10));
	ck_assert_uint_eq(evict_to(6, NULL), 4);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(fixture_exists(numbered(i)), i < 6);
}
END_TEST

START_TEST(hundreds_go_in_order_without_memory_for_hundreds)
{
	const int files = 300, stay = 11;

	for (int i = 0; i < files; i++)
		put(numbered(i * 7 % files), 60L * (i * 7 % files));
	ck_assert_uint_eq(evict_to((unsigned)stay, NULL), files - stay);
	for (int i = 0; i < files; i++)
		ck_assert_int_eq(fixture_exists(numbered(i)), i < stay);
}
END_TEST

START_TEST(files_of_one_age_go_by_name_until_the_rest_fits)
{
	const int files = 100, stay = 40;

	/* Before the epoch: as if nobody had ever used them. */
	for (int i = 0; i < files; i++)
		put(numbered(i * 7 % files), (long)time(NULL) + DAY);
	ck_assert_uint_eq(evict_to((unsigned)stay, NULL), files - stay);
	for (int i = 0; i < files; i++)
		ck_assert_int_eq(fixture_exists(numbered(i)), i >= files - stay);
}
END_TEST

START_TEST(the_one_to_keep_stays_even_when_it_alone_is_too_much)
{
	for (int i = 0; i < 3; i++)
		put(numbered(i), i * HOUR);
	ck_assert_uint_eq(evict_to(1, image_name(2)), 2);
	ck_assert(fixture_exists(numbered(2)));
	ck_assert_uint_eq(evict_to(0, image_name(2)), 0);
	ck_assert_uint_eq(evict_to(0, NULL), 1);
}
END_TEST

START_TEST(an_access_time_in_the_future_counts_as_just_used)
{
	put(numbered(0), HOUR);
	put(numbered(1), -1000 * DAY);
	put(numbered(2), 2 * HOUR);
	ck_assert_uint_eq(evict_to(1, NULL), 2);
	ck_assert(fixture_exists(numbered(1)));
	ck_assert_uint_eq(evict_to(0, NULL), 1);
}
END_TEST

START_TEST(a_file_of_the_future_grows_old_from_now_on)
{
	struct timespec now;
	struct stat st;

	put(numbered(0), -1000 * DAY);
	ck_assert_uint_eq(evict_to(SC_STORE_LIMIT_DEFAULT, NULL), 0);
	ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
	ck_assert_int_eq(stat(numbered(0), &st), 0);
	ck_assert_int_le(st.st_atim.tv_sec, now.tv_sec);
	ck_assert_int_ge(st.st_atim.tv_sec, now.tv_sec - HOUR);
	ck_assert_int_gt(st.st_mtim.tv_sec, now.tv_sec + DAY); /* when it was made is not ours to say */
}
END_TEST

START_TEST(libraries_and_other_files_are_neither_counted_nor_removed)
{
	static const char *const names[] = {
		"notes.txt",
		"libc.so",
		"libm-2.36.so",
		"-.so",
		"0123456789abcdef0123456789abcdef.so",	     /* no program */
		"x-0123456789abcdef0123456789abcde.so",	     /* a digit short */
		"x-0123456789abcdef0123456789abcdeg.so",     /* not a digit */
		"x-0123456789ABCDEF0123456789ABCDEF.so",     /* not ours */
		"x-0123456789abcdef0123456789abcdef.so.bak", /* not its end */
	};
	const unsigned count = sizeof(names) / sizeof(*names);

	for (unsigned i = 0; i < count; i++)
		put(fixture_path(user, names[i]), 1000 * DAY);
	put(numbered(0), HOUR);
	ck_assert_uint_eq(evict_to(1, NULL), 0);
	ck_assert_uint_eq(evict_to(0, NULL), 1);
	ck_assert_uint_eq(fixture_count(user, ""), count);
}
END_TEST

START_TEST(what_is_not_a_plain_file_is_neither_counted_nor_removed)
{
	put(fixture_path(base, "target"), 1000 * DAY);
	ck_assert_int_eq(symlink("../target", numbered(1)), 0);
	ck_assert_int_eq(mkfifo(numbered(2), 0600), 0);
	ck_assert_int_eq(mkdir(numbered(3), 0700), 0);
	ck_assert_int_eq(mkdir(fixture_path(user, ".tmp-1-2"), 0700), 0);
	fixture_age(fixture_path(user, ".tmp-1-2"), 10 * DAY);
	put(numbered(0), HOUR);
	ck_assert_uint_eq(evict_to(1, NULL), 0);
	ck_assert_uint_eq(evict_to(0, NULL), 1);
	ck_assert_uint_eq(fixture_count(user, ""), 4);
}
END_TEST

START_TEST(files_that_cannot_be_removed_do_not_stop_it_from_ending)
{
	for (int i = 0; i < 100; i++)
		put(numbered(i), i * HOUR);
	fixture_fail(SYS_unlinkat, EPERM);
	ck_assert_uint_eq(evict_to(1, NULL), 0);
	ck_assert_uint_eq(fixture_count(user, ""), 100);
}
END_TEST

START_TEST(files_that_others_remove_meanwhile_count_as_gone)
{
	for (int i = 0; i < 10; i++)
		put(numbered(i), i * HOUR);
	/* All of them seem to go to somebody else: no second victim is taken for any. */
	fixture_fail(SYS_unlinkat, ENOENT);
	ck_assert_uint_eq(evict_to(5, NULL), 0);
}
END_TEST

START_TEST(only_a_store_for_writing_removes_and_only_in_a_directory_it_may_use)
{
	put(numbered(0), HOUR);
	fixture_open(&store, SC_STORE_READ, user, user);
	store.limit = 0;
	ck_assert_uint_eq(sc_store_evict(&store, NULL), 0);
	fixture_open(&store, SC_STORE_WRITE, NULL, user);
	store.limit = 0;
	ck_assert_uint_eq(sc_store_evict(&store, NULL), 0);
	ck_assert_int_eq(chmod(user, 0777), 0);
	ck_assert_uint_eq(evict_to(0, NULL), 0);
	ck_assert(fixture_exists(numbered(0)));
	fixture_open(&store, SC_STORE_WRITE, fixture_path(base, "missing"), NULL);
	ck_assert_uint_eq(sc_store_evict(&store, NULL), 0);
}
END_TEST

static const char *temporary(pid_t writer, const char *end)
{
	char name[64];

	snprintf(name, sizeof(name), SC_STORE_TEMPORARY "%ld%s", (long)writer, end);
	return fixture_path(user, name);
}

static pid_t dead_process(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	return child;
}

START_TEST(temporaries_go_when_old_and_their_writer_is_gone)
{
	pid_t dead = dead_process();

	put(temporary(dead, "-1"), 2 * HOUR);
	put(temporary(dead, "-2"), HOUR / 2);
	put(temporary(dead, "-3.so"), 2 * HOUR);
	put(temporary(getpid(), "-4"), 2 * HOUR);
	put(temporary(1, "-5"), 2 * HOUR); /* alive, and not ours to signal */
	put(temporary(getpid(), "-6"), 2 * DAY);
	put(temporary(dead, "-7"), -HOUR / 2);
	put(temporary(dead, "-8"), -DAY);
	put(temporary(getpid(), "-9"), -DAY);
	put(fixture_path(user, SC_STORE_TEMPORARY), 2 * HOUR);
	put(fixture_path(user, SC_STORE_TEMPORARY "99999999999999999999-8"), 2 * HOUR);
	ck_assert_uint_eq(evict_to(1, NULL), 6);
	ck_assert(!fixture_exists(temporary(dead, "-1")));
	ck_assert(fixture_exists(temporary(dead, "-2")));
	ck_assert(!fixture_exists(temporary(dead, "-3.so")));
	ck_assert(fixture_exists(temporary(getpid(), "-4")));
	ck_assert(fixture_exists(temporary(1, "-5")));
	ck_assert(!fixture_exists(temporary(getpid(), "-6")));
	ck_assert(fixture_exists(temporary(dead, "-7")));
	ck_assert(!fixture_exists(temporary(dead, "-8")));
	ck_assert(fixture_exists(temporary(getpid(), "-9")));
}
END_TEST

struct seen {
	unsigned files, most;
	uint64_t bytes;
};

static bool see(void *data, const char *name, const struct stat *st)
{
	struct seen *seen = data;

	ck_assert(!strncmp(name, "image-", 6));
	seen->files++;
	seen->bytes += (uint64_t)st->st_size;
	return seen->files < seen->most;
}

START_TEST(a_listing_has_every_image_and_nothing_else)
{
	struct seen seen = { .most = 1000 };
	int error;

	for (int i = 0; i < 200; i++)
		put(numbered(i), 0);
	put(temporary(1, "-1.so"), 0);
	put(fixture_path(user, "notes.txt"), 0);
	ck_assert_int_eq(mkdir(numbered(1000), 0700), 0);
	fixture_open(&store, SC_STORE_READ, user, system_layer);
	assert_reason(sc_store_list(&store, false, see, &seen, &error), SC_STORE_OK);
	ck_assert_uint_eq(seen.files, 200);
	ck_assert_uint_eq(seen.bytes, 200 * FIXTURE_SIZE);
	assert_reason(sc_store_list(&store, true, see, &seen, &error), SC_STORE_OK);
	ck_assert_uint_eq(seen.files, 200);
}
END_TEST

START_TEST(a_listing_stops_when_told)
{
	struct seen seen = { .most = 3 };
	int error;

	for (int i = 0; i < 10; i++)
		put(numbered(i), 0);
	open_user();
	assert_reason(sc_store_list(&store, false, see, &seen, &error), SC_STORE_OK);
	ck_assert_uint_eq(seen.files, 3);
}
END_TEST

START_TEST(a_layer_that_cannot_be_listed_says_why)
{
	struct seen seen = { .most = 1000 };
	char long_name[NAME_MAX + 2] = { 0 };
	int error;

	fixture_open(&store, SC_STORE_READ, fixture_path(base, "missing"), NULL);
	assert_reason(sc_store_list(&store, false, see, &seen, &error), SC_STORE_NO_DIRECTORY);
	ck_assert_int_eq(error, ENOENT);
	memset(long_name, 'x', sizeof(long_name) - 1);
	fixture_open(&store, SC_STORE_READ, fixture_path(base, long_name), NULL);
	assert_reason(sc_store_list(&store, false, see, &seen, &error), SC_STORE_ERROR);
	ck_assert_int_eq(error, ENAMETOOLONG);
	fixture_open(&store, SC_STORE_READ, fixture_path(base, "missing"), NULL);
	assert_reason(sc_store_list(&store, true, see, &seen, &error), SC_STORE_NO_DIRECTORY);
	ck_assert_int_eq(chmod(user, 0777), 0);
	open_user();
	assert_reason(sc_store_list(&store, false, see, &seen, &error), SC_STORE_DIRECTORY_WRITABLE);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, nothing_goes_while_all_fits);
	tcase_add_test(tests, the_least_recently_used_go_and_no_more_than_needed);
	tcase_add_test(tests, hundreds_go_in_order_without_memory_for_hundreds);
	tcase_add_test(tests, files_of_one_age_go_by_name_until_the_rest_fits);
	tcase_add_test(tests, the_one_to_keep_stays_even_when_it_alone_is_too_much);
	tcase_add_test(tests, an_access_time_in_the_future_counts_as_just_used);
	tcase_add_test(tests, a_file_of_the_future_grows_old_from_now_on);
	tcase_add_test(tests, libraries_and_other_files_are_neither_counted_nor_removed);
	tcase_add_test(tests, what_is_not_a_plain_file_is_neither_counted_nor_removed);
	tcase_add_test(tests, files_that_cannot_be_removed_do_not_stop_it_from_ending);
	tcase_add_test(tests, files_that_others_remove_meanwhile_count_as_gone);
	tcase_add_test(tests, only_a_store_for_writing_removes_and_only_in_a_directory_it_may_use);
	tcase_add_test(tests, temporaries_go_when_old_and_their_writer_is_gone);
	tcase_add_test(tests, a_listing_has_every_image_and_nothing_else);
	tcase_add_test(tests, a_listing_stops_when_told);
	tcase_add_test(tests, a_layer_that_cannot_be_listed_says_why);
}

int main(void)
{
	return store_suite_main("store evict", add);
}
