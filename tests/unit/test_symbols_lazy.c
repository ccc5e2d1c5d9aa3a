/* SPDX-License-Identifier: MIT */
/* Linked -z lazy: slots that are not bound yet, and become what was foretold when they are called. */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "modules_helper.h"

START_TEST(a_slot_that_is_bound_at_the_first_call_gets_what_binding_finds)
{
	const struct sc_symbols *program;
	struct sc_definition found;
	const ElfW(Rela) *slot;
	uintptr_t expected;

	modules_open();
	program = modules_named("");
	ck_assert(!program->bind_now);
	slot = slot_named(program, R_X86_64_JUMP_SLOT, "getppid", "GLIBC_2.2.5");
	ck_assert_ptr_nonnull(slot);
	expected = slot_expected(program, slot, &found);
	if (!getenv("LD_BIND_NOW"))
		ck_assert_uint_ne(slot_content(program, slot), expected);
	ck_assert_int_gt(getppid(), 0);
	ck_assert_uint_eq(slot_content(program, slot), expected);
}
END_TEST

START_TEST(every_slot_is_unbound_or_bound_as_ld_so_did)
{
	modules_open();
	if (!getenv("LD_BIND_NOW"))
		ck_assert_uint_gt(slots_check_all(), 0);
	else
		ck_assert_uint_eq(slots_check_all(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbols_lazy");
	SRunner *runner = srunner_create(suite);
	TCase *tests = tcase_create("lazy");
	int failed;

	tcase_add_test(tests, a_slot_that_is_bound_at_the_first_call_gets_what_binding_finds);
	tcase_add_test(tests, every_slot_is_unbound_or_bound_as_ld_so_did);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
