/* SPDX-License-Identifier: MIT */
/*
 * The rarer rules of binding, each with a library from tests/unit/symbols that needs it: versions in
 * both kinds of hash table, references without a version, visibility, weak undefined references,
 * DT_SYMBOLIC. ld.so's own answer (the slots, and what the functions return) is always the measure.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "modules_helper.h"
#include "symbols/fixtures.h"

static const struct sc_symbols *versioned, *unversioned, *visibility, *symbolic;

static void begin(void)
{
	modules_open();
	versioned = modules_named("libversioned.so");
	unversioned = modules_named("libunversioned.so");
	visibility = modules_named("libvisibility.so");
	symbolic = modules_named("libsymbolic.so");
	ck_assert(versioned && unversioned && visibility && symbolic);
}

/* What a library's call of a name goes to: the text that the function there returns. */
static const char *answer(const struct sc_symbols *in, const char *name, const char *version)
{
	const ElfW(Rela) *slot = slot_named(in, R_X86_64_JUMP_SLOT, name, version);
	struct sc_definition found;
	uintptr_t address;

	ck_assert_msg(slot != NULL, "%s: no slot of %s@%s", in->module->name, name, version ? version : "");
	address = slot_expected(in, slot, &found);
	ck_assert_uint_ne(address, 0);
	return ((const char *(*)(void))address)();
}

START_TEST(every_slot_of_these_libraries_is_bound_as_ld_so_did)
{
	ck_assert_uint_eq(slots_check_all(), 0);
}
END_TEST

START_TEST(each_kind_of_hash_table_is_used)
{
	ck_assert_ptr_null(modules_named("libprovider_gnu.so")->sysv_hash.buckets);
	ck_assert_ptr_nonnull(modules_named("libprovider_gnu.so")->gnu_hash.buckets);
	ck_assert_ptr_nonnull(modules_named("libprovider_sysv.so")->sysv_hash.buckets);
	ck_assert_ptr_null(modules_named("libprovider_sysv.so")->gnu_hash.buckets);
}
END_TEST

START_TEST(a_versioned_reference_takes_exactly_its_version)
{
	ck_assert_str_eq(answer(versioned, _i ? "sysv_moved" : "gnu_moved", "PROVIDER_1"), versioned_moved_before(_i));
	ck_assert_str_eq(answer(versioned, _i ? "sysv_moved" : "gnu_moved", "PROVIDER_2"), versioned_moved_now(_i));
	ck_assert_str_eq(answer(versioned, _i ? "sysv_retired" : "gnu_retired", "PROVIDER_1"), versioned_retired(_i));
	ck_assert_str_eq(answer(versioned, _i ? "sysv_added" : "gnu_added", "PROVIDER_2"), versioned_added(_i));
	ck_assert_str_ne(versioned_moved_before(_i), versioned_moved_now(_i));
}
END_TEST

START_TEST(an_unversioned_reference_takes_the_oldest_version_or_the_only_default)
{
	ck_assert_str_eq(answer(unversioned, _i ? "sysv_moved" : "gnu_moved", NULL), unversioned_moved(_i));
	ck_assert_str_eq(answer(unversioned, _i ? "sysv_retired" : "gnu_retired", NULL), unversioned_retired(_i));
	ck_assert_str_eq(answer(unversioned, _i ? "sysv_added" : "gnu_added", NULL), unversioned_added(_i));
	ck_assert_str_eq(unversioned_moved(_i), "moved@PROVIDER_1");
}
END_TEST

START_TEST(dlsym_rules_take_no_hidden_version)
{
	const struct sc_symbols *provider = modules_named(_i ? "libprovider_sysv.so" : "libprovider_gnu.so");
	struct sc_definition found;

	ck_assert(sc_symbols_find(provider, _i ? "sysv_moved" : "gnu_moved", NULL, &found));
	ck_assert_str_eq(found.version, "PROVIDER_2");
	ck_assert(!sc_symbols_find(provider, _i ? "sysv_retired" : "gnu_retired", NULL, &found));
	ck_assert(sc_symbols_find(provider, _i ? "sysv_retired" : "gnu_retired", "PROVIDER_1", &found));
}
END_TEST

START_TEST(an_unversioned_definition_satisfies_any_reference_that_finds_it_first)
{
	const struct sc_symbols *scope[] = { modules_named("libinterposer.so"), visibility };
	const struct sc_symbols *program = modules_named("");
	const ElfW(Rela) *slot = slot_named(program, R_X86_64_JUMP_SLOT, "shared_name", NULL);
	struct sc_definition found;

	if (!slot)
		slot = slot_named(program, R_X86_64_GLOB_DAT, "shared_name", NULL);
	ck_assert_ptr_nonnull(slot);
	ck_assert(sc_symbols_bind(program, ELF64_R_SYM(slot->r_info), 0, scope, 2, &found));
	ck_assert_ptr_eq(found.in, scope[0]);
	ck_assert(sc_symbols_bind(program, ELF64_R_SYM(slot->r_info), 0, scope + 1, 1, &found));
	ck_assert_ptr_eq(found.in, visibility);
	ck_assert(!sc_symbols_bind(program, ELF64_R_SYM(slot->r_info), 0, scope, 0, &found));
}
END_TEST

START_TEST(an_unversioned_definition_interposes_on_a_versioned_one)
{
	const char *name = _i ? "sysv_overridden" : "gnu_overridden";
	const struct sc_symbols *interposer = modules_named("libinterposer.so");
	struct sc_definition found;

	ck_assert_ptr_nonnull(interposer->versym);
	ck_assert_str_eq(versioned_overridden(_i), "interposer");
	ck_assert_str_eq(answer(versioned, name, "PROVIDER_2"), "interposer");
	ck_assert(sc_symbols_find(interposer, name, NULL, &found));
	ck_assert(!sc_symbols_find(interposer, name, "PROVIDER_2", &found)); /* as dlvsym */
}
END_TEST

START_TEST(visibility_decides_who_may_interpose)
{
	ck_assert_str_eq(answer(visibility, "shared_name", NULL), "interposer");
	ck_assert_str_eq(visibility_call_shared(), "interposer");
	ck_assert_str_eq(visibility_call_kept(), "visibility");
	ck_assert_str_eq(visibility_call_hidden(), "visibility");
}
END_TEST

/* The linker binds protected symbols itself where it can, so the rule is asked for directly. */
static uint32_t index_of(const struct sc_symbols *in, const char *name)
{
	for (uint32_t i = 1; i < in->symbol_count; i++)
		if (strcmp(sc_symbol_name(in, &in->symtab[i]), name) == 0)
			return i;
	ck_abort_msg("%s is not in %s", name, in->module->name);
	return 0;
}

START_TEST(a_protected_symbol_is_its_own_definition)
{
	uint32_t kept = index_of(visibility, "kept_name");
	struct sc_definition found;
	size_t count;
	const struct sc_symbols *const *scope = modules_scope(&count);

	ck_assert_uint_eq(ELF64_ST_VISIBILITY(visibility->symtab[kept].st_other), STV_PROTECTED);
	for (unsigned flags = 0; flags <= SC_LOOKUP_PLT; flags++) {
		ck_assert(sc_symbols_bind(visibility, kept, flags, scope, count, &found));
		ck_assert_ptr_eq(found.in, visibility);
		ck_assert_uint_eq(found.index, kept);
		ck_assert(sc_symbols_bind(visibility, kept, flags, scope, 0, &found));
		ck_assert_ptr_eq(found.in, visibility);
	}
	ck_assert_uint_eq(sc_definition_address(&found), (uintptr_t)visibility_kept_address());
}
END_TEST

START_TEST(only_a_canonical_plt_entry_stands_for_a_protected_symbol)
{
	struct sc_symbols entry = *modules_named("libinterposer.so");
	const struct sc_symbols *scope[] = { &entry, visibility };
	uint32_t kept = index_of(visibility, "kept_name");
	ElfW(Sym) table[64];
	struct sc_definition found;

	ck_assert_uint_le(entry.symbol_count, 64);
	memcpy(table, entry.symtab, entry.symbol_count * sizeof(*table));
	entry.symtab = table;
	ck_assert(sc_symbols_bind(visibility, kept, 0, scope, 2, &found));
	ck_assert_ptr_eq(found.in, visibility);
	table[index_of(&entry, "kept_name")].st_shndx = SHN_UNDEF;
	ck_assert(sc_symbols_bind(visibility, kept, 0, scope, 2, &found));
	ck_assert_ptr_eq(found.in, &entry);
	ck_assert(sc_symbols_bind(visibility, kept, SC_LOOKUP_PLT, scope, 2, &found));
	ck_assert_ptr_eq(found.in, visibility);
}
END_TEST

/* Linkers leave no such symbol in a dynamic symbol table, but one can be made. */
START_TEST(a_hidden_or_local_symbol_is_its_own_definition_and_nobody_elses)
{
	static const struct {
		unsigned char bind, visibility;
	} kinds[] = { { STB_LOCAL, STV_DEFAULT }, { STB_GLOBAL, STV_HIDDEN }, { STB_GLOBAL, STV_INTERNAL } };
	uint32_t shared = index_of(visibility, "shared_name");
	struct sc_symbols changed = *visibility;
	const struct sc_symbols *own = &changed;
	ElfW(Sym) table[64];
	struct sc_definition found;
	size_t count;
	const struct sc_symbols *const *scope = modules_scope(&count);

	ck_assert_uint_le(changed.symbol_count, 64);
	memcpy(table, visibility->symtab, changed.symbol_count * sizeof(*table));
	changed.symtab = table;
	table[shared].st_info = ELF64_ST_INFO(kinds[_i].bind, STT_FUNC);
	table[shared].st_other = kinds[_i].visibility;
	ck_assert(sc_symbols_bind(own, shared, SC_LOOKUP_PLT, scope, count, &found));
	ck_assert_ptr_eq(found.in, own);
	ck_assert(!sc_symbols_find(own, "shared_name", NULL, &found));
	ck_assert(!sc_symbols_bind(visibility, shared, SC_LOOKUP_PLT, &own, 1, &found));
	table[shared].st_shndx = SHN_UNDEF;
	ck_assert(!sc_symbols_bind(own, shared, SC_LOOKUP_PLT, scope, count, &found));
}
END_TEST

START_TEST(a_weak_reference_to_nothing_is_not_found)
{
	const ElfW(Rela) *slot = slot_named(visibility, R_X86_64_64, "nowhere", NULL);
	struct sc_definition found;

	ck_assert_ptr_nonnull(slot);
	ck_assert_uint_eq(slot_expected(visibility, slot, &found), 0);
	ck_assert_ptr_null(found.in);
	ck_assert_uint_eq(slot_content(visibility, slot), 0);
}
END_TEST

START_TEST(a_symbolic_library_prefers_its_own_definition)
{
	uint32_t shared = index_of(visibility, "shared_name");
	struct sc_symbols own = *visibility;
	struct sc_definition found;
	size_t count;
	const struct sc_symbols *const *scope = modules_scope(&count);

	ck_assert(symbolic->symbolic);
	ck_assert(!visibility->symbolic);
	ck_assert(sc_symbols_bind(visibility, shared, SC_LOOKUP_PLT, scope, count, &found));
	ck_assert_str_eq(found.in->module->name, "libinterposer.so");
	own.symbolic = true;
	ck_assert(sc_symbols_bind(&own, shared, SC_LOOKUP_PLT, scope, count, &found));
	ck_assert_ptr_eq(found.in, &own);
}
END_TEST

static TCase *bind_tests(void)
{
	TCase *tests = tcase_create("bind");

	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, every_slot_of_these_libraries_is_bound_as_ld_so_did);
	tcase_add_test(tests, each_kind_of_hash_table_is_used);
	tcase_add_loop_test(tests, a_versioned_reference_takes_exactly_its_version, 0, 2);
	tcase_add_loop_test(tests, an_unversioned_reference_takes_the_oldest_version_or_the_only_default, 0, 2);
	tcase_add_loop_test(tests, dlsym_rules_take_no_hidden_version, 0, 2);
	tcase_add_test(tests, an_unversioned_definition_satisfies_any_reference_that_finds_it_first);
	tcase_add_loop_test(tests, an_unversioned_definition_interposes_on_a_versioned_one, 0, 2);
	tcase_add_test(tests, visibility_decides_who_may_interpose);
	tcase_add_test(tests, a_protected_symbol_is_its_own_definition);
	tcase_add_test(tests, only_a_canonical_plt_entry_stands_for_a_protected_symbol);
	tcase_add_loop_test(tests, a_hidden_or_local_symbol_is_its_own_definition_and_nobody_elses, 0, 3);
	tcase_add_test(tests, a_weak_reference_to_nothing_is_not_found);
	tcase_add_test(tests, a_symbolic_library_prefers_its_own_definition);
	return tests;
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("symbols_bind");
	SRunner *runner = srunner_create(suite);
	int failed;

	(void)argc;
	modules_bind_now(argv);
	if (strcmp(shared_name(), "interposer") != 0 || symbolic_answer() != 42 || !interposer_has_versions())
		return EXIT_FAILURE; /* not linked as the tests need it */
	suite_add_tcase(suite, bind_tests());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
