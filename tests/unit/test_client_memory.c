/* SPDX-License-Identifier: MIT */
/* The memory of clients: what it hands out, and that the child of a fork has it whole, wherever another thread was. */
#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dr_api.h"
#include "preload/client_memory.h"

#define CELL 2048
#define CHUNK 32 /* cells */
#define RANGES 200
#define TRAP_FLAG 0x100

START_TEST(memory_is_apart_aligned_and_used_again)
{
	static const size_t sizes[] = { 1, 16, 17, 100, 2048, 2049, 100000 };
	unsigned char *all[sizeof(sizes) / sizeof(sizes[0])];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		all[i] = dr_global_alloc(sizes[i]);
		ck_assert_uint_eq((uintptr_t)all[i] % 16, 0);
		memset(all[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			ck_assert_uint_eq(all[i][k], i + 1);
		dr_global_free(all[i], sizes[i]);
	}
	ck_assert_ptr_eq(dr_global_alloc(2048), all[4]);
	ck_assert_ptr_null(dr_global_alloc(0));
	dr_global_free(NULL, 5);
}
END_TEST

/* What was mapped before, by others. */
static struct {
	uintptr_t start, end;
} ranges[RANGES];
static unsigned range_count;

static void look_at_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	ck_assert_ptr_nonnull(maps);
	while (range_count < RANGES && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &ranges[range_count].start, &ranges[range_count].end) == 2)
			range_count++;
	fclose(maps);
}

static bool was_mapped(const void *at)
{
	for (unsigned i = 0; i < range_count; i++)
		if ((uintptr_t)at >= ranges[i].start && (uintptr_t)at < ranges[i].end)
			return true;
	return false;
}

static unsigned steps, broken;

/* In the child: more than a chunk has, none of it of others. */
static void allocate_all(void)
{
	unsigned char *cell;

	sc_client_memory_forked();
	for (unsigned i = 0; i < CHUNK + 2; i++) {
		cell = dr_global_alloc(CELL);
		if (!cell || was_mapped(cell) || was_mapped(cell + CELL - 1))
			_exit(1);
		memset(cell, 0x55, CELL);
	}
	_exit(0);
}

static void after_an_instruction(int number)
{
	int status = 0;
	pid_t child = fork();

	(void)number;
	if (child == 0)
		allocate_all();
	steps++;
	broken += child < 0 || waitpid(child, &status, 0) != child || status != 0;
}

/* The instructions of one call, with a fork after each. */
static void step_through_allocation(void)
{
	look_at_maps();
	signal(SIGTRAP, after_an_instruction);
	__asm__ volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(TRAP_FLAG) : "cc", "memory");
	dr_global_alloc(CELL);
	__asm__ volatile("pushfq; andq %0, (%%rsp); popfq" : : "i"(~TRAP_FLAG) : "cc", "memory");
	signal(SIGTRAP, SIG_DFL);
	ck_assert_uint_gt(steps, 20);
	ck_assert_uint_eq(broken, 0);
}

START_TEST(a_fork_in_the_first_allocation_leaves_the_child_whole)
{
	step_through_allocation();
}
END_TEST

START_TEST(a_fork_where_a_chunk_is_used_up_leaves_the_child_whole)
{
	for (unsigned i = 0; i < CHUNK; i++)
		ck_assert_ptr_nonnull(dr_global_alloc(CELL));
	step_through_allocation();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("client_memory");
	TCase *tests = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, memory_is_apart_aligned_and_used_again);
	tcase_add_test(tests, a_fork_in_the_first_allocation_leaves_the_child_whole);
	tcase_add_test(tests, a_fork_where_a_chunk_is_used_up_leaves_the_child_whole);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
