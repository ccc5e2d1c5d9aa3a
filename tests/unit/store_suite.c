/* SPDX-License-Identifier: MIT */
/* Owns the directories and the runner of the store's unit tests. */
#include "store_suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sc_store store;
const char *base;
char user[PATH_MAX], system_layer[PATH_MAX];

static void make(void)
{
	base = fixture_make();
}

static void make_own(void)
{
	static char own[PATH_MAX];

	strcpy(own, fixture_path(base, "XXXXXX"));
	ck_assert(mkdtemp(own) && chmod(own, 0711) == 0);
	base = own;
	strcpy(user, fixture_path(base, "user"));
	strcpy(system_layer, fixture_path(base, "system"));
	ck_assert(mkdir(user, 0700) == 0 && mkdir(system_layer, 0755) == 0);
}

void open_user(void)
{
	fixture_open(&store, SC_STORE_WRITE, user, NULL);
}

enum sc_store_reason look(void)
{
	struct sc_store_file file;
	enum sc_store_reason reason;
	int error;

	open_user();
	reason = sc_store_lookup(&store, IMAGE, &file, &error);
	if (reason == SC_STORE_OK)
		close(file.fd);
	return reason;
}

int store_suite_main(const char *name, void (*add)(TCase *tests))
{
	Suite *suite = suite_create(name);
	TCase *tests = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	add(tests);
	tcase_set_timeout(tests, 120);
	/* Removed by this process: a test that gave up root could not. */
	tcase_add_unchecked_fixture(tests, make, fixture_remove);
	tcase_add_checked_fixture(tests, make_own, NULL);
	suite_add_tcase(suite, tests);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
