/* SPDX-License-Identifier: MIT */
/* Which thread has which region: many threads, threads after threads, regions given back, the spare, forks. */
#include "record_suite.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define THREADS 64

static pthread_barrier_t together;
static struct sc_record_region *regions[THREADS];

static void *count_in_region(void *argument)
{
	struct sc_record_region *region = sc_record_region_get();

	regions[(uintptr_t)argument] = region;
	if (!region)
		return NULL;
	pthread_barrier_wait(&together); /* all are alive at once */
	for (unsigned i = 0; i < 3000; i++)
		suite_call(region, i % 3, 10);
	return region;
}

static void run_threads(unsigned count)
{
	pthread_t threads[THREADS];

	ck_assert_int_eq(pthread_barrier_init(&together, NULL, count), 0);
	for (uintptr_t i = 0; i < count; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, count_in_region, (void *)i), 0);
	for (unsigned i = 0; i < count; i++) {
		void *result;

		ck_assert_int_eq(pthread_join(threads[i], &result), 0);
		ck_assert_ptr_nonnull(result);
	}
	ck_assert_int_eq(pthread_barrier_destroy(&together), 0);
}

static void assert_sums(uint64_t calls)
{
	uint64_t found = 0;

	for (uint32_t index = 0; index < 3; index++) {
		struct sc_record_sum sum;

		sc_record_sum(index, &sum);
		ck_assert_uint_eq(sum.returned, sum.calls);
		ck_assert_uint_eq(sum.total, 10 * sum.calls);
		ck_assert_uint_eq(suite_histogram_total(&sum), sum.calls);
		found += sum.calls;
	}
	ck_assert_uint_eq(found, calls);
}

START_TEST(threads_alive_at_once_have_regions_of_their_own)
{
	suite_start(STUBS);
	run_threads(THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		for (unsigned j = 0; j < i; j++)
			ck_assert_ptr_ne(regions[i], regions[j]);
	assert_sums(THREADS * 3000);
}
END_TEST

START_TEST(regions_go_on_to_later_threads)
{
	struct suite_file file;

	suite_start(STUBS);
	for (unsigned i = 0; i < 5; i++)
		run_threads(THREADS);
	assert_sums(5 * THREADS * 3000);
	suite_read(&file, suite_directory, getpid(), 0);
	ck_assert_uint_eq(file.threads, 5 * THREADS);
	/* A thread that was joined may for a moment still be there for the kernel. */
	ck_assert_uint_le(file.regions, 2 * THREADS);
	ck_assert_uint_eq(file.calls, 5 * THREADS * 1000);
	ck_assert_uint_eq(file.returned, 5 * THREADS * 1000);
	ck_assert_uint_eq(file.unknown, 0);
}
END_TEST

START_TEST(a_thousand_threads_in_sequence_need_few_regions)
{
	struct suite_file file;

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	for (unsigned i = 0; i < 1000; i++)
		run_threads(1);
	suite_read(&file, suite_directory, getpid(), 0);
	ck_assert_uint_eq(file.threads, 1001);
	ck_assert_uint_le(file.regions, 10);
	assert_sums(1000 * 3000);
}
END_TEST

START_TEST(a_region_that_was_not_used_goes_to_another_thread)
{
	struct sc_record_region *region;

	suite_start(STUBS);
	region = sc_record_region_get();
	ck_assert_ptr_ne(sc_record_region_get(), region);
	sc_record_region_unget(region);
	run_threads(1);
	ck_assert_ptr_eq(regions[0], region);
	ck_assert_uint_eq(region->threads, 1);
}
END_TEST

START_TEST(a_child_of_vfork_gets_no_region)
{
	volatile bool got = true;
	int status;
	pid_t pid;

	suite_start(STUBS);
	pid = vfork();
	if (pid == 0) {
		got = sc_record_region_get() != NULL;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(!got);
	ck_assert_ptr_nonnull(sc_record_region_get());
}
END_TEST

START_TEST(calls_in_the_spare_are_reported_as_lost)
{
	struct sc_record_region *spare;
	struct sc_record_sum sum;

	suite_start(STUBS);
	spare = sc_record_spare();
	ck_assert_ptr_nonnull(spare);
	ck_assert_ptr_eq(spare, sc_record_spare());
	for (unsigned i = 0; i < 5000; i++)
		suite_call(spare, i % STUBS, 1);
	sc_record_end(SC_RECORD_ENDED);
	ck_assert_uint_eq(sc_record_header()->lost, 5000);
	sc_record_sum(0, &sum);
	ck_assert_uint_eq(sum.calls, 0);
}
END_TEST

START_TEST(there_is_a_spare_without_memory)
{
	struct rlimit limit = { 0, 0 };

	suite_start(STUBS);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	suite_enter(sc_record_spare(), STUBS - 1);
}
END_TEST

static void *use_and_fork(void *unused)
{
	struct sc_record_region *region = sc_record_region_get();
	struct sc_record_sum sum;
	int status;
	pid_t pid;

	(void)unused;
	for (unsigned i = 0; i < 3000; i++)
		suite_call(region, 1, 10);
	pid = fork();
	if (pid == 0) {
		sc_record_fork_child();
		for (unsigned i = 0; i < 2000; i++)
			suite_call(region, 1, 10);
		sc_record_sum(1, &sum);
		_exit(sum.calls != 2000 || sum.returned != 2000 || !sc_record_region_get());
	}
	waitpid(pid, &status, 0);
	return (void *)(intptr_t)(status == 0 ? pid : 0);
}

START_TEST(any_thread_may_fork_and_keeps_its_region)
{
	struct suite_file file;
	pthread_t thread;
	void *pid;

	suite_start(STUBS);
	for (unsigned i = 0; i < 20; i++)
		ck_assert_ptr_nonnull(sc_record_region_get());
	ck_assert_int_eq(pthread_create(&thread, NULL, use_and_fork, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, &pid), 0);
	ck_assert_ptr_nonnull(pid);
	suite_read(&file, suite_directory, (pid_t)(intptr_t)pid, 1);
	ck_assert_uint_eq(file.calls, 2000);
	ck_assert_uint_eq(file.returned, 2000);
	suite_read(&file, suite_directory, getpid(), 1);
	ck_assert_uint_eq(file.calls, 3000);
}
END_TEST

#define GROWN 4000

/* As dlopen adds images, while other threads fork. */
static void *grow(void *progress)
{
	for (uint32_t count = STUBS; count < STUBS + GROWN; count++) {
		if (sc_record_add_names(count, 1, "name", 5) || sc_record_extend(count + 1))
			return NULL;
		__atomic_store_n((uint32_t *)progress, count, __ATOMIC_RELEASE);
	}
	return progress;
}

/* Uses all that the child has been given. */
static int use_child(struct sc_record_region *region)
{
	sc_record_fork_child();
	for (uint32_t index = 0; index < region->backed; index++)
		suite_enter(region, index);
	for (unsigned i = 0; i < 300; i++)
		suite_call(region, i % 3, 10);
	return sc_record_header()->state != SC_RECORD_RUNNING;
}

START_TEST(a_child_is_whole_while_its_parent_grows)
{
	struct sc_record_region *region;
	uint32_t grown = 0;
	pthread_t thread;
	void *result;

	suite_start(STUBS);
	region = sc_record_region_get();
	ck_assert_int_eq(pthread_create(&thread, NULL, grow, &grown), 0);
	while (__atomic_load_n(&grown, __ATOMIC_ACQUIRE) < STUBS + GROWN - 1) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0)
			_exit(use_child(region));
		waitpid(pid, &status, 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	ck_assert_ptr_nonnull(result);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, threads_alive_at_once_have_regions_of_their_own);
	tcase_add_test(tests, regions_go_on_to_later_threads);
	tcase_add_test(tests, a_thousand_threads_in_sequence_need_few_regions);
	tcase_add_test(tests, a_region_that_was_not_used_goes_to_another_thread);
	tcase_add_test(tests, a_child_of_vfork_gets_no_region);
	tcase_add_test(tests, calls_in_the_spare_are_reported_as_lost);
	if (!SUITE_SANITIZED)
		tcase_add_test(tests, there_is_a_spare_without_memory);
	tcase_add_test(tests, any_thread_may_fork_and_keeps_its_region);
	tcase_add_test(tests, a_child_is_whole_while_its_parent_grows);
}

int main(void)
{
	return suite_main("record regions", add);
}
