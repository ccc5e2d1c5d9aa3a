/* SPDX-License-Identifier: MIT */
/*
 * What rules select, in which libraries they could, and how far apart names are.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static struct sc_arena arena;
static struct sc_rules rules;

static const struct sc_library_names libc = {"libc.so.6", "libc-2.36.so"};
static const struct sc_library_names libm = {"libm.so.6", "libm-2.36.so"};
static const struct sc_library_names git = {NULL, "git"};

static void begin(void)
{
	rules = (struct sc_rules){.arena = &arena};
}

static void end(void)
{
	sc_arena_release(&arena);
}

static void parse(const char *text)
{
	struct sc_rule_error error;

	if (sc_rules_parse(&rules, text, strlen(text), SC_RULES_ENVIRONMENT, &error))
		ck_abort_msg("'%s' is refused", text);
}

static unsigned match(const char *function, const struct sc_library_names *library)
{
	return sc_rules_match(&rules, function, NULL, library, NULL, NULL);
}

START_TEST(a_function_is_selected_by_any_including_item)
{
	parse("count=open,read@libc.so.6");
	ck_assert_uint_eq(match("open", &libm), SC_ACTION_COUNT);
	ck_assert_uint_eq(match("read", &libc), SC_ACTION_COUNT);
	ck_assert_uint_eq(match("read", &libm), 0);
	ck_assert_uint_eq(match("write", &libc), 0);
	ck_assert_uint_eq(match("openat", &libc), 0);
}
END_TEST

START_TEST(an_exclusion_wins_wherever_it_stands)
{
	static const char *const texts[] = {"time=!mem*@libc.so.6,*", "time=*,!mem*@libc.so.6"};

	parse(texts[_i]);
	ck_assert_uint_eq(match("memcpy", &libc), 0);
	ck_assert_uint_eq(match("memcpy", &git), SC_ACTION_TIME);
	ck_assert_uint_eq(match("open", &libc), SC_ACTION_TIME);
}
END_TEST

START_TEST(exclusions_alone_mean_everything_else)
{
	parse("count=!mem*,!*@libm*");
	ck_assert_uint_eq(match("memcpy", &libc), 0);
	ck_assert_uint_eq(match("sin", &libm), 0);
	ck_assert_uint_eq(match("open", &libc), SC_ACTION_COUNT);
}
END_TEST

START_TEST(an_exclusion_concerns_its_own_rule_alone)
{
	parse("count=*,!open;time=open");
	ck_assert_uint_eq(match("open", &libc), SC_ACTION_TIME);
	ck_assert_uint_eq(match("read", &libc), SC_ACTION_COUNT);
}
END_TEST

START_TEST(a_library_goes_by_soname_and_by_file_name)
{
	parse("count=a@libc.so.6;time=a@libc-2.36.so");
	ck_assert_uint_eq(match("a", &libc), SC_ACTION_COUNT | SC_ACTION_TIME);
	begin();
	parse("count=a@git");
	ck_assert_uint_eq(match("a", &git), SC_ACTION_COUNT);
	begin();
	parse("count=*,!*@libc-2.36.so");
	ck_assert_uint_eq(match("a", &libc), 0);
}
END_TEST

START_TEST(a_version_is_looked_at_only_where_one_is_meant)
{
	parse("count=cond@*@GLIBC_2.3.2;time=cond");
	ck_assert_uint_eq(sc_rules_match(&rules, "cond", "GLIBC_2.3.2", &libc, NULL, NULL),
			  SC_ACTION_COUNT | SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "cond", "GLIBC_2.2.5", &libc, NULL, NULL),
			  SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "cond", NULL, &libc, NULL, NULL), SC_ACTION_TIME);
}
END_TEST

START_TEST(from_is_looked_at_when_the_caller_is_known)
{
	parse("count=*:from=git;time=*:from=libc.so.?");
	ck_assert_uint_eq(match("a", &libm), SC_ACTION_COUNT | SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "a", NULL, &libm, &git, NULL), SC_ACTION_COUNT);
	ck_assert_uint_eq(sc_rules_match(&rules, "a", NULL, &libm, &libc, NULL), SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "a", NULL, &libm, &libm, NULL), 0);
}
END_TEST

START_TEST(the_rules_that_select_are_added_to_those_that_did)
{
	char text[66 * 8 + 1] = "";
	uint64_t selected = 2;

	for (int i = 0; i < 66; i++)
		strcat(text, i == 65 || i == 40 ? "count=b;" : "count=a;");
	parse(text);
	ck_assert_uint_eq(rules.rule_count, 66);
	sc_rules_match(&rules, "c", NULL, &libc, NULL, &selected);
	ck_assert_uint_eq(selected, 2);
	selected = 4;
	sc_rules_match(&rules, "b", NULL, &libc, NULL, &selected);
	ck_assert_uint_eq(selected, 4 | UINT64_C(1) << 40 | UINT64_C(1) << (65 % 64));
}
END_TEST

START_TEST(no_rules_select_nothing)
{
	ck_assert_uint_eq(match("a", &libc), 0);
}
END_TEST

START_TEST(name_distance_is_levenshteins_up_to_a_bound)
{
	char longest[300];

	ck_assert_uint_eq(sc_name_distance("", "", 2), 0);
	ck_assert_uint_eq(sc_name_distance("malloc", "malloc", 0), 0);
	ck_assert_uint_eq(sc_name_distance("maloc", "malloc", 2), 1);
	ck_assert_uint_eq(sc_name_distance("malloc", "maloc", 2), 1);
	ck_assert_uint_eq(sc_name_distance("mlaloc", "malloc", 3), 2);
	ck_assert_uint_eq(sc_name_distance("kitten", "sitting", 5), 3);
	ck_assert_uint_eq(sc_name_distance("kitten", "sitting", 2), 3);
	ck_assert_uint_eq(sc_name_distance("abcdef", "ghijkl", 1), 2);
	ck_assert_uint_eq(sc_name_distance("", "abc", 5), 3);
	ck_assert_uint_eq(sc_name_distance("abc", "", 5), 3);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_uint_eq(sc_name_distance(longest, longest, 9), 10);
	longest[256] = '\0';
	ck_assert_uint_eq(sc_name_distance(longest, longest, 9), 10);
	longest[255] = '\0';
	ck_assert_uint_eq(sc_name_distance(longest, longest, 9), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules_match");
	TCase *tests = tcase_create("selection");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, a_function_is_selected_by_any_including_item);
	tcase_add_loop_test(tests, an_exclusion_wins_wherever_it_stands, 0, 2);
	tcase_add_test(tests, exclusions_alone_mean_everything_else);
	tcase_add_test(tests, an_exclusion_concerns_its_own_rule_alone);
	tcase_add_test(tests, a_library_goes_by_soname_and_by_file_name);
	tcase_add_test(tests, a_version_is_looked_at_only_where_one_is_meant);
	tcase_add_test(tests, from_is_looked_at_when_the_caller_is_known);
	tcase_add_test(tests, the_rules_that_select_are_added_to_those_that_did);
	tcase_add_test(tests, no_rules_select_nothing);
	tcase_add_test(tests, name_distance_is_levenshteins_up_to_a_bound);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
