/* SPDX-License-Identifier: MIT */
/*
 * What globs match, which are faulty, and how long the worst of them take.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/glob.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static const struct glob_case {
	const char *glob, *text;
	bool match;
} globs[] = {
	{"", "", true}, {"", "a", false}, {"a", "", false}, {"abc", "abc", true},
	{"abc", "abcd", false}, {"abcd", "abc", false}, {"Abc", "abc", false},
	{"*", "", true}, {"**", "a", true}, {"a*", "a", true}, {"*a", "ba", true},
	{"*a", "ab", false}, {"a*c*e", "abcde", true}, {"a*c*e", "abde", false},
	{"*aab", "aaaab", true}, {"*ab*cd", "abababcdcd", true},
	{"?", "a", true}, {"?", "", false}, {"a?c", "abc", true}, {"*?", "", false},
	{"[abc]", "b", true}, {"[abc]", "d", false}, {"[abc]", "", false},
	{"[!abc]", "d", true}, {"[!abc]", "a", false}, {"[!abc]", "", false},
	{"[a-c]x", "bx", true}, {"[a-c]", "d", false}, {"[!a-c]", "b", false},
	{"[a-cx-z]", "y", true}, {"[]]", "]", true}, {"[!]]", "]", false}, {"[!]]", "a", true},
	{"[]a]", "a", true}, {"[-a]", "-", true}, {"[a-]", "-", true}, {"[a-]", "b", false},
	{"[a!]", "!", true}, {"[*]", "*", true}, {"[*]", "a", false}, {"[?]", "a", false},
	{"[[]", "[", true}, {"[a", "[a", true}, {"[a", "a", false}, {"*[0-9]", "mem64", true},
	{"lib[cm].so.[0-9]", "libm.so.6", true}, {"\\*", "\\x", true},
	{"[\x80-\xff]", "\xc3", true}, {"[a-z]", "\xc3", false},
};

START_TEST(globs_match_bytes_as_documented)
{
	for (size_t i = 0; i < COUNT_OF(globs); i++)
		ck_assert_msg(sc_glob_match(globs[i].glob, globs[i].text) == globs[i].match,
			      "'%s' on '%s'", globs[i].glob, globs[i].text);
}
END_TEST

/* 60 stars on 20,000 letters: a matcher that tries earlier stars again would not end in years. */
START_TEST(many_stars_take_no_exponential_time)
{
	char glob[2 * 60 + 2] = "";
	char text[20001];

	for (int i = 0; i < 60; i++)
		strcat(glob, "*a");
	strcat(glob, "b");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert(!sc_glob_match(glob, text));
	text[sizeof(text) - 2] = 'b';
	ck_assert(sc_glob_match(glob, text));
}
END_TEST

START_TEST(a_sound_glob_has_no_fault)
{
	static const char *const sound[] = {"", "*", "a?[]x]", "[!]]", "[a-z][-][a-]", "]", "[[]"};
	size_t at = 77;

	for (size_t i = 0; i < COUNT_OF(sound); i++)
		ck_assert_msg(!sc_glob_fault(sound[i], strlen(sound[i]), &at), "%s", sound[i]);
	ck_assert_uint_eq(at, 77);
}
END_TEST

static const struct {
	const char *glob;
	size_t at;
	const char *fault;
} faults[] = {
	{"a[bc", 1, "'[' in a glob is not closed"},
	{"[ab][", 4, "'[' in a glob is not closed"},
	{"[!]", 0, "'[' in a glob is not closed"},
	{"[]", 0, "'[' in a glob is not closed"},
	{"[ab][xz-a]", 6, "range in a glob is backwards"},
	{"a[^b]", 2, "'[^' in a glob: '[!' is what negates"},
};

START_TEST(a_fault_in_a_glob_is_placed_and_named)
{
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		size_t length = strlen(faults[i].glob);
		char *exact = malloc(length);
		size_t at = 77;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, faults[i].glob, length);
		ck_assert_str_eq(sc_glob_fault(exact, length, &at), faults[i].fault);
		ck_assert_uint_eq(at, faults[i].at);
		free(exact);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("glob");
	TCase *tests = tcase_create("globs");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, globs_match_bytes_as_documented);
	tcase_add_test(tests, many_stars_take_no_exponential_time);
	tcase_add_test(tests, a_sound_glob_has_no_fault);
	tcase_add_test(tests, a_fault_in_a_glob_is_placed_and_named);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
