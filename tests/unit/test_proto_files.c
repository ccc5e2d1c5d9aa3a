/* SPDX-License-Identifier: MIT */
/*
 * The prototypes that are installed: all of them can be read, their types have the sizes and places that the compiler
 * gives them, constants have the headers' values, and what the preload's table of error conventions knows, they know.
 */
#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <termios.h>
#include <time.h>

#include "cmd/proto_files.h"
#include "common/glob.h"
#include "preload/hook_returns.h"

static struct sc_arena arena;
static struct sc_protos protos = { .arena = &arena };

static int is_header(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".h");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

START_TEST(all_files_can_be_read)
{
	struct dirent **entries;
	int count = scandir(PROTOTYPES, &entries, is_header, by_name);

	ck_assert_int_gt(count, 5);
	for (int i = 0; i < count; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", PROTOTYPES, entries[i]->d_name);
		ck_assert_msg(sc_protos_load_file(&protos, path) == 0, "%s", path);
		free(entries[i]);
	}
	free(entries);
}
END_TEST

static const struct sc_type *real_type(const char *name)
{
	const struct sc_type *type = sc_protos_type(&protos, name);

	ck_assert_msg(type != NULL, "%s is not declared", name);
	return sc_type_real(type);
}

static void check_member(const char *name, const char *member, size_t offset, size_t size)
{
	const struct sc_type *type = real_type(name);

	for (uint32_t i = 0; i < type->count; i++) {
		const struct sc_member *found = &type->members[i];

		if (!found->name || strcmp(found->name, member))
			continue;
		ck_assert_msg(found->offset == offset, "%s.%s is at %zu, not %zu", name, member, (size_t)found->offset, offset);
		ck_assert_msg(found->type->size == size || sc_type_real(found->type)->size == size, "%s.%s", name, member);
		return;
	}
	ck_abort_msg("%s has no %s", name, member);
}

#define CHECK(type, member)                                                                               \
	do {                                                                                              \
		ck_assert_msg(real_type(#type)->size == sizeof(type), "size of " #type);                  \
		ck_assert_msg(real_type(#type)->align == _Alignof(type), "alignment of " #type);          \
		check_member(#type, #member, offsetof(type, member), sizeof(((type *)NULL)->member));     \
	} while (0)

START_TEST(types_are_laid_out_as_the_compiler_does)
{
	CHECK(struct stat, st_ctim);
	CHECK(struct stat64, st_mode);
	CHECK(struct epoll_event, data);
	CHECK(struct pollfd, revents);
	CHECK(struct flock, l_pid);
	CHECK(struct addrinfo, ai_next);
	CHECK(struct msghdr, msg_flags);
	CHECK(struct timespec, tv_nsec);
	CHECK(struct timex, tai);
	CHECK(struct sysinfo, mem_unit);
	CHECK(struct termios, c_ospeed);
	CHECK(struct utsname, machine);
	CHECK(struct winsize, ws_ypixel);
	CHECK(struct sockaddr_in, sin_addr);
	CHECK(struct sockaddr_in6, sin6_scope_id);
	CHECK(struct sockaddr_un, sun_path);
	CHECK(struct tm, tm_zone);
	CHECK(struct sigaction, sa_flags);
	CHECK(siginfo_t, si_code);
	CHECK(max_align_t, __max_align_ld);
	ck_assert_uint_eq(real_type("pthread_mutex_t")->size, sizeof(pthread_mutex_t));
	ck_assert_uint_eq(real_type("sigset_t")->size, sizeof(sigset_t));
	ck_assert_uint_eq(real_type("fd_set")->size, sizeof(fd_set));
}
END_TEST

static void check_constant(const char *set, const char *name, int64_t value)
{
	const struct sc_type *type = real_type(set);

	for (uint32_t i = 0; i < type->count; i++) {
		if (strcmp(type->enumerators[i].name, name))
			continue;
		ck_assert_msg(type->enumerators[i].value == value, "%s is %lld", name, (long long)type->enumerators[i].value);
		return;
	}
	ck_abort_msg("%s has no %s", set, name);
}

#define CONSTANT(set, name) check_constant("enum " #set, #name, name)

START_TEST(constants_have_the_values_of_the_headers)
{
	CONSTANT(open_flags, O_RDWR);
	CONSTANT(open_flags, O_TMPFILE);
	CONSTANT(at_fds, AT_FDCWD);
	CONSTANT(mmap_flags, MAP_ANONYMOUS);
	CONSTANT(msg_flags, MSG_CMSG_CLOEXEC);
	CONSTANT(epoll_events, EPOLLET);
	CONSTANT(ioctls, TIOCGWINSZ);
	CONSTANT(syslog_priorities, LOG_LOCAL7);
	CONSTANT(gai_errors, EAI_NONAME);
	check_constant("enum open_mode_flags", "OPEN_UNNAMED", O_TMPFILE & ~O_DIRECTORY);
	ck_assert(real_type("enum open_flags")->flags);
	ck_assert(!real_type("enum ioctls")->flags);
	ck_assert_uint_eq(real_type("enum open_flags")->enumerators[0].mask, O_ACCMODE);
}
END_TEST

/* Its globs cover more than they were meant for; these cannot fail, or fail otherwise. */
static bool is_exception(const char *function)
{
	static const char *const names[] = { "pthread_self", "pthread_equal", "pthread_exit", "pthread_testcancel",
					     "pthread_getconcurrency", "argz_count", "argz_delete", "argz_extract",
					     "argz_next", "argz_stringify", "catgets", "fgets?ent_r", "getproto*_r" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sc_glob_match(names[i], function))
			return true;
	return false;
}

START_TEST(what_the_table_of_the_preload_knows_they_know)
{
	unsigned compared = 0;

	for (const struct sc_proto *proto = NULL; (proto = sc_protos_next(&protos, proto));) {
		enum sc_hook_returns returns = sc_hook_returns(proto->name);

		if (returns == SC_RETURNS_MINUS_ONE || is_exception(proto->name))
			continue;
		compared++;
		/* What returns NULL without setting errno is known to the table alone, for what is injected. */
		ck_assert_msg(returns == SC_RETURNS_ZERO ?
				      proto->error == SC_ERROR_NULL || proto->error == SC_ERROR_NONE :
				      proto->error == SC_ERROR_RETURNED,
			      "%s: %u", proto->name, proto->error);
	}
	ck_assert_uint_gt(compared, 250);
}
END_TEST

/* The end of a file, of a list: errno then says nothing. And what fails in another way than its neighbours. */
START_TEST(functions_fail_as_their_manual_pages_say)
{
	static const struct {
		const char *name;
		enum sc_capture_error error;
	} known[] = {
		{ "getc", SC_ERROR_NONE },	  { "fgetc", SC_ERROR_NONE },	      { "getchar", SC_ERROR_NONE },
		{ "getline", SC_ERROR_NONE },	  { "getgrent", SC_ERROR_NONE },      { "fgets", SC_ERROR_NONE },
		{ "getnetgrent_r", SC_ERROR_NONE }, { "putc", SC_ERROR_MINUS_ONE },   { "confstr", SC_ERROR_NULL },
		{ "hsearch_r", SC_ERROR_NULL },	  { "getnetent_r", SC_ERROR_RETURNED },
		{ "pthread_getname_np", SC_ERROR_RETURNED }, { "posix_openpt", SC_ERROR_MINUS_ONE },
		{ "mmap", SC_ERROR_MINUS_ONE },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct sc_proto *proto = sc_protos_find(&protos, known[i].name);

		ck_assert_msg(proto && proto->error == known[i].error, "%s", known[i].name);
	}
}
END_TEST

/* When a fault is injected, that is what the program gets. */
START_TEST(few_functions_return_a_pointer_that_is_minus_one)
{
	static const char *const few[] = { "catopen", "iconv_open", "mmap", "mmap64", "mremap", "sbrk", "shmat",
					   "signal", "sigset", "ssignal", "sysv_signal", "__sysv_signal" };

	for (const struct sc_proto *proto = sc_protos_next(&protos, NULL); proto; proto = sc_protos_next(&protos, proto)) {
		bool is_one = false;

		for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++)
			is_one = is_one || strcmp(proto->name, few[i]) == 0;
		if (sc_type_real(proto->type->target)->kind == SC_TYPE_POINTER && !is_one)
			ck_assert_msg(proto->error != SC_ERROR_MINUS_ONE, "%s", proto->name);
	}
}
END_TEST

START_TEST(open_takes_a_mode_when_it_creates)
{
	const struct sc_proto *proto = sc_protos_find(&protos, "open");
	uint64_t reads[2] = { 0, O_RDONLY | O_DIRECTORY }, creates[2] = { 0, O_CREAT | O_WRONLY },
		 unnamed[2] = { 0, O_TMPFILE | O_RDWR };

	ck_assert_ptr_eq(sc_proto_choose(proto, reads, 2), proto);
	ck_assert_uint_eq(sc_proto_choose(proto, creates, 2)->type->count, 3);
	ck_assert_uint_eq(sc_proto_choose(proto, unnamed, 2)->type->count, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proto_files");
	TCase *tests = tcase_create("proto_files");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, all_files_can_be_read); /* the first: the others look at what it has read */
	tcase_add_test(tests, types_are_laid_out_as_the_compiler_does);
	tcase_add_test(tests, constants_have_the_values_of_the_headers);
	tcase_add_test(tests, what_the_table_of_the_preload_knows_they_know);
	tcase_add_test(tests, functions_fail_as_their_manual_pages_say);
	tcase_add_test(tests, few_functions_return_a_pointer_that_is_minus_one);
	tcase_add_test(tests, open_takes_a_mode_when_it_creates);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	sc_arena_release(&arena);
	return failed != 0;
}
