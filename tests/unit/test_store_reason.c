/* SPDX-License-Identifier: MIT */
/* The words for why the store was not used. */
#include "store_suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[PATH_MAX + 200];

static const char *text_of(enum sc_store_reason reason, int error)
{
	size_t length = sc_store_reason_text(&store, reason, error, text, sizeof(text));

	ck_assert_uint_eq(length, strlen(text));
	return text;
}

START_TEST(every_reason_has_a_name_of_its_own)
{
	for (unsigned i = 0; i < SC_STORE_REASONS; i++) {
		ck_assert_str_ne(sc_store_reason_name(i), "");
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(sc_store_reason_name(i), sc_store_reason_name(j));
	}
	ck_assert_str_eq(sc_store_reason_name(SC_STORE_DIRECTORY_OWNER), "cache-directory-owner");
	ck_assert_str_eq(sc_store_reason_name(SC_STORE_REASONS), "cache-unknown");
	ck_assert_str_eq(sc_store_reason_name((enum sc_store_reason)-1), "cache-unknown");
}
END_TEST

START_TEST(every_reason_is_one_line_in_lower_case)
{
	open_user();
	for (unsigned i = 0; i < SC_STORE_REASONS; i++) {
		const char *line = text_of(i, i == SC_STORE_ERROR ? EMFILE : 0);

		ck_assert(line[0] >= 'a' && line[0] <= 'z');
		ck_assert(!strchr(line, '\n') && line[strlen(line) - 1] != '.');
	}
}
END_TEST

START_TEST(the_owner_of_a_refused_directory_is_named)
{
	char expected[PATH_MAX + 100];

	open_user();
	if (geteuid() == 0)
		ck_assert_int_eq(chown(user, STRANGER, STRANGER), 0);
	store.euid = STRANGER + 1;
	snprintf(expected, sizeof(expected), "cannot use cache '%s': owned by uid %u", user,
		 geteuid() == 0 ? STRANGER : geteuid());
	ck_assert_str_eq(text_of(SC_STORE_DIRECTORY_OWNER, 0), expected);
}
END_TEST

START_TEST(the_layer_that_was_refused_is_named)
{
	fixture_open(&store, SC_STORE_READ, user, system_layer);
	ck_assert_int_eq(chmod(system_layer, 0777), 0);
	ck_assert(strstr(text_of(SC_STORE_DIRECTORY_WRITABLE, 0), system_layer));
	ck_assert_int_eq(chmod(system_layer, 0755), 0);
	ck_assert_int_eq(chmod(user, 0777), 0);
	ck_assert(strstr(text_of(SC_STORE_DIRECTORY_WRITABLE, 0), user));
}
END_TEST

START_TEST(a_system_error_is_told_in_words_or_by_number)
{
	open_user();
	ck_assert(strstr(text_of(SC_STORE_FULL, ENOSPC), "cannot write to cache '"));
	ck_assert(strstr(text, "': No space left on device"));
	ck_assert(strstr(text_of(SC_STORE_ERROR, EMFILE), "': Too many open files"));
	ck_assert(strstr(text_of(SC_STORE_ERROR, 4095), "': error 4095"));
	ck_assert(strstr(text_of(SC_STORE_FULL, 0), "STUBCACHE_LIMIT"));
}
END_TEST

START_TEST(without_a_directory_the_user_is_told_what_to_set)
{
	fixture_open(&store, SC_STORE_WRITE, NULL, NULL);
	ck_assert(strstr(text_of(SC_STORE_NO_DIRECTORY, 0), "STUBCACHE_DIR"));
}
END_TEST

START_TEST(a_line_that_does_not_fit_is_cut_and_terminated)
{
	open_user();
	for (size_t size = 1; size < 100; size++) {
		char *tight = malloc(size);

		ck_assert_uint_lt(sc_store_reason_text(&store, SC_STORE_CHECKSUM, 0, tight, size), size);
		ck_assert_uint_eq(strnlen(tight, size), size - 1);
		free(tight);
	}
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, every_reason_has_a_name_of_its_own);
	tcase_add_test(tests, every_reason_is_one_line_in_lower_case);
	tcase_add_test(tests, the_owner_of_a_refused_directory_is_named);
	tcase_add_test(tests, the_layer_that_was_refused_is_named);
	tcase_add_test(tests, a_system_error_is_told_in_words_or_by_number);
	tcase_add_test(tests, without_a_directory_the_user_is_told_what_to_set);
	tcase_add_test(tests, a_line_that_does_not_fit_is_cut_and_terminated);
}

int main(void)
{
	return store_suite_main("store reason", add);
}
