/* SPDX-License-Identifier: MIT */
/* How functions fail, by their names: those whose manual pages say so, and forms of their names. */
#include <check.h>

#include "preload/hook_returns.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static void check(const char *const *names, size_t count, enum sc_hook_returns returns)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(sc_hook_returns(names[i]) == returns, "%s: %d", names[i], sc_hook_returns(names[i]));
}

START_TEST(most_return_minus_one)
{
	static const char *const names[] = { "open", "read", "mmap", "mmap64", "signal", "fclose", "fputs", "fprintf",
					     "getaddrinfo", "posix_openpt", "strace_of_nothing", "sem_wait", "getpid",
					     "fgetc", "getchar", "dup2", "shmat", "" };

	check(names, COUNT_OF(names), SC_RETURNS_MINUS_ONE);
}
END_TEST

START_TEST(pointers_and_item_counts_are_zero)
{
	static const char *const names[] = { "malloc", "calloc", "strdup", "__strdup", "fopen", "fopen64", "opendir",
					     "fdopendir", "readdir64", "getcwd", "__getcwd_chk", "realpath", "fread",
					     "__fread_chk", "fwrite_unlocked", "fgets", "getenv", "sem_open", "getpwnam",
					     "localtime_r", "_Znwm", "_ZnwmRKSt9nothrow_t", "pthread_getspecific" };

	check(names, COUNT_OF(names), SC_RETURNS_ZERO);
}
END_TEST

START_TEST(some_return_the_error_itself)
{
	static const char *const names[] = { "pthread_create", "pthread_mutex_lock", "posix_memalign", "posix_spawnp",
					     "clock_nanosleep", "getpwnam_r", "readdir64_r", "sigwait" };

	check(names, COUNT_OF(names), SC_RETURNS_ERROR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hook_returns");
	TCase *tests = tcase_create("hook_returns");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, most_return_minus_one);
	tcase_add_test(tests, pointers_and_item_counts_are_zero);
	tcase_add_test(tests, some_return_the_error_itself);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
