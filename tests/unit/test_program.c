/* SPDX-License-Identifier: MIT */
/* What is said of programs before they are executed: of real ones, of files that only look like some, and of names. */
#include <check.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/program.h"

static char directory[64];

static void setup(void)
{
	strcpy(directory, "/tmp/stubcache-program-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
}

static void teardown(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(system(command), 0);
}

static void put(const char *name, const void *data, size_t size, mode_t mode)
{
	FILE *file = fopen(name, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(name, mode), 0);
}

static enum sc_unobserved look(const char *path)
{
	return sc_program_look(AT_FDCWD, path, 0);
}

/* The smallest file that has an interpreter. */
struct program {
	ElfW(Ehdr) elf;
	ElfW(Phdr) header;
	char interpreter[64];
};

static struct program with_interpreter(const char *interpreter)
{
	struct program program = {
		.elf = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB }, .e_type = ET_DYN,
			 .e_machine = EM_X86_64, .e_phoff = offsetof(struct program, header),
			 .e_phentsize = sizeof(ElfW(Phdr)), .e_phnum = 1 },
		.header = { .p_type = PT_INTERP, .p_offset = offsetof(struct program, interpreter),
			    .p_filesz = sizeof(program.interpreter) },
	};

	strcpy(program.interpreter, interpreter);
	return program;
}

START_TEST(its_loader_says_what_a_program_is)
{
	struct program program = with_interpreter("/lib64/ld-linux-x86-64.so.2");

	put("usual", &program, sizeof(program), 0755);
	ck_assert_int_eq(look("usual"), SC_OBSERVED);
	program = with_interpreter("/another/root/ld-linux-x86-64.so.2");
	put("elsewhere", &program, sizeof(program), 0755);
	ck_assert_int_eq(look("elsewhere"), SC_OBSERVED);
	program = with_interpreter("/lib/ld-musl-x86_64.so.1");
	put("musl", &program, sizeof(program), 0755);
	ck_assert_int_eq(look("musl"), SC_UNOBSERVED_LOADER);
	ck_assert_int_eq(symlink("/lib64/ld-linux-x86-64.so.2", "linked"), 0);
	program = with_interpreter("linked");
	put("standard", &program, sizeof(program), 0755);
	ck_assert_int_eq(look("standard"), SC_OBSERVED);
	program.elf.e_machine = EM_AARCH64;
	put("arm", &program, sizeof(program), 0755);
	ck_assert_int_eq(look("arm"), SC_UNOBSERVED_MACHINE);
	program.header.p_type = PT_LOAD;
	program.elf.e_machine = EM_X86_64;
	put("static", &program, sizeof(program), 0755);
	ck_assert_int_eq(look("static"), SC_UNOBSERVED_STATIC);
	/* The loader itself takes preloads for the program that is its argument. */
	ck_assert_int_eq(look("/lib64/ld-linux-x86-64.so.2"), SC_OBSERVED);
	ck_assert_int_eq(look("linked"), SC_OBSERVED);
	ck_assert_int_eq(look("/proc/self/exe"), SC_OBSERVED);
}
END_TEST

START_TEST(a_script_is_its_interpreter)
{
	static const char *const lines[] = { "#!./musl\n", "#! \t./musl -x y\n", "#!./script0\n", "#!./musl" };
	struct program program = with_interpreter("/lib/ld-musl-x86_64.so.1");
	char name[] = "script0";

	put("musl", &program, sizeof(program), 0755);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		name[6] = (char)('0' + i);
		put(name, lines[i], strlen(lines[i]), 0755);
		ck_assert_int_eq(look(name), SC_UNOBSERVED_LOADER);
	}
	put("circle", "#!./circle\n", 11, 0755);
	ck_assert_int_eq(look("circle"), SC_OBSERVED);
	put("empty", "#!\n", 3, 0755);
	ck_assert_int_eq(look("empty"), SC_OBSERVED);
	put("endless", "#!/bin/sh", 9, 0755);
	ck_assert_int_eq(look("endless"), SC_OBSERVED);
}
END_TEST

START_TEST(what_is_no_program_is_left_to_the_kernel)
{
	struct program program = with_interpreter("/lib/ld-musl-x86_64.so.1"), broken;

	ck_assert_int_eq(look("absent"), SC_OBSERVED);
	ck_assert_int_eq(look("."), SC_OBSERVED);
	ck_assert_int_eq(look(""), SC_OBSERVED);
	ck_assert_int_eq(mkfifo("pipe", 0755), 0); /* not opened: that would wait for a writer */
	ck_assert_int_eq(look("pipe"), SC_OBSERVED);
	for (size_t size = 0; size < sizeof(program); size++) {
		put("cut", &program, size, 0755);
		ck_assert_int_eq(look("cut"), SC_OBSERVED);
	}
	broken = program;
	broken.elf.e_phoff = UINT64_MAX - 8;
	put("far", &broken, sizeof(broken), 0755);
	ck_assert_int_eq(look("far"), SC_OBSERVED);
	broken = program;
	broken.header.p_offset = INT64_MAX;
	put("farther", &broken, sizeof(broken), 0755);
	ck_assert_int_eq(look("farther"), SC_OBSERVED);
	broken = program;
	broken.elf.e_phentsize = 1;
	put("small", &broken, sizeof(broken), 0755);
	ck_assert_int_eq(look("small"), SC_OBSERVED);
	broken = program;
	broken.header.p_type = PT_DYNAMIC;
	broken.header.p_filesz = UINT64_MAX;
	put("long", &broken, sizeof(broken), 0755);
	ck_assert_int_eq(look("long"), SC_UNOBSERVED_LOADER);
}
END_TEST

START_TEST(a_descriptor_is_looked_at_like_a_path)
{
	struct program program = with_interpreter("/lib/ld-musl-x86_64.so.1");
	int fd;

	put("musl", &program, sizeof(program), 0755);
	fd = open("musl", O_PATH | O_CLOEXEC);
	ck_assert_int_eq(sc_program_look(fd, "", AT_EMPTY_PATH), SC_UNOBSERVED_LOADER);
	close(fd);
	fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(sc_program_look(fd, "musl", 0), SC_UNOBSERVED_LOADER);
	ck_assert_int_eq(sc_program_look(-1, "", AT_EMPTY_PATH), SC_OBSERVED);
	close(fd);
}
END_TEST

static void keep(void *context, const char *path)
{
	strcpy(context, path);
}

static const char *found(const char *file, const char *search)
{
	static char path[4096];

	path[0] = 0;
	sc_program_find(file, search, keep, path);
	return path;
}

START_TEST(a_name_is_found_where_execvp_finds_it)
{
	ck_assert_int_eq(mkdir("first", 0755), 0);
	ck_assert_int_eq(mkdir("second", 0755), 0);
	ck_assert_int_eq(mkdir("first/program", 0755), 0);
	put("first/data", "", 0, 0644);
	put("second/program", "", 0, 0755);
	put("second/data", "", 0, 0755);
	put("here", "", 0, 0755);
	ck_assert_str_eq(found("program", "none:first:second"), "second/program");
	ck_assert_str_eq(found("data", "first:second"), "second/data");
	ck_assert_str_eq(found("here", "first::second"), "here");
	ck_assert_str_eq(found("here", "first:"), "here");
	ck_assert_str_eq(found("./here", "first"), "./here");
	ck_assert_str_eq(found("a/b", NULL), "a/b");
	ck_assert_str_eq(found("absent", "first:second"), "");
	ck_assert_str_eq(found("", "first:second"), "");
	ck_assert_str_eq(found("sh", NULL), "/bin/sh");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("program");
	TCase *test = tcase_create("program");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(test, setup, teardown);
	tcase_add_test(test, its_loader_says_what_a_program_is);
	tcase_add_test(test, a_script_is_its_interpreter);
	tcase_add_test(test, what_is_no_program_is_left_to_the_kernel);
	tcase_add_test(test, a_descriptor_is_looked_at_like_a_path);
	tcase_add_test(test, a_name_is_found_where_execvp_finds_it);
	suite_add_tcase(suite, test);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
