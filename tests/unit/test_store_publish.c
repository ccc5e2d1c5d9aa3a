/* SPDX-License-Identifier: MIT */
/*
 * Drafts: where they are made, what publishing leaves under each way of giving a file its name, and
 * that a failure at any of its steps leaves nothing.
 */
#include "store_suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int error;

static enum sc_store_reason publish(unsigned char seed, bool replace)
{
	error = -1;
	return fixture_publish(&store, IMAGE, seed, replace, &error);
}

static int seed_now(void)
{
	enum sc_store_reason reason;

	return fixture_seed(&store, IMAGE, &reason);
}

START_TEST(a_published_file_is_complete_and_read_only_and_alone)
{
	struct stat st;

	fixture_allow_only(_i);
	open_user();
	assert_reason(publish('a', false), SC_STORE_OK);
	ck_assert_int_eq(seed_now(), 'a');
	ck_assert_int_eq(lstat(fixture_path(user, IMAGE), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0444);
	ck_assert_uint_eq(st.st_nlink, 1);
	ck_assert_uint_eq(fixture_count(user, ""), 1);
}
END_TEST

START_TEST(replacing_replaces_and_giving_way_gives_way)
{
	fixture_allow_only(_i);
	open_user();
	assert_reason(publish('a', true), SC_STORE_OK);
	assert_reason(publish('b', false), SC_STORE_OK);
	ck_assert_int_eq(seed_now(), 'a');
	assert_reason(publish('c', true), SC_STORE_OK);
	ck_assert_int_eq(seed_now(), 'c');
	ck_assert_uint_eq(fixture_count(user, ""), 1);
}
END_TEST

START_TEST(what_a_lookup_would_refuse_does_not_stand_in_the_way)
{
	fixture_allow_only(_i);
	open_user();
	ck_assert_int_eq(mkfifo(fixture_path(user, IMAGE), 0600), 0);
	assert_reason(publish('a', false), SC_STORE_OK);
	ck_assert_int_eq(seed_now(), 'a');
	ck_assert_int_eq(chmod(fixture_path(user, IMAGE), 0666), 0);
	assert_reason(publish('b', false), SC_STORE_OK);
	ck_assert_int_eq(seed_now(), 'b');
	ck_assert_uint_eq(fixture_count(user, ""), 1);
}
END_TEST

START_TEST(an_abandoned_draft_leaves_nothing)
{
	unsigned descriptors = fixture_open_descriptors();
	struct sc_store_draft draft;

	fixture_allow_only(_i);
	open_user();
	assert_reason(sc_store_draft_begin(&store, &draft, &error), SC_STORE_OK);
	ck_assert_int_eq(write(draft.fd, "half", 4), 4);
	ck_assert_uint_eq(fixture_count(user, SC_STORE_TEMPORARY), _i != FIXTURE_UNNAMED);
	sc_store_draft_abandon(&draft);
	sc_store_draft_abandon(&draft);
	ck_assert_uint_eq(fixture_count(user, ""), 0);
	ck_assert_uint_eq(fixture_open_descriptors(), descriptors);
}
END_TEST

START_TEST(a_draft_is_private_and_not_inherited)
{
	struct sc_store_draft draft;
	struct stat st;

	fixture_allow_only(_i);
	open_user();
	assert_reason(sc_store_draft_begin(&store, &draft, &error), SC_STORE_OK);
	ck_assert_int_eq(fstat(draft.fd, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	ck_assert(fcntl(draft.fd, F_GETFD) & FD_CLOEXEC);
	ck_assert(fcntl(draft.directory, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(fcntl(draft.fd, F_GETFL) & O_ACCMODE, O_RDWR);
}
END_TEST

START_TEST(a_draft_never_takes_the_place_of_standard_error)
{
	struct sc_store_draft draft;
	int lowest;

	open_user();
	close(0);
	close(1);
	close(2);
	assert_reason(sc_store_draft_begin(&store, &draft, &error), SC_STORE_OK);
	lowest = draft.fd;
	sc_store_draft_abandon(&draft);
	ck_assert_int_ge(lowest, 3);
}
END_TEST

START_TEST(a_failure_at_any_step_leaves_the_old_file_and_nothing_else)
{
	static const int steps[] = { SYS_fstat, SYS_fchmod, SYS_linkat, SYS_renameat, SYS_renameat2 };
	unsigned descriptors = fixture_open_descriptors();
	enum sc_store_reason reason;

	open_user();
	assert_reason(publish('a', false), SC_STORE_OK);
	fixture_allow_only(_i / (int)(sizeof(steps) / sizeof(*steps)));
	fixture_fail(steps[_i % (int)(sizeof(steps) / sizeof(*steps))], EIO);
	for (int replace = 0; replace < 2; replace++) {
		reason = publish('b', replace);
		ck_assert(reason == SC_STORE_OK || (reason == SC_STORE_ERROR && error == EIO));
		ck_assert_uint_eq(fixture_count(user, ""), 1);
		ck_assert_uint_eq(fixture_open_descriptors(), descriptors);
	}
}
END_TEST

START_TEST(missing_directories_are_made_for_the_user_alone)
{
	struct stat st;

	fixture_open(&store, SC_STORE_WRITE, fixture_path(base, "a//b/c"), NULL);
	assert_reason(publish('a', false), SC_STORE_OK);
	ck_assert_int_eq(seed_now(), 'a');
	ck_assert_int_eq(stat(fixture_path(base, "a"), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0700);
	ck_assert_int_eq(stat(fixture_path(base, "a/b/c"), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0700);
}
END_TEST

START_TEST(a_relative_directory_is_made_where_the_process_is)
{
	ck_assert_int_eq(chdir(base), 0);
	fixture_open(&store, SC_STORE_WRITE, "here/cache", NULL);
	assert_reason(publish('a', false), SC_STORE_OK);
	ck_assert(fixture_exists(fixture_path(base, "here/cache/" IMAGE)));
}
END_TEST

START_TEST(a_directory_that_cannot_be_made_is_no_directory)
{
	fixture_write(fixture_path(base, "file"), 'f');
	fixture_open(&store, SC_STORE_WRITE, fixture_path(base, "file/cache"), NULL);
	assert_reason(publish('a', false), SC_STORE_NOT_DIRECTORY);
	fixture_open(&store, SC_STORE_WRITE, "/proc/nowhere/cache", NULL);
	assert_reason(publish('a', false), SC_STORE_NO_DIRECTORY);
	ck_assert_int_gt(error, 0);
	fixture_open(&store, SC_STORE_WRITE, NULL, NULL);
	assert_reason(publish('a', false), SC_STORE_NO_DIRECTORY);
	ck_assert_int_eq(error, 0);
}
END_TEST

START_TEST(a_directory_that_is_not_ours_alone_gets_no_file)
{
	open_user();
	ck_assert_int_eq(chmod(user, 0777), 0);
	assert_reason(publish('a', false), SC_STORE_DIRECTORY_WRITABLE);
	ck_assert_int_eq(chmod(user, 0700), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(user, STRANGER, STRANGER), 0);
	store.euid = STRANGER + 1;
	assert_reason(publish('a', false), SC_STORE_DIRECTORY_OWNER);
	ck_assert_uint_eq(fixture_count(user, ""), 0);
}
END_TEST

START_TEST(a_directory_without_write_permission_is_read_only)
{
	ck_assert_int_eq(chmod(user, 0500), 0);
	if (!fixture_drop_root(user))
		return;
	open_user();
	assert_reason(publish('a', false), SC_STORE_READ_ONLY);
	ck_assert_int_eq(error, EACCES);
}
END_TEST

START_TEST(a_store_that_may_not_write_does_not)
{
	fixture_open(&store, SC_STORE_READ, user, NULL);
	assert_reason(publish('a', false), SC_STORE_READ_ONLY);
	ck_assert_int_eq(error, 0);
	fixture_open(&store, SC_STORE_OFF, user, NULL);
	assert_reason(publish('a', false), SC_STORE_ABSENT);
	open_user();
	store.limit = 0;
	assert_reason(publish('a', false), SC_STORE_FULL);
	ck_assert_uint_eq(fixture_count(user, ""), 0);
}
END_TEST

static const struct {
	int error;
	enum sc_store_reason reason;
} failures[] = {
	{ EROFS, SC_STORE_READ_ONLY }, { EACCES, SC_STORE_READ_ONLY }, { EPERM, SC_STORE_READ_ONLY },
	{ ENOSPC, SC_STORE_FULL },     { EDQUOT, SC_STORE_FULL },      { EFBIG, SC_STORE_FULL },
	{ EMFILE, SC_STORE_ERROR },    { EIO, SC_STORE_ERROR },
};

START_TEST(why_a_file_cannot_be_made_is_told_apart)
{
	fixture_fail_when(SYS_openat, 2, O_RDWR, O_RDWR, failures[_i].error);
	open_user();
	assert_reason(publish('a', false), failures[_i].reason);
	ck_assert_int_eq(error, failures[_i].error);
}
END_TEST

START_TEST(a_file_that_would_be_refused_or_exceeds_the_cap_is_not_published)
{
	static const off_t sizes[] = { 0, (off_t)SC_STORE_FILE_LEAST - 1, (off_t)SC_STORE_FILE_MOST + 1 };
	struct sc_store_draft draft;

	open_user();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		assert_reason(sc_store_draft_begin(&store, &draft, &error), SC_STORE_OK);
		ck_assert_int_eq(ftruncate(draft.fd, sizes[i]), 0);
		assert_reason(sc_store_draft_publish(&store, &draft, IMAGE, true, &error), SC_STORE_SIZE);
	}
	store.limit = FIXTURE_SIZE - 1;
	assert_reason(publish('a', true), SC_STORE_FULL);
	ck_assert_uint_eq(fixture_count(user, ""), 0);
	store.limit = FIXTURE_SIZE;
	assert_reason(publish('a', true), SC_STORE_OK);
}
END_TEST

START_TEST(a_name_that_leads_elsewhere_is_not_published)
{
	static const char *const names[] = { "", ".", "..", "../escaped.so", SC_STORE_TEMPORARY "1-2" };

	open_user();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_reason(fixture_publish(&store, names[i], 'a', true, &error), SC_STORE_ERROR);
		ck_assert_int_eq(error, EINVAL);
	}
	ck_assert_uint_eq(fixture_count(user, ""), 0);
	ck_assert(!fixture_exists(fixture_path(base, "escaped.so")));
}
END_TEST

START_TEST(a_directory_in_place_of_the_file_is_an_error_and_stays)
{
	open_user();
	ck_assert_int_eq(mkdir(fixture_path(user, IMAGE), 0700), 0);
	assert_reason(publish('a', true), SC_STORE_ERROR);
	ck_assert_int_eq(error, EISDIR);
	ck_assert_uint_eq(fixture_count(user, ""), 1);
}
END_TEST

START_TEST(a_file_in_use_survives_being_replaced)
{
	struct sc_store_file file;
	unsigned char byte;

	open_user();
	assert_reason(publish('a', false), SC_STORE_OK);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_OK);
	assert_reason(publish('b', true), SC_STORE_OK);
	ck_assert_int_eq(pread(file.fd, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'a');
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_loop_test(tests, a_published_file_is_complete_and_read_only_and_alone, 0, FIXTURE_WAYS);
	tcase_add_loop_test(tests, replacing_replaces_and_giving_way_gives_way, 0, FIXTURE_WAYS);
	tcase_add_loop_test(tests, what_a_lookup_would_refuse_does_not_stand_in_the_way, 0, FIXTURE_WAYS);
	tcase_add_loop_test(tests, an_abandoned_draft_leaves_nothing, 0, FIXTURE_WAYS);
	tcase_add_loop_test(tests, a_draft_is_private_and_not_inherited, 0, FIXTURE_WAYS);
	tcase_add_test(tests, a_draft_never_takes_the_place_of_standard_error);
	tcase_add_loop_test(tests, a_failure_at_any_step_leaves_the_old_file_and_nothing_else, 0, 5 * FIXTURE_WAYS);
	tcase_add_test(tests, missing_directories_are_made_for_the_user_alone);
	tcase_add_test(tests, a_relative_directory_is_made_where_the_process_is);
	tcase_add_test(tests, a_directory_that_cannot_be_made_is_no_directory);
	tcase_add_test(tests, a_directory_that_is_not_ours_alone_gets_no_file);
	tcase_add_test(tests, a_directory_without_write_permission_is_read_only);
	tcase_add_test(tests, a_store_that_may_not_write_does_not);
	tcase_add_loop_test(tests, why_a_file_cannot_be_made_is_told_apart, 0, sizeof(failures) / sizeof(*failures));
	tcase_add_test(tests, a_file_that_would_be_refused_or_exceeds_the_cap_is_not_published);
	tcase_add_test(tests, a_name_that_leads_elsewhere_is_not_published);
	tcase_add_test(tests, a_directory_in_place_of_the_file_is_an_error_and_stays);
	tcase_add_test(tests, a_file_in_use_survives_being_replaced);
}

int main(void)
{
	return store_suite_main("store publish", add);
}
