/* SPDX-License-Identifier: MIT */
/*
 * What is a size, and what is none.
 */
#include <check.h>
#include <stdlib.h>

#include "common/size.h"

START_TEST(sizes_are_digits_and_perhaps_a_unit)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = {
		{ "0", 0 }, { "123", 123 }, { "1K", 1024 }, { "64k", 65536 }, { "256M", 268435456 },
		{ "1g", 1073741824 }, { "2T", 2199023255552 }, { "007", 7 },
		{ "18446744073709551615", UINT64_MAX }, { "16777215T", UINT64_MAX - 1099511627775 },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t bytes = 1;

		ck_assert_msg(sc_size_parse(sizes[i].text, &bytes), "'%s'", sizes[i].text);
		ck_assert_uint_eq(bytes, sizes[i].bytes);
	}
}
END_TEST

START_TEST(anything_else_is_no_size)
{
	static const char *const texts[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1 K", "1KB", "1KK", "1.5M", "0x10", "1P", "1\x0b",
		"18446744073709551616", "16777216T", "99999999999999999999999",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint64_t bytes = 77;

		ck_assert_msg(!sc_size_parse(texts[i], &bytes), "'%s'", texts[i]);
		ck_assert_uint_eq(bytes, 77);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("size");
	TCase *tests = tcase_create("sizes");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, sizes_are_digits_and_perhaps_a_unit);
	tcase_add_test(tests, anything_else_is_no_size);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
