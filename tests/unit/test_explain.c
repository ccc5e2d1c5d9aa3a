/* SPDX-License-Identifier: MIT */
/*
 * Names of any bytes in JSON: in a line for `stubcache explain`, and cut to a size. jansson, which is strict about
 * UTF-8, says what is right.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/explain.h"
#include "common/json.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* What is written, as a parser reads it back; NULL: as it was. */
static const struct name_case {
	const char *name, *read;
} names[] = {
	{ "qsort", NULL },
	{ "", NULL },
	{ "operator\"\"_s", NULL },
	{ "a\\b\\", NULL },
	{ "tab\there\x01\x1f\x7f", NULL },
	{ "\n{\"function\":\"other\"}\n", NULL },
	{ "_ZN3f\xc3\xbc" "r4\xe2\x82\xac" "Ev\xf0\x9f\x98\x80", NULL },
	{ "lone \xff byte", "lone \xc3\xbf byte" },
	{ "cut \xe2\x82", "cut \xc3\xa2\xc2\x82" },
	{ "\xc0\xaf overlong", "\xc3\x80\xc2\xaf overlong" },
	{ "\xed\xa0\x80 surrogate", "\xc3\xad\xc2\xa0\xc2\x80 surrogate" },
	{ "\xf4\x90\x80\x80 beyond", "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80 beyond" },
};

static json_t *explained(const char *name)
{
	const struct sc_explain_line line = { .program = name, .function = name, .library = name, .version = name,
					      .action = "time", .way = "slots", .slots = 7, .reason = name };
	FILE *file = tmpfile();
	json_error_t error;
	json_t *object;

	ck_assert_ptr_nonnull(file);
	sc_explain(fileno(file), &line);
	rewind(file);
	object = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(object != NULL, "'%s': %s", name, error.text);
	fclose(file);
	return object;
}

START_TEST(a_line_is_read_back_as_it_was_meant_whatever_the_names)
{
	static const char *const members[] = { "program", "function", "library", "version", "reason" };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		json_t *object = explained(names[i].name);
		const char *wanted = names[i].read ? names[i].read : names[i].name;

		for (size_t k = 0; k < COUNT_OF(members); k++)
			ck_assert_str_eq(json_string_value(json_object_get(object, members[k])), wanted);
		ck_assert_int_eq(json_integer_value(json_object_get(object, "slots")), 7);
		json_decref(object);
	}
}
END_TEST

START_TEST(a_name_of_many_kilobytes_is_written_whole)
{
	char name[20001];
	json_t *object;

	memset(name, '\\', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	object = explained(name);
	ck_assert_str_eq(json_string_value(json_object_get(object, "function")), name);
	json_decref(object);
}
END_TEST

START_TEST(text_is_cut_between_characters)
{
	char out[16];

	ck_assert_uint_eq(sc_json_escape(out, 4, "abcdef"), 3);
	ck_assert_str_eq(out, "abc");
	ck_assert_uint_eq(sc_json_escape(out, 4, "ab\"c"), 2);
	ck_assert_str_eq(out, "ab");
	ck_assert_uint_eq(sc_json_escape(out, 4, "ab\xc3\xbc"), 2);
	ck_assert_str_eq(out, "ab");
	ck_assert_uint_eq(sc_json_escape(out, 6, "\x01"), 0);
	ck_assert_uint_eq(sc_json_escape(out, 7, "\x01"), 6);
	ck_assert_str_eq(out, "\\u0001");
	ck_assert_uint_eq(sc_json_escape(out, 1, "a"), 0);
	ck_assert_str_eq(out, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *cases = tcase_create("explain");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, a_line_is_read_back_as_it_was_meant_whatever_the_names);
	tcase_add_test(cases, a_name_of_many_kilobytes_is_written_whole);
	tcase_add_test(cases, text_is_cut_between_characters);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
