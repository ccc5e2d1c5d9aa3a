/* SPDX-License-Identifier: MIT */
/* The breadth of libstdc++: thousands of versioned, weak and unique symbols. */
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

extern "C" {
#include <check.h>

#include "modules_helper.h"
}

START_TEST(every_slot_of_a_cxx_program_is_bound_as_ld_so_did)
{
	modules_open();
	ck_assert(modules_named("libstdc++.so.6") != NULL);
	ck_assert_uint_eq(slots_check_all(), 0);
}
END_TEST

/* References of many kinds: virtual tables, type information, templates, operators. */
static int use_the_library()
{
	std::map<std::string, int> numbers{ { "one", 1 } };

	try {
		numbers.at("two");
	} catch (const std::out_of_range &error) {
		std::clog.flush();
		return std::string(error.what()).empty();
	}
	return 1;
}

int main(int, char **argv)
{
	Suite *suite = suite_create("symbols_cxx");
	SRunner *runner = srunner_create(suite);
	TCase *tests = tcase_create("cxx");
	int failed;

	modules_bind_now(argv);
	tcase_add_test(tests, every_slot_of_a_cxx_program_is_bound_as_ld_so_did);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner) + use_the_library();
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
