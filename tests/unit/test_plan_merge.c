/* SPDX-License-Identifier: MIT */
/* Plans read back from images: what several images know becomes one image. */
#include <check.h>

#include "image_fixture.h"

static struct sc_plan plan;
static struct sc_image image;

static void start(void)
{
	fixture_plan(&plan, false);
	fixture_open_image(&image, &plan);
}

static void stop(void)
{
	sc_plan_release(&plan);
}

START_TEST(a_merged_image_knows_what_both_know)
{
	struct sc_plan_target more = { .name = "ioctl", .version = "GLIBC_2.2.5", .value = 9, .kind = SC_IMAGE_FRAME };
	struct sc_plan_target read_again = { .name = "read", .version = "GLIBC_2.2.5", .kind = SC_IMAGE_FRAME };
	struct sc_plan second, both;
	struct sc_image other, merged;
	uint32_t out;

	fixture_plan(&second, false);
	ck_assert_int_eq(sc_plan_target(&second, LIBM, &more, &out), 0);
	ck_assert_int_eq(sc_plan_target(&second, LIBC, &read_again, &out), 0);
	ck_assert_int_eq(sc_plan_slot(&second, PROG, &(struct sc_plan_slot){ .offset = 0x5000, .module = LIBM }), 0);
	fixture_open_image(&other, &second);
	sc_plan_start(&both, FIXTURE_FIRST_INDEX, false);
	ck_assert_int_eq(sc_plan_merge_image(&both, &image), 0);
	ck_assert_int_eq(sc_plan_merge_image(&both, &other), 0);
	ck_assert_int_eq(sc_plan_merge_image(&both, &image), 0);
	fixture_open_image(&merged, &both);
	ck_assert_uint_eq(merged.header->stub_count, 8);
	ck_assert_uint_eq(merged.header->slot_count, 5);
	ck_assert_uint_eq(merged.header->startup_modules, 3);
	ck_assert_uint_eq(fixture_target(&merged, LIBC, 1)->kind, SC_IMAGE_FRAME);
	ck_assert_uint_eq(fixture_target(&merged, LIBC, 1)->value, 0x2000);
	ck_assert_str_eq(sc_image_string(&merged, fixture_target(&merged, LIBM, 0)->name), "ioctl");
	ck_assert_uint_eq(sc_image_slots(sc_image_plan(&merged, PROG))[3].module, LIBM);
	sc_plan_release(&second);
	sc_plan_release(&both);
}
END_TEST

START_TEST(context_slots_of_another_context_are_left_out)
{
	const struct sc_plan_slot near = { .offset = 0x100, .module = LIBC }, far = {
		.offset = 0x108, .module = LIBC, .flags = SC_IMAGE_SLOT_LAZY | SC_IMAGE_SLOT_CONTEXT
	};
	struct sc_image first, other, merged;
	struct sc_plan second, both;

	plan.modules[PROG].context = 1;
	fixture_open_image(&first, &plan);
	fixture_plan(&second, false);
	second.modules[PROG].context = 2;
	ck_assert_int_eq(sc_plan_slot(&second, PROG, &near), 0);
	ck_assert_int_eq(sc_plan_slot(&second, PROG, &far), 0);
	fixture_open_image(&other, &second);
	sc_plan_start(&both, 0, false);
	ck_assert_int_eq(sc_plan_merge_image(&both, &first), 0);
	ck_assert_int_eq(sc_plan_merge_image(&both, &other), 0);
	fixture_open_image(&merged, &both);
	ck_assert_uint_eq(sc_image_plan(&merged, PROG)->context, 1);
	ck_assert_uint_eq(sc_image_plan(&merged, PROG)->slot_count, 4);
	sc_plan_release(&second);
	sc_plan_release(&both);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_merge");
	TCase *tests = tcase_create("plan_merge");
	SRunner *runner;
	int failed;

	fixture_register();
	tcase_add_checked_fixture(tests, start, stop);
	tcase_add_test(tests, a_merged_image_knows_what_both_know);
	tcase_add_test(tests, context_slots_of_another_context_are_left_out);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
