/* SPDX-License-Identifier: MIT */
/* The plan: what is found again, what is added, and what wins where two wishes differ. */
#include <check.h>
#include <stdio.h>

#include "engine/plan.h"

static struct sc_plan plan;

static void start(void)
{
	sc_plan_start(&plan, 0, false);
}

static void stop(void)
{
	sc_plan_release(&plan);
}

static uint32_t module(uint8_t identity, uint32_t ordinal, uint32_t flags)
{
	const uint8_t bytes[16] = { identity };
	uint32_t out = UINT32_MAX;

	ck_assert_int_eq(sc_plan_module(&plan, bytes, ordinal, "library", flags, &out), 0);
	return out;
}

static uint32_t target(uint32_t of, const char *name, const char *version, uint16_t kind, uint64_t value)
{
	struct sc_plan_target wanted = { .name = name, .version = version, .kind = kind, .value = value };
	uint32_t out = UINT32_MAX;

	ck_assert_int_eq(sc_plan_target(&plan, of, &wanted, &out), 0);
	return out;
}

START_TEST(a_module_is_known_by_identity_and_ordinal)
{
	ck_assert_uint_eq(module(1, 0, 0), 0);
	ck_assert_uint_eq(module(2, 0, 0), 1);
	ck_assert_uint_eq(module(1, 1, 0), 2);
	ck_assert_uint_eq(module(1, 0, 0), 0);
	ck_assert_uint_eq(plan.module_count, 3);
}
END_TEST

START_TEST(flags_of_a_module_add_up)
{
	module(1, 0, 0);
	module(1, 0, SC_IMAGE_MODULE_STARTUP);
	module(1, 0, 0);
	ck_assert_uint_eq(plan.modules[0].flags, SC_IMAGE_MODULE_STARTUP);
}
END_TEST

START_TEST(a_target_is_known_by_module_name_and_version)
{
	uint32_t a = module(1, 0, 0), b = module(2, 0, 0);

	ck_assert_uint_eq(target(a, "open", "V1", SC_IMAGE_TAIL, 1), 0);
	ck_assert_uint_eq(target(a, "open", "V2", SC_IMAGE_TAIL, 2), 1);
	ck_assert_uint_eq(target(a, "open", "", SC_IMAGE_TAIL, 3), 2);
	ck_assert_uint_eq(target(b, "open", "V2", SC_IMAGE_TAIL, 4), 0);
	ck_assert_uint_eq(target(a, "open", "V2", SC_IMAGE_TAIL, 5), 1);
	ck_assert_uint_eq(plan.modules[a].target_count, 3);
	ck_assert_uint_eq(plan.modules[a].targets[1].value, 2);
	ck_assert_uint_eq(sc_plan_functions(&plan), 4);
}
END_TEST

START_TEST(more_can_be_asked_of_a_target_never_less)
{
	uint32_t of = module(1, 0, 0), both;

	both = target(of, "both", "", SC_IMAGE_TAIL, 1);
	target(of, "both", "", SC_IMAGE_FRAME, 1);
	ck_assert_uint_eq(plan.modules[of].targets[both].kind, SC_IMAGE_FRAME);
	target(of, "both", "", SC_IMAGE_TAIL, 1);
	target(of, "both", "", SC_IMAGE_DIRECT, 1);
	ck_assert_uint_eq(plan.modules[of].targets[both].kind, SC_IMAGE_FRAME);
	target(of, "both", "", SC_IMAGE_HOOK, 1);
	target(of, "both", "", SC_IMAGE_FRAME, 1);
	ck_assert_uint_eq(plan.modules[of].targets[both].kind, SC_IMAGE_HOOK);
	both = target(of, "direct", "", SC_IMAGE_DIRECT, 1);
	ck_assert_uint_eq(sc_plan_functions(&plan), 1);
	target(of, "direct", "", SC_IMAGE_TAIL, 1);
	ck_assert_uint_eq(plan.modules[of].targets[both].kind, SC_IMAGE_TAIL);
}
END_TEST

START_TEST(a_wrapper_is_kept_by_whoever_asks_for_a_stub)
{
	struct sc_plan_target wanted = { .name = "f", .version = "", .kind = SC_IMAGE_DIRECT, .wrapper = 3 };
	uint32_t of = module(1, 0, 0), out;

	ck_assert_int_eq(sc_plan_target(&plan, of, &wanted, &out), 0);
	target(of, "f", "", SC_IMAGE_FRAME, 0);
	ck_assert_uint_eq(plan.modules[of].targets[out].wrapper, 3);
}
END_TEST

START_TEST(the_first_slot_of_an_offset_stays)
{
	const struct sc_plan_slot first = { .offset = 8, .target = 1 }, second = { .offset = 8, .target = 2 };
	uint32_t a = module(1, 0, 0), b = module(2, 0, 0);

	ck_assert_int_eq(sc_plan_slot(&plan, a, &first), 0);
	ck_assert_int_eq(sc_plan_slot(&plan, a, &second), 0);
	ck_assert_int_eq(sc_plan_slot(&plan, b, &second), 0);
	ck_assert_uint_eq(plan.modules[a].slot_count, 1);
	ck_assert_uint_eq(plan.modules[a].slots[0].target, 1);
	ck_assert_uint_eq(sc_plan_slots(&plan), 2);
}
END_TEST

START_TEST(many_things_are_all_found_again)
{
	enum { MODULES = 300, TARGETS = 20000 };
	char name[32];

	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t m = 0; m < MODULES; m++)
			ck_assert_uint_eq(module((uint8_t)m, m, 0), m);
		for (uint32_t t = 0; t < TARGETS; t++) {
			struct sc_plan_slot slot = { .offset = t * 8 };

			snprintf(name, sizeof(name), "f%u", t);
			ck_assert_uint_eq(target(t % MODULES, name, "V", SC_IMAGE_TAIL, t), t / MODULES);
			ck_assert_int_eq(sc_plan_slot(&plan, t % MODULES, &slot), 0);
		}
	}
	ck_assert_uint_eq(plan.module_count, MODULES);
	ck_assert_uint_eq(sc_plan_functions(&plan), TARGETS);
	ck_assert_uint_eq(sc_plan_slots(&plan), TARGETS);
}
END_TEST

START_TEST(names_are_copied)
{
	char name[] = "open";
	uint32_t of = module(1, 0, 0);

	target(of, name, "", SC_IMAGE_TAIL, 1);
	name[0] = 'x';
	ck_assert_str_eq(plan.modules[of].targets[0].name, "open");
}
END_TEST

START_TEST(a_released_plan_is_empty)
{
	module(1, 0, 0);
	sc_plan_release(&plan);
	ck_assert_uint_eq(plan.module_count, 0);
	ck_assert_uint_eq(sc_plan_functions(&plan), 0);
	sc_plan_release(&plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tests = tcase_create("plan");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, start, stop);
	tcase_add_test(tests, a_module_is_known_by_identity_and_ordinal);
	tcase_add_test(tests, flags_of_a_module_add_up);
	tcase_add_test(tests, a_target_is_known_by_module_name_and_version);
	tcase_add_test(tests, more_can_be_asked_of_a_target_never_less);
	tcase_add_test(tests, a_wrapper_is_kept_by_whoever_asks_for_a_stub);
	tcase_add_test(tests, the_first_slot_of_an_offset_stays);
	tcase_add_test(tests, many_things_are_all_found_again);
	tcase_add_test(tests, names_are_copied);
	tcase_add_test(tests, a_released_plan_is_empty);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
