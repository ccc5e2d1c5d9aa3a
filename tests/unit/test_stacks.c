/* SPDX-License-Identifier: MIT */
/* Distinct stacks of a thread, in the record: met again, many, torn by fork and by signal handlers; and how they are read. */
#include "record_suite.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "cmd/record_stacks.h"
#include "common/event.h"
#include "preload/record_chunks.h"
#include "preload/stacks.h"

static struct sc_stacks *table;

static void read_record(struct sc_record_stacks *out, pid_t pid)
{
	char pattern[256];
	const char *why = "";
	glob_t found;
	struct stat stat;
	char *data;
	int fd;

	snprintf(pattern, sizeof(pattern), "%s/%d-*" SC_RECORD_SUFFIX, suite_directory, (int)pid);
	ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 1);
	fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &stat), 0);
	data = malloc((size_t)stat.st_size);
	ck_assert_int_eq(read(fd, data, (size_t)stat.st_size), stat.st_size);
	ck_assert_int_eq(sc_record_stacks_parse(out, data, (size_t)stat.st_size, &why), 0);
	ck_assert_ptr_null(out->damage);
	free(data);
	close(fd);
	globfree(&found);
}

static uint64_t calls_in(const struct sc_record_stacks *stacks)
{
	uint64_t calls = 0;

	for (size_t i = 0; i < stacks->stack_count; i++)
		calls += stacks->stacks[i].calls;
	return calls;
}

START_TEST(a_stack_that_is_met_again_is_counted_where_it_is)
{
	const uintptr_t frames[] = { 0x1111, 0x2222, 0x3333 };
	struct sc_record_stacks stacks;
	struct sc_record_stack *first, *again;

	suite_start(STUBS);
	first = sc_stacks_count(&table, 7, frames, 3, false, 100);
	again = sc_stacks_count(&table, 7, frames, 3, false, 28);
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_eq(first, again);
	sc_stacks_returned(first, 11);
	sc_stacks_returned(again, 31);
	sc_stacks_returned(NULL, 5);
	read_record(&stacks, getpid());
	ck_assert_uint_eq(stacks.stack_count, 1);
	ck_assert_uint_eq(stacks.stacks[0].index, 7);
	ck_assert_uint_eq(stacks.stacks[0].calls, 2);
	ck_assert_uint_eq(stacks.stacks[0].bytes, 128);
	ck_assert_uint_eq(stacks.stacks[0].ticks, 42);
	ck_assert_uint_eq(stacks.stacks[0].depth, 3);
	ck_assert(!stacks.stacks[0].cut);
	ck_assert_mem_eq(stacks.stacks[0].frames, frames, sizeof(frames));
	sc_record_stacks_release(&stacks);
}
END_TEST

START_TEST(stacks_that_differ_in_anything_are_others)
{
	const uintptr_t frames[] = { 0x1111, 0x2222, 0x3333 }, other[] = { 0x1111, 0x2222, 0x3334 };
	struct sc_record_stack *one;

	suite_start(STUBS);
	one = sc_stacks_count(&table, 7, frames, 3, false, 0);
	ck_assert_ptr_ne(one, sc_stacks_count(&table, 8, frames, 3, false, 0));
	ck_assert_ptr_ne(one, sc_stacks_count(&table, 7, frames, 2, false, 0));
	ck_assert_ptr_ne(one, sc_stacks_count(&table, 7, frames, 3, true, 0));
	ck_assert_ptr_ne(one, sc_stacks_count(&table, 7, other, 3, false, 0));
	ck_assert_ptr_eq(one, sc_stacks_count(&table, 7, frames, 3, false, 0));
}
END_TEST

/* The n-th of many stacks, of different depths. */
static size_t nth(uintptr_t n, uintptr_t frames[32])
{
	size_t depth = 1 + n % 32;

	for (size_t i = 0; i < depth; i++)
		frames[i] = 0x400000 + n * (i + 1);
	return depth;
}

START_TEST(a_hundred_thousand_stacks_are_found_again_each)
{
	const unsigned many = 100000;
	struct sc_record_stack **known = calloc(many, sizeof(*known));
	struct sc_record_stacks stacks;
	uintptr_t frames[32];

	suite_start(STUBS);
	for (unsigned n = 0; n < many; n++) {
		size_t depth = nth(n, frames);

		known[n] = sc_stacks_count(&table, 1, frames, depth, false, 1);
		ck_assert_ptr_nonnull(known[n]);
	}
	for (unsigned n = 0; n < many; n++) {
		size_t depth = nth(n, frames);

		ck_assert_ptr_eq(sc_stacks_count(&table, 1, frames, depth, false, 1), known[n]);
	}
	read_record(&stacks, getpid());
	ck_assert_uint_eq(stacks.stack_count, many);
	ck_assert_uint_eq(calls_in(&stacks), 2 * many);
	sc_record_stacks_release(&stacks);
	free(known);
}
END_TEST

START_TEST(what_finds_no_room_is_counted_as_such)
{
	const struct rlimit limit = { 1 << 20, 1 << 20 };
	struct sc_record_stacks stacks;
	uintptr_t frames[32];
	uint64_t refused = 0;

	suite_start(STUBS);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (unsigned n = 0; n < 20000; n++) {
		size_t depth = nth(n, frames);

		refused += !sc_stacks_count(&table, 1, frames, depth, false, 1);
	}
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_lt(refused, 20000);
	read_record(&stacks, getpid());
	ck_assert_uint_eq(stacks.stackless, refused);
	ck_assert_uint_eq(calls_in(&stacks), 20000 - refused);
	sc_record_stacks_release(&stacks);
}
END_TEST

START_TEST(a_forked_child_counts_from_zero_and_its_pointers_are_good)
{
	const uintptr_t frames[] = { 0x1111, 0x2222 };
	struct sc_record_stacks stacks;
	struct sc_record_stack *stack;
	int status;
	pid_t pid;

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_record_region_get());
	for (int i = 0; i < 5; i++)
		stack = sc_stacks_count(&table, 3, frames, 2, false, 10);
	sc_chunks_header()->stackless = sc_chunks_header()->events_dropped = 3;
	pid = fork();
	if (pid == 0) {
		sc_record_fork_child();
		if (sc_chunks_header()->stackless || sc_chunks_header()->events_dropped)
			_exit(2);
		sc_stacks_returned(stack, 70); /* of a call that began in the parent */
		_exit(sc_stacks_count(&table, 3, frames, 2, false, 1) != stack);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	read_record(&stacks, pid);
	ck_assert_uint_eq(stacks.stack_count, 1);
	ck_assert_uint_eq(stacks.stacks[0].calls, 1);
	ck_assert_uint_eq(stacks.stacks[0].bytes, 1);
	ck_assert_uint_eq(stacks.stacks[0].ticks, 70);
	sc_record_stacks_release(&stacks);
	read_record(&stacks, getpid());
	ck_assert_uint_eq(calls_in(&stacks), 5);
	ck_assert_uint_eq(stacks.stacks[0].ticks, 0);
	sc_record_stacks_release(&stacks);
}
END_TEST

static volatile sig_atomic_t handled;

static void handle(int signal)
{
	uintptr_t frames[32];
	unsigned n = (unsigned)handled * 7919u % 5000;
	(void)signal;

	sc_stacks_count(&table, 2, frames, nth(n, frames), false, 1);
	handled++;
}

START_TEST(signal_handlers_that_count_lose_nothing)
{
	const struct itimerval timer = { { 0, 100 }, { 0, 100 } }, none = { 0 };
	struct sigaction action = { .sa_handler = handle };
	struct sc_record_stacks stacks;
	uintptr_t frames[32];
	uint64_t counted = 0;

	suite_start(STUBS);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (handled < 2000) {
		sc_stacks_count(&table, 2, frames, nth(counted % 20000, frames), false, 1);
		counted++;
	}
	setitimer(ITIMER_REAL, &none, NULL);
	read_record(&stacks, getpid());
	ck_assert_uint_eq(calls_in(&stacks), counted + (uint64_t)handled);
	sc_record_stacks_release(&stacks);
}
END_TEST

#define NESTED_MOST 30

static int nested, deepest;
static uint64_t met, lost;

/* A stack that was not met before, with a trap behind each instruction. */
static void count_stepped(void)
{
	uintptr_t frames[32];
	size_t depth = nth(1000 + met++, frames);

	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq" : : : "cc", "memory");
	lost += !sc_stacks_count(&table, 1, frames, depth, false, 1);
	__asm__ volatile("pushfq; andl $~0x100, (%%rsp); popfq" : : : "cc", "memory");
}

/* A handler that comes in before a system call, while there is no room, and needs some itself. */
static void come_in(int signo, siginfo_t *info, void *context)
{
	const unsigned char *at = (const unsigned char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	(void)signo;
	(void)info;

	if (at[0] != 0x0f || at[1] != 0x05 || nested < deepest || nested == NESTED_MOST)
		return;
	deepest = ++nested;
	count_stepped();
	nested--;
}

START_TEST(handlers_that_interrupt_each_other_while_room_is_made_do_without)
{
	struct sigaction action = { .sa_sigaction = come_in, .sa_flags = SA_SIGINFO | SA_NODEFER };
	const uintptr_t first[] = { 0x1111 };
	struct sc_record_stacks stacks;

	suite_start(STUBS);
	ck_assert_ptr_nonnull(sc_stacks_count(&table, 1, first, 1, false, 1));
	ck_assert_int_eq(sigaction(SIGTRAP, &action, NULL), 0);
	while (met < 2000) {
		count_stepped();
		ck_assert_int_eq(nested, 0);
	}
	ck_assert_int_ge(deepest, 2);
	ck_assert_int_lt(deepest, 10);
	read_record(&stacks, getpid());
	ck_assert_uint_eq(calls_in(&stacks), 1 + met - lost);
	ck_assert_uint_eq(stacks.stackless, lost);
	ck_assert_uint_lt(lost, met / 4);
	sc_record_stacks_release(&stacks);
}
END_TEST

START_TEST(a_stack_that_was_begun_and_not_filled_is_passed_over)
{
	const uintptr_t frames[] = { 0x1111, 0x2222 };
	struct sc_record_stacks stacks;
	struct sc_record_stack *first, *second, *third;

	suite_start(STUBS);
	first = sc_stacks_count(&table, 1, frames, 2, false, 0);
	second = sc_stacks_count(&table, 2, frames, 2, false, 0);
	third = sc_stacks_count(&table, 3, frames, 2, false, 0);
	memset(first, 0, first->size);
	second->calls = 0;
	read_record(&stacks, getpid());
	ck_assert_uint_eq(stacks.stack_count, 1);
	ck_assert_uint_eq(stacks.stacks[0].index, third->index);
	sc_record_stacks_release(&stacks);
}
END_TEST

/* A record in memory: its header, one chunk of stacks and one of a module. */
struct sample {
	struct sc_record_header header __attribute__((aligned(64)));
	struct {
		struct sc_record_pool pool;
		struct sc_record_stack stack;
		uint64_t frames[2];
	} stacks __attribute__((aligned(64)));
	struct {
		struct sc_record_module module;
		char path[16];
	} module __attribute__((aligned(64)));
};

static void make_sample(struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	memcpy(sample->header.magic, SC_RECORD_MAGIC, sizeof(sample->header.magic));
	sample->header.header_size = sizeof(sample->header);
	sample->header.version = 1;
	sample->stacks.pool.chunk = (struct sc_record_chunk){ SC_RECORD_CHUNK_MAGIC, SC_RECORD_STACKS,
							      offsetof(struct sample, module) -
								      offsetof(struct sample, stacks) };
	sample->stacks.pool.used = sizeof(struct sc_record_stack) + 16;
	sample->stacks.stack = (struct sc_record_stack){ .size = sizeof(struct sc_record_stack) + 16, .calls = 1,
							 .depth = 2 };
	sample->module.module.chunk = (struct sc_record_chunk){ SC_RECORD_CHUNK_MAGIC, SC_RECORD_MODULES,
								sizeof(*sample) - offsetof(struct sample, module) };
	sample->module.module.start = 0x1000;
	sample->module.module.end = 0x2000;
	sample->module.module.path_size = 6;
	strcpy(sample->module.path, "/file");
}

static const char *damage_of(const struct sample *sample, size_t stacks, size_t modules)
{
	struct sc_record_stacks out;
	const char *why, *damage;

	ck_assert_int_eq(sc_record_stacks_parse(&out, sample, sizeof(*sample), &why), 0);
	ck_assert_uint_eq(out.stack_count, stacks);
	ck_assert_uint_eq(out.module_count, modules);
	damage = out.damage;
	sc_record_stacks_release(&out);
	return damage;
}

START_TEST(what_is_damaged_is_left_out_and_named)
{
	struct sample sample;

	make_sample(&sample);
	ck_assert_ptr_null(damage_of(&sample, 1, 1));
	sample.stacks.stack.depth = 3;
	ck_assert_str_eq(damage_of(&sample, 0, 1), "stacks");
	make_sample(&sample);
	sample.stacks.stack.depth = UINT32_MAX;
	ck_assert_str_eq(damage_of(&sample, 0, 1), "stacks");
	make_sample(&sample);
	sample.stacks.stack.size = UINT32_MAX & ~7u;
	ck_assert_str_eq(damage_of(&sample, 0, 1), "stacks");
	make_sample(&sample);
	sample.stacks.stack.size = 12;
	ck_assert_str_eq(damage_of(&sample, 0, 1), "stacks");
	make_sample(&sample);
	sample.stacks.pool.used = UINT64_MAX;
	ck_assert_ptr_null(damage_of(&sample, 1, 1));
	make_sample(&sample);
	sample.module.path[5] = 'x';
	ck_assert_str_eq(damage_of(&sample, 1, 0), "modules");
	make_sample(&sample);
	sample.module.module.path_size = UINT32_MAX;
	ck_assert_str_eq(damage_of(&sample, 1, 0), "modules");
	make_sample(&sample);
	sample.module.module.path_size = 0;
	ck_assert_str_eq(damage_of(&sample, 1, 0), "modules");
	make_sample(&sample);
	sample.module.module.build_id_size = 33;
	ck_assert_str_eq(damage_of(&sample, 1, 0), "modules");
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, a_stack_that_is_met_again_is_counted_where_it_is);
	tcase_add_test(tests, stacks_that_differ_in_anything_are_others);
	tcase_add_test(tests, a_hundred_thousand_stacks_are_found_again_each);
	tcase_add_test(tests, what_finds_no_room_is_counted_as_such);
	tcase_add_test(tests, a_forked_child_counts_from_zero_and_its_pointers_are_good);
	tcase_add_test(tests, signal_handlers_that_count_lose_nothing);
	tcase_add_test(tests, handlers_that_interrupt_each_other_while_room_is_made_do_without);
	tcase_add_test(tests, a_stack_that_was_begun_and_not_filled_is_passed_over);
	tcase_add_test(tests, what_is_damaged_is_left_out_and_named);
}

int main(void)
{
	return suite_main("stacks", add);
}
