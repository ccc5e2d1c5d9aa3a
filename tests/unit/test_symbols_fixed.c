/* SPDX-License-Identifier: MIT */
/*
 * Linked -no-pie: the address of a library's function, taken here, is that of a PLT entry of this
 * program, and everyone must agree on it but for calls.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "modules_helper.h"

/* Constant data of a program at a fixed address: there is no slot but the PLT's. */
static pid_t (*const taken)(void) = getppid;

static const struct sc_symbols *program;
static uint32_t reference; /* to getppid, from this program */

static void begin(void)
{
	const ElfW(Rela) *slot;

	modules_open();
	program = modules_named("");
	ck_assert_uint_eq(program->module->base, 0);
	slot = slot_named(program, R_X86_64_JUMP_SLOT, "getppid", "GLIBC_2.2.5");
	ck_assert_ptr_nonnull(slot);
	reference = ELF64_R_SYM(slot->r_info);
}

START_TEST(an_address_is_the_canonical_plt_entry)
{
	struct sc_definition found;
	size_t count;
	const struct sc_symbols *const *scope = modules_scope(&count);

	ck_assert(sc_symbols_bind(program, reference, 0, scope, count, &found));
	ck_assert_ptr_eq(found.in, program);
	ck_assert_uint_eq(found.symbol->st_shndx, SHN_UNDEF);
	ck_assert_uint_eq(sc_definition_address(&found), (uintptr_t)taken);
}
END_TEST

START_TEST(a_call_goes_to_the_definition)
{
	struct sc_definition found;
	size_t count;
	const struct sc_symbols *const *scope = modules_scope(&count);

	ck_assert(sc_symbols_bind(program, reference, SC_LOOKUP_PLT, scope, count, &found));
	ck_assert_ptr_eq(found.in, modules_named("libc.so.6"));
	ck_assert_uint_ne(sc_definition_address(&found), (uintptr_t)taken);
	ck_assert_int_eq(((pid_t(*)(void))sc_definition_address(&found))(), taken());
}
END_TEST

START_TEST(looking_up_a_definition_never_finds_a_plt_entry)
{
	struct sc_definition found;

	ck_assert(!sc_symbols_find(program, "getppid", NULL, &found));
	ck_assert(!sc_symbols_find(program, "getppid", "GLIBC_2.2.5", &found));
}
END_TEST

START_TEST(every_slot_is_bound_as_ld_so_did)
{
	ck_assert_uint_eq(slots_check_all(), 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("symbols_fixed");
	SRunner *runner = srunner_create(suite);
	TCase *tests = tcase_create("fixed");
	int failed;

	(void)argc;
	modules_bind_now(argv);
	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, an_address_is_the_canonical_plt_entry);
	tcase_add_test(tests, a_call_goes_to_the_definition);
	tcase_add_test(tests, looking_up_a_definition_never_finds_a_plt_entry);
	tcase_add_test(tests, every_slot_is_bound_as_ld_so_did);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
