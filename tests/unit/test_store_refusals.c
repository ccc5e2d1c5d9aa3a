/* SPDX-License-Identifier: MIT */
/* Every objection to a directory or a file, each on a real one where this user can make it. */
#include "store_suite.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/store_internal.h"

START_TEST(a_directory_that_others_may_write_is_refused_sticky_or_not)
{
	static const mode_t modes[] = { 0770, 0720, 0702, 0777, 01777, 01770 };

	fixture_write(fixture_path(user, IMAGE), 'u');
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		ck_assert_int_eq(chmod(user, modes[i]), 0);
		assert_reason(look(), SC_STORE_DIRECTORY_WRITABLE);
	}
	ck_assert_int_eq(chmod(user, 0755), 0);
	assert_reason(look(), SC_STORE_OK);
}
END_TEST

START_TEST(a_link_or_a_file_is_no_directory)
{
	fixture_write(fixture_path(user, IMAGE), 'u');
	ck_assert_int_eq(symlink(user, fixture_path(base, "link")), 0);
	strcpy(user, fixture_path(base, "link"));
	assert_reason(look(), SC_STORE_NOT_DIRECTORY);
	strcpy(user, fixture_path(base, "link//"));
	assert_reason(look(), SC_STORE_NOT_DIRECTORY);
	strcpy(user, fixture_path(base, "user/" IMAGE));
	assert_reason(look(), SC_STORE_NOT_DIRECTORY);
}
END_TEST

START_TEST(a_symlink_is_refused_even_to_a_good_file)
{
	fixture_write(fixture_path(user, "good.so"), 'u');
	ck_assert_int_eq(symlink("good.so", fixture_path(user, IMAGE)), 0);
	assert_reason(look(), SC_STORE_NOT_REGULAR);
	ck_assert_int_eq(unlink(fixture_path(user, "good.so")), 0);
	assert_reason(look(), SC_STORE_NOT_REGULAR);
}
END_TEST

START_TEST(a_fifo_is_refused_without_waiting)
{
	ck_assert_int_eq(mkfifo(fixture_path(user, IMAGE), 0600), 0);
	assert_reason(look(), SC_STORE_NOT_REGULAR);
}
END_TEST

START_TEST(a_socket_and_a_directory_are_refused)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = IMAGE };

	ck_assert_int_eq(chdir(user), 0);
	ck_assert_int_eq(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(chmod(IMAGE, 0600), 0);
	assert_reason(look(), SC_STORE_NOT_REGULAR);
	ck_assert_int_eq(unlink(IMAGE), 0);
	ck_assert_int_eq(mkdir(IMAGE, 0700), 0);
	assert_reason(look(), SC_STORE_NOT_REGULAR);
}
END_TEST

START_TEST(a_device_is_refused)
{
	/* Only root may make one, and not in every container. */
	if (mknod(fixture_path(user, IMAGE), S_IFCHR | 0600, makedev(1, 3)) == 0)
		assert_reason(look(), SC_STORE_NOT_REGULAR);
}
END_TEST

START_TEST(a_file_that_others_may_write_is_refused)
{
	fixture_write(fixture_path(user, IMAGE), 'u');
	ck_assert_int_eq(chmod(fixture_path(user, IMAGE), 0464), 0);
	assert_reason(look(), SC_STORE_WRITABLE);
	ck_assert_int_eq(chmod(fixture_path(user, IMAGE), 0446), 0);
	assert_reason(look(), SC_STORE_WRITABLE);
	ck_assert_int_eq(chmod(fixture_path(user, IMAGE), 0600), 0);
	assert_reason(look(), SC_STORE_OK);
}
END_TEST

START_TEST(a_file_of_absurd_size_is_refused)
{
	const char *path = fixture_path(user, IMAGE);

	fixture_write(path, 'u');
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_int_eq(truncate(path, SC_STORE_FILE_LEAST - 1), 0);
	assert_reason(look(), SC_STORE_SIZE);
	ck_assert_int_eq(truncate(path, (off_t)SC_STORE_FILE_LEAST), 0);
	assert_reason(look(), SC_STORE_OK);
	ck_assert_int_eq(truncate(path, (off_t)SC_STORE_FILE_MOST), 0);
	assert_reason(look(), SC_STORE_OK);
	ck_assert_int_eq(truncate(path, (off_t)SC_STORE_FILE_MOST + 1), 0);
	assert_reason(look(), SC_STORE_SIZE);
	ck_assert_int_eq(truncate(path, 0), 0);
	assert_reason(look(), SC_STORE_SIZE);
}
END_TEST

START_TEST(a_hard_link_counts_by_its_owner)
{
	fixture_write(fixture_path(base, "elsewhere"), 'u');
	ck_assert_int_eq(link(fixture_path(base, "elsewhere"), fixture_path(user, IMAGE)), 0);
	assert_reason(look(), SC_STORE_OK);
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chown(fixture_path(base, "elsewhere"), STRANGER, STRANGER), 0);
	assert_reason(look(), SC_STORE_OWNER);
}
END_TEST

START_TEST(what_another_user_owns_is_refused)
{
	fixture_write(fixture_path(user, IMAGE), 'u');
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(fixture_path(user, IMAGE), STRANGER, STRANGER), 0);
		assert_reason(look(), SC_STORE_OWNER);
		ck_assert_int_eq(chown(user, STRANGER, STRANGER), 0);
	}
	/* To somebody else, this user is another. */
	open_user();
	store.euid = STRANGER + 1;
	assert_reason(sc_store_lookup(&store, IMAGE, &(struct sc_store_file){ 0 }, &(int){ 0 }),
		      SC_STORE_DIRECTORY_OWNER);
}
END_TEST

START_TEST(a_user_believes_root_and_not_a_third_party)
{
	if (geteuid() != 0)
		return;
	fixture_write(fixture_path(user, IMAGE), 'u');
	ck_assert_int_eq(chmod(user, 0711), 0);
	ck_assert_int_eq(mkdir(fixture_path(base, "dropped"), 0711), 0);
	fixture_write(fixture_path(user, "private.so"), 'p');
	ck_assert_int_eq(chmod(fixture_path(user, "private.so"), 0400), 0);
	ck_assert_int_eq(chown(fixture_path(user, "private.so"), STRANGER, STRANGER), 0);
	if (!fixture_drop_root(fixture_path(base, "dropped")))
		return;
	assert_reason(look(), SC_STORE_OK);
	assert_reason(sc_store_lookup(&store, "private.so", &(struct sc_store_file){ 0 }, &(int){ 0 }), SC_STORE_OWNER);
}
END_TEST

START_TEST(objections_to_a_file_come_in_order)
{
	struct stat st = { .st_mode = S_IFIFO | 0666, .st_uid = STRANGER };

	fixture_open(&store, SC_STORE_READ, user, NULL);
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_NOT_REGULAR);
	st.st_mode = S_IFREG | 0666;
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_OWNER);
	st.st_uid = geteuid();
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_WRITABLE);
	st.st_mode = S_IFREG | 0644;
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_SIZE);
	st.st_size = 4096;
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_OK);
	st.st_uid = 0;
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_OK);
	st.st_size = -1;
	assert_reason(sc_store_check_file(&store, &st), SC_STORE_SIZE);
}
END_TEST

START_TEST(any_other_failure_is_an_error_with_its_number)
{
	struct sc_store_file file;
	char longest[300];
	int error = 0;

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	fixture_open(&store, SC_STORE_READ, user, NULL);
	assert_reason(sc_store_lookup(&store, longest, &file, &error), SC_STORE_ERROR);
	ck_assert_int_eq(error, ENAMETOOLONG);
	fixture_write(fixture_path(user, IMAGE), 'u');
	fixture_fail(SYS_openat, EMFILE);
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_ERROR);
	ck_assert_int_eq(error, EMFILE);
}
END_TEST

START_TEST(a_refusal_leaves_the_outputs_alone)
{
	struct sc_store_file file, before;
	int error = 4711;

	memset(&file, 0x5a, sizeof(file));
	before = file;
	ck_assert_int_eq(mkfifo(fixture_path(user, IMAGE), 0600), 0);
	open_user();
	assert_reason(sc_store_lookup(&store, IMAGE, &file, &error), SC_STORE_NOT_REGULAR);
	ck_assert_int_eq(memcmp(&file, &before, sizeof(file)), 0);
	ck_assert_int_eq(error, 4711);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, a_directory_that_others_may_write_is_refused_sticky_or_not);
	tcase_add_test(tests, a_link_or_a_file_is_no_directory);
	tcase_add_test(tests, a_symlink_is_refused_even_to_a_good_file);
	tcase_add_test(tests, a_fifo_is_refused_without_waiting);
	tcase_add_test(tests, a_socket_and_a_directory_are_refused);
	tcase_add_test(tests, a_device_is_refused);
	tcase_add_test(tests, a_file_that_others_may_write_is_refused);
	tcase_add_test(tests, a_file_of_absurd_size_is_refused);
	tcase_add_test(tests, a_hard_link_counts_by_its_owner);
	tcase_add_test(tests, what_another_user_owns_is_refused);
	tcase_add_test(tests, a_user_believes_root_and_not_a_third_party);
	tcase_add_test(tests, objections_to_a_file_come_in_order);
	tcase_add_test(tests, any_other_failure_is_an_error_with_its_number);
	tcase_add_test(tests, a_refusal_leaves_the_outputs_alone);
}

int main(void)
{
	return store_suite_main("store refusals", add);
}
