/* SPDX-License-Identifier: MIT */
/* Folding logs into tables: exact against a reference, under signals, longjmp, fork and SIGKILL. */
#include "record_suite.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static struct sc_record_region *region;

/* The same numbers each time (Marsaglia's xorshift). */
static uint64_t next_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void reference_add(struct sc_record_sum *sum, uint64_t duration, uint64_t children)
{
	sum->calls++;
	sum->min = sum->returned == 0 || duration < sum->min ? duration : sum->min;
	sum->max = duration > sum->max ? duration : sum->max;
	sum->returned++;
	sum->total += duration;
	sum->self += duration > children ? duration - children : 0;
	sum->histogram[sc_histogram_bucket(duration)]++;
}

START_TEST(sums_are_those_of_a_reference)
{
	static struct sc_record_sum reference[STUBS], sum;
	uint64_t state = 88172645463325252u;

	suite_start(STUBS);
	region = sc_record_region_get();
	for (unsigned i = 0; i < 50000; i++) {
		uint32_t index = (uint32_t)(next_number(&state) % (STUBS - 1));
		uint64_t duration = 1 + (next_number(&state) >> (16 + next_number(&state) % 48));
		uint64_t children = next_number(&state) % (2 * duration);

		duration &= 0xffffffffffff;
		children &= 0xffffffffffff;
		duration += !duration;
		suite_enter(region, index);
		suite_leave(region, index, duration, children);
		reference_add(&reference[index], duration, children);
		if (i % 7777 && i < 49000)
			continue;
		for (index = 0; index < STUBS; index++) { /* with the log filled to any degree */
			sc_record_sum(index, &sum);
			ck_assert_mem_eq(&sum, &reference[index], sizeof(sum));
		}
		i += i >= 49000 ? 97 : 0;
	}
}
END_TEST

START_TEST(indexes_beyond_16_bits_are_told_apart)
{
	struct sc_record_sum sum;

	suite_start(70000);
	region = sc_record_region_get();
	for (unsigned i = 0; i < 3000; i++) {
		suite_call(region, 5, 10);
		suite_call(region, 65536 + 5, 100);
	}
	sc_record_sum(65536 + 5, &sum);
	ck_assert_uint_eq(sum.total, 300000);
	sc_record_sum(5, &sum);
	ck_assert_uint_eq(sum.total, 30000);
}
END_TEST

START_TEST(an_entry_of_no_stub_is_untimed_and_harms_nothing)
{
	struct sc_record_sum sum;

	suite_start(STUBS);
	region = sc_record_region_get();
	suite_leave(region, 0xfffffff, 5, 0);
	for (unsigned i = 0; i < 2000; i++)
		suite_call(region, 1, 5);
	sc_record_sum(1, &sum);
	ck_assert_uint_eq(sum.returned, 2000);
	ck_assert_uint_eq(region->untimed, 1);
}
END_TEST

START_TEST(a_slot_whose_owner_was_interrupted_is_not_given_to_another)
{
	struct sc_record_entry *slot;
	struct sc_record_sum sum;
	uint64_t at;

	suite_start(STUBS);
	region = sc_record_region_get();
	for (unsigned i = 0; i < 500; i++)
		suite_call(region, 1, 5);
	/* A call has reserved its slot when a signal comes, whose handler makes many. */
	at = sc_local_fetch_add(&region->log_used, 16);
	slot = &sc_record_log(region)[at / 16];
	suite_enter(region, 2);
	for (unsigned i = 0; i < 3000; i++)
		suite_call(region, 1, 5);
	slot->second = 0;
	slot->first = 77 << 16 | 2;
	for (unsigned i = 0; i < 3000; i++)
		suite_call(region, 1, 5);
	sc_record_sum(2, &sum);
	ck_assert_uint_eq(sum.returned, 1);
	ck_assert_uint_eq(sum.total, 77);
	sc_record_sum(1, &sum);
	ck_assert_uint_eq(sum.returned, 6500);
	/* Once it is filled the whole log is to be had again. */
	ck_assert_uint_eq(region->kept, 0);
	ck_assert_uint_eq(region->untimed, 0);
}
END_TEST

START_TEST(a_slot_whose_owner_never_comes_back_is_given_up)
{
	suite_start(STUBS);
	region = sc_record_region_get();
	for (unsigned i = 0; i < SC_RECORD_LOG_ENTRIES - 1; i++)
		suite_call(region, 1, 5);
	sc_local_fetch_add(&region->log_used, 16);
	for (unsigned i = 0; i < 1000; i++)
		suite_call(region, 1, 5);
	ck_assert_uint_eq(region->untimed, 0);
	suite_now += (uint64_t)1 << 35;
	for (unsigned i = 0; i < 1000; i++)
		suite_call(region, 1, 5);
	ck_assert_uint_eq(region->untimed, 1);
	ck_assert_uint_eq(region->kept, 0);
}
END_TEST

static volatile sig_atomic_t handled;
static sigjmp_buf back;

/* One signal at a time: a handler that takes longer than an interval would keep all else from going on. */
static void interrupt_in(unsigned microseconds)
{
	struct itimerval timer = { { 0, 0 }, { 0, microseconds } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Again, at another point than the last time, when the last one has been. */
static void interrupt_again(void)
{
	static volatile sig_atomic_t seen = -1; /* a jump may leave from here, too */
	static uint64_t state = 362436069;

	if (seen == handled)
		return;
	seen = handled;
	interrupt_in(20 + next_number(&state) % 60);
}

static void interrupt_by(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	interrupt_again();
}

static void call_some(int signal)
{
	(void)signal;
	for (unsigned i = 0; i < 10; i++)
		suite_call(region, 1, 100 + i);
	handled++;
}

static void call_many(int signal)
{
	(void)signal;
	for (unsigned i = 0; i < 1500; i++)
		suite_call(region, 1 + i % 2, 100);
	handled++;
}

static void check_under_signals(void (*handler)(int), unsigned for_each_1, unsigned for_each_2)
{
	struct sc_record_sum sum;
	uint64_t calls = 0;

	suite_start(STUBS);
	region = sc_record_region_get();
	interrupt_by(handler);
	while (handled < 5000) {
		interrupt_again();
		suite_call(region, 1, 50);
		calls++;
	}
	interrupt_in(0);
	sc_record_sum(1, &sum);
	ck_assert_uint_eq(sum.calls, calls + (uint64_t)handled * for_each_1);
	ck_assert_uint_eq(sum.returned, sum.calls);
	ck_assert_uint_eq(suite_histogram_total(&sum), sum.calls);
	ck_assert_uint_eq(sum.min, 50);
	ck_assert_uint_eq(region->untimed, 0);
	if (!for_each_2)
		return;
	sc_record_sum(2, &sum);
	ck_assert_uint_eq(sum.returned, (uint64_t)handled * for_each_2);
	ck_assert_uint_eq(sum.total, sum.returned * 100);
}

START_TEST(totals_are_exact_when_handlers_make_calls)
{
	check_under_signals(call_some, 10, 0);
}
END_TEST

START_TEST(totals_are_exact_when_handlers_fill_the_log)
{
	check_under_signals(call_many, 750, 750);
}
END_TEST

static void jump_back(int signal)
{
	(void)signal;
	handled++;
	siglongjmp(back, 1);
}

START_TEST(a_jump_out_of_a_fold_costs_at_most_a_call_its_time)
{
	static volatile uint64_t calls;
	struct sc_record_sum sum;

	suite_start(STUBS);
	region = sc_record_region_get();
	if (sigsetjmp(back, 1) == 0) /* before the first signal can come */
		interrupt_by(jump_back);
	while (handled < 2000) {
		interrupt_again();
		suite_call(region, 1, 50);
		calls++;
	}
	interrupt_in(0);
	sc_record_sum(1, &sum);
	ck_assert_uint_ge(sum.calls, calls);
	ck_assert_uint_le(sum.calls, calls + (uint64_t)handled);
	ck_assert_uint_le(sum.returned, sum.calls);
	ck_assert_uint_ge(sum.returned + 2 * (uint64_t)handled, sum.calls);
	/* And the log is one again. */
	suite_now += (uint64_t)1 << 35;
	for (unsigned i = 0; i < 100 * SC_RECORD_LOG_ENTRIES; i++)
		suite_call(region, 2, 50);
	ck_assert_uint_le(region->log_used, SC_RECORD_LOG_SIZE);
	sc_record_sum(2, &sum);
	ck_assert_uint_eq(sum.returned, 100 * SC_RECORD_LOG_ENTRIES);
}
END_TEST

static volatile int fork_failures;

static void fork_inside(int signal)
{
	int status;
	pid_t pid;

	(void)signal;
	handled++;
	pid = fork();
	if (pid == 0) {
		sc_record_fork_child();
		interrupt_in(0);
		for (unsigned i = 0; i < 3000; i++)
			suite_call(region, 3, 5);
		return; /* on, in what was interrupted */
	}
	if (waitpid(pid, &status, 0) != pid || status)
		fork_failures++;
}

START_TEST(a_child_forked_in_a_fold_goes_on_with_a_record_of_its_own)
{
	struct sc_record_sum sum;
	uint64_t calls = 0;
	pid_t self = getpid();

	suite_start(STUBS);
	region = sc_record_region_get();
	interrupt_by(fork_inside);
	while (handled < 150 && getpid() == self) {
		interrupt_again();
		for (unsigned i = 0; i < 64; i++)
			suite_call(region, 1, 50);
		calls += 64;
	}
	if (getpid() != self) {
		for (unsigned i = 0; i < 3000; i++)
			suite_call(region, 4 + i % 30, 5);
		sc_record_sum(3, &sum);
		/* The call that was interrupted may have taken the place of one of ours in the log. */
		_exit(sum.calls != 3000 || sum.returned > 3000 || sum.returned < 2999);
	}
	interrupt_in(0);
	ck_assert_int_eq(fork_failures, 0);
	sc_record_sum(1, &sum);
	ck_assert_uint_eq(sum.returned, calls);
}
END_TEST

START_TEST(what_a_killed_process_leaves_is_exact)
{
	for (unsigned i = 0; i < 300; i++) {
		struct suite_file file;
		int ends[2];
		char byte;
		pid_t pid;

		ck_assert_int_eq(pipe(ends), 0);
		pid = fork();
		if (pid == 0) {
			suite_start(STUBS);
			region = sc_record_region_get();
			if (write(ends[1], "", 1) != 1)
				_exit(1);
			for (;;)
				suite_call(region, 1, 50);
		}
		ck_assert_int_eq(read(ends[0], &byte, 1), 1);
		for (volatile unsigned wait = 0; wait < i * 2000; wait++)
			;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(ends[0]);
		close(ends[1]);
		suite_read(&file, suite_directory, pid, 1);
		/* The last call may have been counted and not have returned. */
		ck_assert_uint_ge(file.calls, file.returned);
		ck_assert_uint_le(file.calls, file.returned + 1);
		ck_assert_uint_eq(file.total, file.returned * 50);
	}
}
END_TEST

static unsigned pages_of_the_record_in_core(void)
{
	char line[512];
	unsigned pages = 0, kilobytes;
	bool ours = false;
	FILE *maps = fopen("/proc/self/smaps", "r");

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, SC_RECORD_SUFFIX))
			ours = true;
		else if (ours && sscanf(line, "Rss: %u kB", &kilobytes) == 1)
			pages += kilobytes * 1024 / (unsigned)sysconf(_SC_PAGESIZE);
		else if (!strncmp(line, "VmFlags:", 8))
			ours = false;
	}
	fclose(maps);
	return pages;
}

START_TEST(a_fold_touches_few_pages_though_functions_are_many_and_far_between)
{
	unsigned before;

	suite_start(5000);
	region = sc_record_region_get();
	for (unsigned i = 0; i < SC_RECORD_LOG_ENTRIES; i++)
		suite_call(region, i % 100 * 49, 100 + i / 100);
	before = pages_of_the_record_in_core();
	sc_record_fold(region, 0, 0);
	/* Of times two, of groups one or two, of the index five; each may begin in the middle of a page. */
	ck_assert_uint_le(pages_of_the_record_in_core() - before, 12);
}
END_TEST

START_TEST(functions_that_come_while_the_process_runs_are_timed)
{
	struct sc_record_sum sum;
	uint32_t count = STUBS;

	suite_start(count);
	region = sc_record_region_get();
	while (count < 4 * STUBS + 8192) { /* some at a time, as dlopen brings them */
		for (unsigned i = 0; i < 3 * SC_RECORD_LOG_ENTRIES; i++)
			suite_call(region, i % 2 ? count - 1 : 7, 10);
		count = count + 100 < 4 * STUBS + 8192 ? count + 100 : 4 * STUBS + 8192;
		ck_assert_int_eq(sc_record_extend(count), 0);
	}
	for (uint32_t index = STUBS - 1; index < count - 100; index += 100) {
		sc_record_sum(index, &sum);
		ck_assert_uint_eq(sum.returned, sum.calls);
		ck_assert_uint_eq(sum.returned, 3 * SC_RECORD_LOG_ENTRIES / 2);
		ck_assert_uint_eq(suite_histogram_total(&sum), sum.returned);
	}
	sc_record_sum(7, &sum);
	ck_assert_uint_eq(sum.returned, sum.calls);
	ck_assert_uint_eq(sum.total, 10 * sum.calls);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, a_fold_touches_few_pages_though_functions_are_many_and_far_between);
	tcase_add_test(tests, functions_that_come_while_the_process_runs_are_timed);
	tcase_add_test(tests, sums_are_those_of_a_reference);
	tcase_add_test(tests, indexes_beyond_16_bits_are_told_apart);
	tcase_add_test(tests, an_entry_of_no_stub_is_untimed_and_harms_nothing);
	tcase_add_test(tests, a_slot_whose_owner_was_interrupted_is_not_given_to_another);
	tcase_add_test(tests, a_slot_whose_owner_never_comes_back_is_given_up);
	tcase_add_test(tests, totals_are_exact_when_handlers_make_calls);
	tcase_add_test(tests, totals_are_exact_when_handlers_fill_the_log);
	tcase_add_test(tests, a_jump_out_of_a_fold_costs_at_most_a_call_its_time);
	tcase_add_test(tests, a_child_forked_in_a_fold_goes_on_with_a_record_of_its_own);
	tcase_add_test(tests, what_a_killed_process_leaves_is_exact);
}

int main(void)
{
	return suite_main("record fold", add);
}
