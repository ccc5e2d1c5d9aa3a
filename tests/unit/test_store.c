/* SPDX-License-Identifier: MIT */
/*
 * Where the directories are, which layer is looked at, what a lookup finds and costs, checksums and
 * the marking of use. What is refused is in test_store_refusals.c.
 */
#include "store_suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void open_from(const char *directory, const char *xdg, const char *home)
{
	struct sc_store_options options = {
		.mode = SC_STORE_WRITE,
		.directory = directory,
		.xdg_cache_home = xdg,
		.home = home,
		.limit = 1,
	};

	memset(&store, 0xff, sizeof(store));
	sc_store_open(&store, &options);
}

START_TEST(the_directory_is_the_one_asked_for_then_that_of_xdg_then_that_of_home)
{
	open_from("/a//", "/x", "/h");
	ck_assert_str_eq(store.user, "/a");
	open_from("", "/x/", "/h");
	ck_assert_str_eq(store.user, "/x/stubcache");
	open_from(NULL, NULL, "/h");
	ck_assert_str_eq(store.user, "/h/.cache/stubcache");
	open_from(NULL, "/", NULL);
	ck_assert_str_eq(store.user, "/stubcache");
	open_from("/", NULL, NULL);
	ck_assert_str_eq(store.user, "/");
	assert_reason(store.user_reason, SC_STORE_OK);
	ck_assert_str_eq(store.system, "");
}
END_TEST

START_TEST(relative_xdg_and_home_paths_are_ignored)
{
	open_from(NULL, "x", "/h");
	ck_assert_str_eq(store.user, "/h/.cache/stubcache");
	open_from(NULL, "x", "h");
	ck_assert_str_eq(store.user, "");
	assert_reason(store.user_reason, SC_STORE_NO_DIRECTORY);
	ck_assert_int_eq(store.user_errno, 0);
}
END_TEST

START_TEST(a_path_that_does_not_fit_is_no_directory)
{
	char longest[PATH_MAX + 1];

	memset(longest, 'a', PATH_MAX);
	longest[0] = '/';
	longest[PATH_MAX] = 0;
	open_from(longest, NULL, NULL);
	assert_reason(store.user_reason, SC_STORE_NO_DIRECTORY);
	ck_assert_int_eq(store.user_errno, ENAMETOOLONG);
	ck_assert_str_eq(store.user, "");
	longest[PATH_MAX - 5] = 0;
	open_from(NULL, longest, NULL);
	assert_reason(store.user_reason, SC_STORE_NO_DIRECTORY);
	open_from(longest, NULL, NULL);
	assert_reason(store.user_reason, SC_STORE_OK);
}
END_TEST

START_TEST(a_published_file_is_found_with_its_size)
{
	struct sc_store_file file;
	int error;

	fixture_write(fixture_path(user, IMAGE), 'u');
	open_user();
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_OK);
	ck_assert_uint_eq(file.size, FIXTURE_SIZE);
	ck_assert(!file.from_system && file.may_touch);
	ck_assert(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
}
END_TEST

START_TEST(the_user_layer_comes_first_and_a_refused_one_gives_way)
{
	struct sc_store_file file;
	enum sc_store_reason reason;
	int error;

	fixture_write(fixture_path(user, IMAGE), 'u');
	fixture_write(fixture_path(system_layer, IMAGE), 's');
	fixture_open(&store, SC_STORE_WRITE, user, system_layer);
	ck_assert_int_eq(fixture_seed(&store, IMAGE, &reason), 'u');
	ck_assert_int_eq(chmod(fixture_path(user, IMAGE), 0664), 0);
	ck_assert_int_eq(fixture_seed(&store, IMAGE, &reason), 's');
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_OK);
	ck_assert(file.from_system && !file.may_touch);
	ck_assert_int_eq(chmod(user, 0777), 0);
	ck_assert_int_eq(fixture_seed(&store, IMAGE, &reason), 's');
	ck_assert_int_eq(chmod(user, 0700), 0);
}
END_TEST

START_TEST(the_reason_is_that_of_the_first_layer_that_has_the_file)
{
	struct sc_store_file file;
	int error;

	fixture_open(&store, SC_STORE_WRITE, user, system_layer);
	fixture_write(fixture_path(user, IMAGE), 'u');
	ck_assert_int_eq(chmod(fixture_path(user, IMAGE), 0664), 0);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_WRITABLE);
	ck_assert_int_eq(chmod(system_layer, 0777), 0);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_WRITABLE);
	ck_assert_int_eq(unlink(fixture_path(user, IMAGE)), 0);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_DIRECTORY_WRITABLE);
	ck_assert_int_eq(chmod(system_layer, 0755), 0);
	ck_assert_int_eq(mkdir(fixture_path(user, IMAGE), 0755), 0);
	fixture_write(fixture_path(system_layer, IMAGE), 's');
	ck_assert_int_eq(chmod(fixture_path(system_layer, IMAGE), 0664), 0);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_NOT_REGULAR);
}
END_TEST

START_TEST(a_missing_file_or_directory_is_absent)
{
	assert_reason(look(), SC_STORE_ABSENT);
	ck_assert_int_eq(rmdir(user), 0);
	assert_reason(look(), SC_STORE_ABSENT);
	open_from(NULL, NULL, NULL);
	assert_reason(sc_store_lookup(&store, IMAGE, &(struct sc_store_file){ 0 }, &(int){ 0 }), SC_STORE_ABSENT);
}
END_TEST

START_TEST(a_store_that_is_off_has_nothing)
{
	struct sc_store_file file;
	int error;

	fixture_write(fixture_path(user, IMAGE), 'u');
	fixture_open(&store, SC_STORE_OFF, user, NULL);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_ABSENT);
	assert_reason(sc_store_list(&store, false, NULL, NULL, &error), SC_STORE_ABSENT);
}
END_TEST

START_TEST(a_name_that_leads_elsewhere_is_absent)
{
	static const char *const names[] = { "", ".", "..", "../user/image.so", "/etc/passwd", ".tmp-1-2" };

	fixture_write(fixture_path(user, ".tmp-1-2"), 'u');
	fixture_write(fixture_path(user, IMAGE), 'u');
	open_user();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct sc_store_file file;
		int error;

		assert_reason(sc_store_lookup(&store, names[i], &file, &error), SC_STORE_ABSENT);
	}
}
END_TEST

START_TEST(a_flip_of_any_bit_is_noticed)
{
	unsigned char data[100];

	fixture_fill(data, sizeof(data), 'c');
	for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
		data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		ck_assert(!sc_store_checksum_ok(data, sizeof(data)));
		data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	ck_assert(sc_store_checksum_ok(data, sizeof(data)));
}
END_TEST

START_TEST(a_file_cut_short_anywhere_is_noticed)
{
	unsigned char data[100];

	fixture_fill(data, sizeof(data), 'c');
	for (size_t size = 0; size < sizeof(data); size++)
		ck_assert(!sc_store_checksum_ok(data, size));
}
END_TEST

static void touch(enum sc_store_mode mode, bool by_system, long age, bool expected)
{
	const char *path = fixture_path(by_system ? system_layer : user, IMAGE);
	struct sc_store_file file;
	struct stat st;
	int error;

	fixture_write(path, 't');
	fixture_age(path, age);
	fixture_open(&store, mode, by_system ? NULL : user, by_system ? system_layer : NULL);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_OK);
	sc_store_touch(&file);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mtim.tv_sec, file.stat.st_mtim.tv_sec);
	ck_assert_int_eq(st.st_atim.tv_sec != file.stat.st_atim.tv_sec, expected);
	ck_assert(!expected || labs(time(NULL) - st.st_atim.tv_sec) < 600);
	close(file.fd);
	unlink(path);
}

START_TEST(a_use_is_noted_once_an_hour_and_only_where_writing_is_allowed)
{
	touch(SC_STORE_WRITE, false, 7200, true);
	touch(SC_STORE_WRITE, false, 1800, false);
	touch(SC_STORE_WRITE, false, -7200, true);
	touch(SC_STORE_READ, false, 7200, false);
	touch(SC_STORE_WRITE, true, 7200, false);
}
END_TEST

START_TEST(neither_errno_nor_descriptors_change)
{
	static const mode_t modes[] = { 0700, 0777 };

	errno = 4711;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		unsigned open_before = fixture_open_descriptors();

		mkfifo(fixture_path(user, "fifo.so"), 0600);
		chmod(user, modes[i]);
		errno = 4711;
		fixture_open(&store, SC_STORE_WRITE, user, system_layer);
		sc_store_lookup(&store, "fifo.so", &(struct sc_store_file){ 0 }, &(int){ 0 });
		sc_store_lookup(&store, IMAGE, &(struct sc_store_file){ 0 }, &(int){ 0 });
		fixture_publish(&store, IMAGE, 'e', true, &(int){ 0 });
		sc_store_evict(&store, NULL);
		ck_assert_int_eq(errno, 4711);
		ck_assert_uint_eq(fixture_open_descriptors(), open_before);
	}
}
END_TEST

static void nothing(void *unused)
{
	(void)unused;
}

static void look_up(void *unused)
{
	struct sc_store_file file;
	int error;

	(void)unused;
	if (sc_store_lookup(&store, IMAGE, &file, &error) != SC_STORE_OK)
		_exit(1);
}

START_TEST(finding_a_file_takes_five_system_calls)
{
	bool killed;
	int with, without;

	fixture_write(fixture_path(user, IMAGE), 'u');
	open_user();
	without = fixture_trace(nothing, NULL, 0, &killed);
	with = fixture_trace(look_up, NULL, 0, &killed);
	if (without >= 0)
		ck_assert_int_eq(with - without, 2 * 5);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, the_directory_is_the_one_asked_for_then_that_of_xdg_then_that_of_home);
	tcase_add_test(tests, relative_xdg_and_home_paths_are_ignored);
	tcase_add_test(tests, a_path_that_does_not_fit_is_no_directory);
	tcase_add_test(tests, a_published_file_is_found_with_its_size);
	tcase_add_test(tests, the_user_layer_comes_first_and_a_refused_one_gives_way);
	tcase_add_test(tests, the_reason_is_that_of_the_first_layer_that_has_the_file);
	tcase_add_test(tests, a_missing_file_or_directory_is_absent);
	tcase_add_test(tests, a_store_that_is_off_has_nothing);
	tcase_add_test(tests, a_name_that_leads_elsewhere_is_absent);
	tcase_add_test(tests, a_flip_of_any_bit_is_noticed);
	tcase_add_test(tests, a_file_cut_short_anywhere_is_noticed);
	tcase_add_test(tests, a_use_is_noted_once_an_hour_and_only_where_writing_is_allowed);
	tcase_add_test(tests, neither_errno_nor_descriptors_change);
	tcase_add_test(tests, finding_a_file_takes_five_system_calls);
}

int main(void)
{
	return store_suite_main("store", add);
}
