/* SPDX-License-Identifier: MIT */
/* What is recorded of a call, from its prototype. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto_capture.h"

static struct sc_arena arena;
static struct sc_protos protos;
static union {
	struct sc_capture capture;
	unsigned char bytes[SC_CAPTURE_MOST];
} program;

static void begin(void)
{
	protos = (struct sc_protos){ .arena = &arena };
	memset(&program, 0xa5, sizeof(program));
}

static void end(void)
{
	sc_arena_release(&arena);
}

static const struct sc_capture *compile(const char *text, const char *name)
{
	struct sc_proto_errors errors;
	size_t size;

	ck_assert_msg(!sc_protos_read(&protos, text, strlen(text), "test", &errors), "%u:%u: %s", errors.errors[0].line,
		      errors.errors[0].column, errors.errors[0].message);
	size = sc_proto_capture(sc_protos_find(&protos, name), &program.capture);
	ck_assert_uint_eq(size, sc_capture_size(&program.capture));
	ck_assert(sc_capture_check(&program, size));
	return &program.capture;
}

static void check_item(unsigned number, enum sc_capture_kind kind, unsigned when, unsigned argument, unsigned place)
{
	const struct sc_capture_item *item = &program.capture.items[number];

	ck_assert_uint_lt(number, program.capture.item_count);
	ck_assert_uint_eq(item->kind, kind);
	ck_assert_uint_eq(item->when, when);
	ck_assert_uint_eq(item->argument, argument);
	ck_assert_uint_eq(item->place, place);
}

START_TEST(without_a_prototype_six_registers_are_recorded)
{
	const struct sc_capture *capture = compile("int f(void);", "g");

	ck_assert_uint_eq(capture->unknown, 1);
	ck_assert_uint_eq(capture->general, 6);
	ck_assert_uint_eq(capture->returns, SC_RETURN_RAX);
}
END_TEST

START_TEST(words_are_those_that_the_arguments_take)
{
	const struct sc_capture *capture = compile(
		"[[error(negative)]] double f(int, double, long, float, long double, char, int, int, int, int, int);", "f");

	ck_assert_uint_eq(capture->general, 6);
	ck_assert_uint_eq(capture->vector, 2);
	ck_assert_uint_eq(capture->stack, 4);
	ck_assert_uint_eq(capture->returns, SC_RETURN_XMM0);
	ck_assert_uint_eq(capture->error, SC_ERROR_NEGATIVE);
	ck_assert_uint_eq(capture->item_count, 0);
}
END_TEST

START_TEST(const_strings_and_structs_are_read_and_other_pointers_are_not)
{
	compile("struct t { long a, b; }; int f(const char *s, char *b, const struct t *t, struct t *u, const int *i,"
		"const char *o [[opaque]], const struct unknown *k);", "f");
	ck_assert_uint_eq(program.capture.item_count, 2);
	check_item(0, SC_CAPTURE_STRING, SC_CAPTURE_ENTER, 0, 0);
	check_item(1, SC_CAPTURE_BYTES, SC_CAPTURE_ENTER, 2, 2);
	ck_assert_uint_eq(program.capture.items[1].length, SC_LENGTH_FIXED);
	ck_assert_uint_eq(program.capture.items[1].size, 16);
}
END_TEST

START_TEST(lengths_come_from_arguments_and_the_returned_value)
{
	compile("size_t f(void *a [[out, size(return * size)]], size_t size, int n, const void *b [[in, size(n * size)]],"
		"void *c [[inout, size(*p)]], unsigned *p, int d[3] [[out]], void *stack [[in, size(n * 8)]]);", "f");
	ck_assert_uint_eq(program.capture.item_count, 5);
	check_item(0, SC_CAPTURE_BYTES, SC_CAPTURE_LEAVE, 0, 0);
	ck_assert_uint_eq(program.capture.items[0].length, SC_LENGTH_RETURN);
	ck_assert_uint_eq(program.capture.items[0].times_place, 2);
	ck_assert_uint_eq(program.capture.items[0].narrow, 0);
	check_item(1, SC_CAPTURE_BYTES, SC_CAPTURE_ENTER, 3, 3);
	ck_assert_uint_eq(program.capture.items[1].length, SC_LENGTH_PLACE);
	ck_assert_uint_eq(program.capture.items[1].length_place, 1);
	ck_assert_uint_eq(program.capture.items[1].times_place, 3);
	ck_assert_uint_eq(program.capture.items[1].narrow, SC_NARROW_TIMES);
	check_item(2, SC_CAPTURE_BYTES, SC_CAPTURE_ENTER | SC_CAPTURE_LEAVE, 4, 4);
	ck_assert_uint_eq(program.capture.items[2].length, SC_LENGTH_POINTED);
	ck_assert_uint_eq(program.capture.items[2].value, 4);
	ck_assert_uint_eq(program.capture.items[2].length_place, 5);
	check_item(3, SC_CAPTURE_BYTES, SC_CAPTURE_LEAVE, 6, SC_PLACE_STACK);
	ck_assert_uint_eq(program.capture.items[3].size, 12);
	check_item(4, SC_CAPTURE_BYTES, SC_CAPTURE_ENTER, 7, SC_PLACE_STACK + 1);
	ck_assert_uint_eq(program.capture.items[4].size, 8);
	ck_assert_uint_eq(program.capture.items[4].narrow, SC_NARROW_LENGTH);
}
END_TEST

START_TEST(returned_strings_and_structs_in_memory_are_read_at_the_return)
{
	compile("char *f(char *const v[] [[strings]]) [[string]];", "f");
	check_item(0, SC_CAPTURE_STRINGS, SC_CAPTURE_ENTER, 0, 0);
	check_item(1, SC_CAPTURE_STRING, SC_CAPTURE_LEAVE, 255, SC_PLACE_RETURN);
	compile("struct m { long a[3]; }; struct m g(const char *s);", "g");
	check_item(0, SC_CAPTURE_STRING, SC_CAPTURE_ENTER, 0, 1);
	check_item(1, SC_CAPTURE_BYTES, SC_CAPTURE_LEAVE, 255, SC_PLACE_RETURN);
	ck_assert_uint_eq(program.capture.items[1].size, 24);
}
END_TEST

START_TEST(formats_are_followed_with_all_registers_or_a_list)
{
	compile("[[printf(format)]] int f(int fd, const char *format, ...);", "f");
	ck_assert_uint_eq(program.capture.item_count, 1);
	check_item(0, SC_CAPTURE_FORMAT, SC_CAPTURE_ENTER, 1, 1);
	ck_assert_uint_eq(program.capture.items[0].length_place, 2);
	ck_assert_uint_eq(program.capture.general, 6);
	ck_assert_uint_eq(program.capture.vector, 8);
	ck_assert_uint_gt(program.capture.stack, 15);
	compile("[[vprintf(format, ap)]] int g(const char *format, va_list ap);", "g");
	check_item(0, SC_CAPTURE_VALIST, SC_CAPTURE_ENTER, 0, 0);
	ck_assert_uint_eq(program.capture.items[0].length_place, 1);
	compile("[[printf(format)]] int w(const wchar_t *format, ...);", "w");
	ck_assert_uint_eq(program.capture.item_count, 0);
}
END_TEST

/* Which arguments are read when the words at the places are these. */
static unsigned followed(uint32_t word)
{
	const struct sc_capture *capture = &program.capture;
	unsigned read = 0;

	for (unsigned i = 0; i < capture->item_count; i++) {
		const struct sc_capture_item *item = &capture->items[i];

		if (item->kind != SC_CAPTURE_CASE)
			read |= 1u << item->argument;
		else if (item->length == SC_CASE_EQUAL ? word == item->value : (word & item->value) != 0)
			i += item->argument;
		else
			i += item->size;
	}
	return read;
}

START_TEST(exactly_one_variant_is_followed)
{
	compile("int f(int c, const char *a, ...);"
		"[[case(c == 1 || c == 2 || c == -1)]] int f(int c, void *a, const char *b);"
		"[[case(c & 64)]] int f(int c, void *a, void *b, const char *d);", "f");
	ck_assert_uint_eq(followed(0), 1 << 1);
	ck_assert_uint_eq(followed(1), 1 << 2);
	ck_assert_uint_eq(followed(2), 1 << 2);
	ck_assert_uint_eq(followed(UINT32_MAX), 1 << 2);
	ck_assert_uint_eq(followed(3), 1 << 1);
	ck_assert_uint_eq(followed(65), 1 << 3);
}
END_TEST

START_TEST(more_variants_than_fit_are_left_out_whole)
{
	char text[8192] = "int f(int c, const char *base, ...);";

	for (unsigned i = 0; i < 40; i++) {
		char one[120];

		snprintf(one, sizeof(one), "[[case(c == %u)]] int f(int c, void *a, const char *b);", 1000 + i);
		strcat(text, one);
	}
	compile(text, "f");
	ck_assert_uint_eq(followed(1000), 1 << 2);
	ck_assert_uint_eq(followed(1039), 1 << 1);
}
END_TEST

START_TEST(a_program_with_any_field_out_of_bounds_is_refused)
{
	size_t size;

	compile("int f(const char *a, const char *b);", "f");
	size = sc_capture_size(&program.capture);
	ck_assert(!sc_capture_check(&program, size - 1));
	program.capture.items[1].place = 200;
	ck_assert(!sc_capture_check(&program, size));
	program.capture.items[1].place = 0;
	program.capture.items[1].kind = SC_CAPTURE_CASE;
	program.capture.items[1].length = SC_CASE_ANY;
	ck_assert(!sc_capture_check(&program, size));
	program.capture.items[1].argument = 0;
	ck_assert(sc_capture_check(&program, size));
	program.capture.items[1].size = 1;
	ck_assert(!sc_capture_check(&program, size));
	program.capture.items[1].size = 0;
	program.capture.bytes = (struct sc_capture_measure){ .times = 1, .place_count = 1, .places = { SC_PLACE_RETURN } };
	ck_assert(!sc_capture_check(&program, size));
}
END_TEST

START_TEST(what_allocators_are_asked_for_is_a_product_of_places)
{
	struct sc_capture_measure measure;

	compile("[[bytes(n * size)]] void *f(const char *name, unsigned n, size_t size);", "f");
	measure = sc_proto_bytes(sc_protos_find(&protos, "f"));
	ck_assert_uint_eq(measure.times, 1);
	ck_assert_uint_eq(measure.place_count, 2);
	ck_assert_uint_eq(measure.places[0], 1);
	ck_assert_uint_eq(measure.places[1], 2);
	ck_assert_uint_eq(measure.narrow, 1);
	compile("void *g(size_t n);", "g");
	ck_assert_uint_eq(sc_proto_bytes(sc_protos_find(&protos, "g")).times, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proto_capture");
	TCase *test = tcase_create("programs");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(test, begin, end);
	tcase_add_test(test, without_a_prototype_six_registers_are_recorded);
	tcase_add_test(test, words_are_those_that_the_arguments_take);
	tcase_add_test(test, const_strings_and_structs_are_read_and_other_pointers_are_not);
	tcase_add_test(test, lengths_come_from_arguments_and_the_returned_value);
	tcase_add_test(test, returned_strings_and_structs_in_memory_are_read_at_the_return);
	tcase_add_test(test, formats_are_followed_with_all_registers_or_a_list);
	tcase_add_test(test, exactly_one_variant_is_followed);
	tcase_add_test(test, more_variants_than_fit_are_left_out_whole);
	tcase_add_test(test, a_program_with_any_field_out_of_bounds_is_refused);
	tcase_add_test(test, what_allocators_are_asked_for_is_a_product_of_places);
	suite_add_tcase(suite, test);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
