/* SPDX-License-Identifier: MIT */
/*
 * Names and versions against dlsym and dlvsym, every slot of this process against ld.so, and
 * damaged tables against nothing but the guard pages around them.
 */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "modules_helper.h"

#define DAMAGES 20000

static const struct sc_symbols *libc;
static void *libc_handle;

static void begin(void)
{
	modules_open();
	libc = modules_named("libc.so.6");
	ck_assert_ptr_nonnull(libc);
	libc_handle = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
	ck_assert_ptr_nonnull(libc_handle);
}

static bool is_public_function(const struct sc_symbols *in, uint32_t index)
{
	const ElfW(Sym) *symbol = &in->symtab[index];
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC) &&
	       ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
}

START_TEST(the_address_of_a_versioned_name_is_that_of_dlvsym)
{
	unsigned functions = 0;

	for (uint32_t i = 1; i < libc->symbol_count; i++) {
		const char *name = sc_symbol_name(libc, &libc->symtab[i]);
		const char *version = sc_symbol_version(libc, i, NULL);
		struct sc_definition found;

		if (!version || !is_public_function(libc, i))
			continue;
		ck_assert_msg(sc_symbols_find(libc, name, version, &found), "%s@%s", name, version);
		ck_assert_uint_eq(found.index, i);
		ck_assert_str_eq(found.version, version);
		ck_assert_msg(definition_target(&found) == (uintptr_t)dlvsym(libc_handle, name, version), "%s@%s",
			      name, version);
		functions++;
	}
	ck_assert_uint_gt(functions, 2000);
}
END_TEST

START_TEST(the_address_of_a_plain_name_is_that_of_dlsym)
{
	for (uint32_t i = 1; i < libc->symbol_count; i++) {
		const char *name = sc_symbol_name(libc, &libc->symtab[i]);
		uintptr_t address = (uintptr_t)dlsym(libc_handle, name);
		struct sc_definition found;
		Dl_info info;

		if (!is_public_function(libc, i))
			continue;
		if (sc_symbols_find(libc, name, NULL, &found))
			ck_assert_msg(definition_target(&found) == address, "%s", name);
		else if (dladdr((void *)address, &info))
			ck_assert_msg(info.dli_fbase != (void *)libc->module->base, "%s", name);
	}
}
END_TEST

START_TEST(two_versions_of_a_name_are_two_functions)
{
	static const char *const names[][3] = {
		{ "pthread_cond_init", "GLIBC_2.2.5", "GLIBC_2.3.2" },
		{ "memcpy", "GLIBC_2.2.5", "GLIBC_2.14" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct sc_definition before, now, plain;

		ck_assert(sc_symbols_find(libc, names[i][0], names[i][1], &before));
		ck_assert(sc_symbols_find(libc, names[i][0], names[i][2], &now));
		ck_assert(sc_symbols_find(libc, names[i][0], NULL, &plain));
		ck_assert_ptr_ne(before.symbol, now.symbol);
		ck_assert_ptr_eq(plain.symbol, now.symbol);
		ck_assert_str_eq(plain.version, names[i][2]);
	}
}
END_TEST

START_TEST(what_is_not_defined_is_not_found)
{
	struct sc_definition found = { NULL, NULL, 77, NULL };

	ck_assert(!sc_symbols_find(libc, "no_such_function", NULL, &found));
	ck_assert(!sc_symbols_find(libc, "", NULL, &found));
	ck_assert(!sc_symbols_find(libc, "memcpy", "GLIBC_2.3", &found));
	ck_assert(!sc_symbols_find(libc, "_rtld_global", NULL, &found)); /* libc only refers to it */
	ck_assert(!sc_symbols_bind(libc, 0, 0, &libc, 1, &found));
	ck_assert(!sc_symbols_bind(libc, libc->symbol_count, 0, &libc, 1, &found));
	ck_assert_uint_eq(found.index, 77);
}
END_TEST

START_TEST(the_dynamic_section_says_how_a_module_is_bound)
{
	const struct sc_symbols *program = modules_named("");

	ck_assert(program->bind_now);
	ck_assert(!program->symbolic);
	ck_assert(!program->has_textrel);
	ck_assert_str_eq(libc->soname, "libc.so.6");
	ck_assert_uint_eq(libc->needed_count, 1);
	ck_assert_str_eq(libc->needed[0], "ld-linux-x86-64.so.2");
}
END_TEST

START_TEST(relative_relocations_come_first_and_are_counted)
{
	size_t count, relative = 0;
	const struct sc_symbols *const *scope = modules_scope(&count);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < scope[i]->rela_relative; j++)
			ck_assert_uint_eq(ELF64_R_TYPE(scope[i]->rela[j].r_info), R_X86_64_RELATIVE);
		relative += scope[i]->rela_relative;
	}
	ck_assert_uint_gt(relative, 0);
}
END_TEST

START_TEST(a_reference_names_the_library_it_takes_its_version_from)
{
	const struct sc_symbols *program = modules_named("");
	const ElfW(Rela) *slot = slot_named(program, R_X86_64_GLOB_DAT, "pthread_cond_init", "GLIBC_2.3.2");

	if (!slot)
		slot = slot_named(program, R_X86_64_JUMP_SLOT, "pthread_cond_init", "GLIBC_2.3.2");
	ck_assert_ptr_nonnull(slot);
	ck_assert_str_eq(program->version_files[program->versym[ELF64_R_SYM(slot->r_info)] & 0x7fff], "libc.so.6");
}
END_TEST

START_TEST(every_slot_of_every_module_is_bound_as_ld_so_did)
{
	ck_assert_uint_eq(slots_check_all(), 0);
}
END_TEST

START_TEST(the_vdso_is_read_although_nobody_relocated_it)
{
	const struct sc_symbols *vdso = modules_named("linux-vdso.so.1");
	struct sc_definition found;

	if (!vdso)
		return; /* some kernels and sandboxes have none */
	ck_assert(sc_symbols_find(vdso, "__vdso_gettimeofday", "LINUX_2.6", &found));
	ck_assert(!sc_symbols_find(vdso, "__vdso_gettimeofday", "LINUX_2.5", &found));
}
END_TEST

/* A library as it is in its file, with no access beyond each segment's last page. */
struct copy {
	struct sc_module module;
	ElfW(Phdr) phdr[16];
	unsigned char *file;
	size_t file_size;
	unsigned char *tables; /* the first segment: symbols, hash, versions, relocations */
	size_t tables_size;
};

static void copy_segment(struct copy *copy, const ElfW(Phdr) *segment)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = copy->module.base + segment->p_vaddr;
	uintptr_t first = start & ~(page - 1);

	if (segment->p_type == PT_DYNAMIC)
		copy->module.dynamic = (const ElfW(Dyn) *)start;
	if (segment->p_type != PT_LOAD)
		return;
	ck_assert_int_eq(mprotect((void *)first, start + segment->p_memsz - first, PROT_READ | PROT_WRITE), 0);
	memcpy((void *)start, copy->file + segment->p_offset, segment->p_filesz);
	copy->module.end = start + segment->p_memsz;
	if (!copy->tables) {
		copy->tables = (unsigned char *)start;
		copy->tables_size = segment->p_filesz;
	}
}

static void copy_open(struct copy *copy, const char *path)
{
	const size_t most = 64 << 20;
	const ElfW(Ehdr) *header;
	int fd = open(path, O_RDONLY);

	memset(copy, 0, sizeof(*copy));
	ck_assert_int_ge(fd, 0);
	copy->file_size = (size_t)lseek(fd, 0, SEEK_END);
	copy->file = mmap(NULL, copy->file_size, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_ne(copy->file, MAP_FAILED);
	close(fd);
	header = (const ElfW(Ehdr) *)copy->file;
	ck_assert_uint_le(header->e_phnum, 16);
	memcpy(copy->phdr, copy->file + header->e_phoff, header->e_phnum * sizeof(*copy->phdr));
	copy->module.start = (uintptr_t)mmap(NULL, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_uint_ne(copy->module.start, (uintptr_t)MAP_FAILED);
	copy->module.base = copy->module.start;
	copy->module.phdr = copy->phdr;
	copy->module.phnum = header->e_phnum;
	for (unsigned i = 0; i < header->e_phnum; i++)
		copy_segment(copy, &copy->phdr[i]);
}

static void use_everything(const struct sc_symbols *in)
{
	struct sc_definition found;

	for (size_t i = 0; i < in->rela_count; i++)
		sc_symbols_bind(in, ELF64_R_SYM(in->rela[i].r_info), 0, &in, 1, &found);
	for (size_t i = 0; i < in->jmprel_count; i++)
		sc_symbols_bind(in, ELF64_R_SYM(in->jmprel[i].r_info), SC_LOOKUP_PLT, &in, 1, &found);
	for (uint32_t i = 0; i < in->symbol_count && i < 64; i++)
		sc_symbols_find(in, sc_symbol_name(in, &in->symtab[i]), sc_symbol_version(in, i, NULL), &found);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void damage(struct copy *copy, uint64_t *random)
{
	size_t dynamic_size = 32 * sizeof(ElfW(Dyn));
	unsigned char *dynamic = (unsigned char *)copy->module.dynamic;

	if (next_random(random) % 4 == 0)
		dynamic[next_random(random) % dynamic_size] = (unsigned char)next_random(random);
	else
		copy->tables[next_random(random) % copy->tables_size] = (unsigned char)next_random(random);
}

START_TEST(damaged_tables_are_refused_or_read_without_leaving_the_module)
{
	static const char *const libraries[] = {
		SYMBOLS_LIBDIR "/libprovider_gnu.so",
		SYMBOLS_LIBDIR "/libprovider_sysv.so",
	};
	uint64_t random = 88172645463325252u;
	unsigned refused = 0, read = 0;
	struct copy copy;

	copy_open(&copy, libraries[_i]);
	for (unsigned i = 0; i < DAMAGES; i++) {
		struct sc_arena arena = { NULL };
		struct sc_symbols in;

		for (unsigned j = 0; j < copy.module.phnum; j++)
			copy_segment(&copy, &copy.phdr[j]);
		for (unsigned j = i % 4; i && j < 4; j++)
			damage(&copy, &random);
		if (sc_symbols_open(&in, &copy.module, &arena) == 0) {
			use_everything(&in);
			read++;
		} else {
			ck_assert_uint_ne(i, 0); /* the undamaged one */
			refused++;
		}
		sc_arena_release(&arena);
	}
	ck_assert_uint_gt(refused, DAMAGES / 100);
	ck_assert_uint_gt(read, DAMAGES / 100);
}
END_TEST

START_TEST(a_module_without_symbols_is_told_apart_from_a_damaged_one)
{
	static const ElfW(Dyn) empty[] = { { .d_tag = DT_NULL } };
	const ElfW(Phdr) segment = { .p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = sizeof(empty) };
	struct sc_module module = { .base = (uintptr_t)empty, .start = (uintptr_t)empty, .phdr = &segment, .phnum = 1 };
	struct sc_arena arena = { NULL };
	struct sc_symbols in;

	module.end = module.start + sizeof(empty);
	ck_assert_int_eq(sc_symbols_open(&in, &module, &arena), -ENOENT);
	module.dynamic = empty;
	ck_assert_int_eq(sc_symbols_open(&in, &module, &arena), -ENOENT);
	module.phnum = 0; /* now its end is not to be seen */
	ck_assert_int_eq(sc_symbols_open(&in, &module, &arena), -EINVAL);
}
END_TEST

static TCase *name_tests(void)
{
	TCase *tests = tcase_create("names");

	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, the_address_of_a_versioned_name_is_that_of_dlvsym);
	tcase_add_test(tests, the_address_of_a_plain_name_is_that_of_dlsym);
	tcase_add_test(tests, two_versions_of_a_name_are_two_functions);
	tcase_add_test(tests, what_is_not_defined_is_not_found);
	return tests;
}

static TCase *module_tests(void)
{
	TCase *tests = tcase_create("modules");

	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, the_dynamic_section_says_how_a_module_is_bound);
	tcase_add_test(tests, relative_relocations_come_first_and_are_counted);
	tcase_add_test(tests, a_reference_names_the_library_it_takes_its_version_from);
	tcase_add_test(tests, every_slot_of_every_module_is_bound_as_ld_so_did);
	tcase_add_test(tests, the_vdso_is_read_although_nobody_relocated_it);
	return tests;
}

static TCase *damage_tests(void)
{
	TCase *tests = tcase_create("damage");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, damaged_tables_are_refused_or_read_without_leaving_the_module, 0, 2);
	tcase_add_test(tests, a_module_without_symbols_is_told_apart_from_a_damaged_one);
	return tests;
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("symbols");
	SRunner *runner = srunner_create(suite);
	pthread_cond_t condition;
	int failed;

	(void)argc;
	modules_bind_now(argv);
	pthread_cond_init(&condition, NULL); /* a reference to one of the two functions of that name */
	suite_add_tcase(suite, name_tests());
	suite_add_tcase(suite, module_tests());
	suite_add_tcase(suite, damage_tests());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
