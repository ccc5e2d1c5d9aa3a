/* SPDX-License-Identifier: MIT */
/*
 * What is said of seccomp filters is what the kernel does with them, for random ones; and where an argument is not
 * known, what it does for any.
 */
#include <check.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/seccomp_filter.h"

#define MOST 12
#define FILTERS 300
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define END(value) BPF_STMT(BPF_RET | BPF_K, value)
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)

static struct sc_seccomp_state states[64];

#define judged(filter, call_number, ...)                                                                           \
	sc_seccomp_judge(filter, sizeof(filter) / sizeof(filter[0]),                                               \
			 &(const struct sc_seccomp_call){ .number = call_number, ##__VA_ARGS__ }, states)

START_TEST(numbers_and_machine_are_known)
{
	const struct sock_filter filter[] = {
		LOAD(arch), IS(AUDIT_ARCH_X86_64, 1, 0), END(SECCOMP_RET_KILL_PROCESS), LOAD(nr),
		IS(SYS_mmap, 0, 1), END(SECCOMP_RET_ALLOW), IS(SYS_close, 0, 1), END(SECCOMP_RET_ERRNO | EPERM),
		END(SECCOMP_RET_TRAP),
	};

	ck_assert_int_eq(judged(filter, SYS_mmap), SC_SECCOMP_MADE);
	ck_assert_int_eq(judged(filter, SYS_close), SC_SECCOMP_REFUSED);
	ck_assert_int_eq(judged(filter, SYS_read), SC_SECCOMP_HARMS);
}
END_TEST

START_TEST(arguments_that_are_not_known_may_be_any)
{
	const struct sock_filter filter[] = {
		LOAD(args[2]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4, 0, 1), END(SECCOMP_RET_KILL_THREAD),
		LOAD(args[3]), IS(7, 0, 1), END(SECCOMP_RET_ERRNO | EINVAL), END(SECCOMP_RET_LOG),
	};

	ck_assert_int_eq(judged(filter, SYS_mmap), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(filter, SYS_mmap, .known = 1 << 2, .arguments = { 0, 0, 5 }), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(filter, SYS_mmap, .known = 1 << 2, .arguments = { 0, 0, 3 }), SC_SECCOMP_MADE);
	ck_assert_int_eq(judged(filter, SYS_mmap, .known = 3 << 2, .arguments = { 0, 0, 3, 7 }), SC_SECCOMP_REFUSED);
}
END_TEST

START_TEST(who_asks_another_process_harms)
{
	static const unsigned actions[] = { SECCOMP_RET_TRACE, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRAP,
					    SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, 0x12340000 };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		const struct sock_filter filter[] = { END(actions[i]) };

		ck_assert_int_eq(judged(filter, SYS_read), SC_SECCOMP_HARMS);
	}
}
END_TEST

START_TEST(what_is_no_filter_harms_and_is_not_followed_out_of_bounds)
{
	const struct sock_filter beyond[] = { BPF_STMT(BPF_JMP | BPF_JA, 1), END(SECCOMP_RET_ALLOW) };
	const struct sock_filter far[] = { BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX), END(SECCOMP_RET_ALLOW) };
	const struct sock_filter endless[] = { LOAD(nr) };
	const struct sock_filter unaligned[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), END(SECCOMP_RET_ALLOW) };
	const struct sock_filter unknown[] = { BPF_STMT(0xffff, 2), END(SECCOMP_RET_ALLOW) };

	ck_assert_int_eq(judged(beyond, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(far, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(endless, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(unaligned, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(unknown, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(sc_seccomp_judge(beyond, 0, &(const struct sc_seccomp_call){ .number = SYS_read }, states),
			 SC_SECCOMP_HARMS);
}
END_TEST

/* The kernel ends a filter that divides by zero with 0, which kills. */
START_TEST(a_division_by_what_may_be_zero_harms)
{
	const struct sock_filter by_zero[] = { BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
					       END(SECCOMP_RET_ALLOW) };
	const struct sock_filter by_any[] = { LOAD(args[0]), BPF_STMT(BPF_MISC | BPF_TAX, 0),
					      BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), END(SECCOMP_RET_ALLOW) };

	ck_assert_int_eq(judged(by_zero, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(by_any, SYS_read), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(by_any, SYS_read, .known = 1, .arguments = { 0 }), SC_SECCOMP_HARMS);
	ck_assert_int_eq(judged(by_any, SYS_read, .known = 1, .arguments = { 3 }), SC_SECCOMP_MADE);
}
END_TEST

/* Not even by kernels of one version: the processor masks the distance, and others do not. */
START_TEST(a_shift_by_a_word_and_more_is_not_known)
{
	const struct sock_filter filter[] = { BPF_STMT(BPF_LD | BPF_IMM, 5), BPF_STMT(BPF_LDX | BPF_IMM, 32),
					      BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0), IS(5, 0, 1),
					      END(SECCOMP_RET_KILL_THREAD), END(SECCOMP_RET_ALLOW) };

	ck_assert_int_eq(judged(filter, SYS_read), SC_SECCOMP_HARMS);
}
END_TEST

START_TEST(a_refusal_that_looks_like_success_harms)
{
	const struct sock_filter filter[] = { LOAD(args[0]), IS(7, 0, 1), END(SECCOMP_RET_ERRNO), END(SECCOMP_RET_ALLOW) };

	ck_assert_int_eq(judged(filter, SYS_mmap), SC_SECCOMP_HARMS);
}
END_TEST

static uint32_t small(void)
{
	return (uint32_t)rand() % 5;
}

/* With getppid as the one call that it is about: others are allowed, so that the child can end. */
static size_t make(struct sock_filter *out)
{
	static const uint16_t computing[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG };
	static const uint16_t jumping[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	size_t n = 0;

	out[n++] = (struct sock_filter)LOAD(nr);
	out[n++] = (struct sock_filter)IS(SYS_getppid, 1, 0);
	out[n++] = (struct sock_filter)END(SECCOMP_RET_ALLOW);
	while (n < MOST - 2) {
		uint16_t source = rand() % 2 ? BPF_X : BPF_K;
		unsigned left = (unsigned)(MOST - 2 - n);

		switch (rand() % 6) {
		case 0:
			out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16 + 4 * ((uint32_t)rand() % 12));
			break;
		case 1:
			out[n++] = (struct sock_filter)BPF_STMT(rand() % 2 ? BPF_LD | BPF_IMM : BPF_LDX | BPF_IMM, small());
			break;
		case 2:
			out[n++] = (struct sock_filter)BPF_STMT(BPF_MISC | (rand() % 2 ? BPF_TAX : BPF_TXA), 0);
			break;
		case 3:
			out[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | computing[rand() % 9] | source, small());
			break;
		default:
			out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | jumping[rand() % 4] | source, small(),
								(uint8_t)((unsigned)rand() % (left + 1)),
								(uint8_t)((unsigned)rand() % (left + 1)));
		}
	}
	out[n++] = (struct sock_filter)END(SECCOMP_RET_ALLOW);
	out[n++] = (struct sock_filter)END(SECCOMP_RET_ERRNO | ENOTTY);
	return n;
}

/* In a child: 0 when the kernel makes the call, 1 when it refuses it, 2 when it takes no such filter. */
static int made_by_kernel(struct sock_filter *filter, size_t count, const uint64_t *arguments)
{
	const struct sock_fprog program = { (unsigned short)count, filter };
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
			_exit(2);
		_exit(syscall(SYS_getppid, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
			      arguments[5]) == -1);
	}
	ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(random_filters_do_what_is_said_of_them)
{
	unsigned seen[2] = { 0 };

	srand(1);
	for (unsigned n = 0; n < FILTERS; n++) {
		struct sc_seccomp_call call = { .number = SYS_getppid, .known = 0x3f }, unknown = { .number = SYS_getppid };
		struct sock_filter filter[MOST];
		size_t count = make(filter);
		int made;

		for (unsigned i = 0; i < 6; i++)
			call.arguments[i] = (uint64_t)small() << 32 | small();
		made = made_by_kernel(filter, count, call.arguments);
		if (made == 2) /* a shift too far */
			continue;
		seen[made]++;
		ck_assert_int_eq(sc_seccomp_judge(filter, count, &call, states),
				 made ? SC_SECCOMP_REFUSED : SC_SECCOMP_MADE);
		if (sc_seccomp_judge(filter, count, &unknown, states) == SC_SECCOMP_REFUSED)
			ck_assert_int_eq(made, 1);
	}
	ck_assert_uint_gt(seen[0], FILTERS / 10);
	ck_assert_uint_gt(seen[1], FILTERS / 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("seccomp_filter");
	TCase *tests = tcase_create("filters");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, numbers_and_machine_are_known);
	tcase_add_test(tests, arguments_that_are_not_known_may_be_any);
	tcase_add_test(tests, who_asks_another_process_harms);
	tcase_add_test(tests, what_is_no_filter_harms_and_is_not_followed_out_of_bounds);
	tcase_add_test(tests, a_division_by_what_may_be_zero_harms);
	tcase_add_test(tests, a_shift_by_a_word_and_more_is_not_known);
	tcase_add_test(tests, a_refusal_that_looks_like_success_harms);
	tcase_add_test(tests, random_filters_do_what_is_said_of_them);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
