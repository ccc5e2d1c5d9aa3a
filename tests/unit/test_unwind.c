/* SPDX-License-Identifier: MIT */
/*
 * Walks by rules that are made up here in libunwind's place: right ones find every caller; wrong ones, registers that lead
 * anywhere and stacks that end on an unmapped page find less, and never fault, or go round for ever. And the table: what
 * was asked is not asked again, what was forgotten is; threads that ask at once.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/sys.h"
#include "preload/frame_memory.h"
#include "preload/modules.h"
#include "preload/peek.h"
#include "preload/threads.h"
#include "preload/unwind.h"
#include "preload/unwind_internal.h"
#include "x86_64/layout.h"

#define CODE 0x10000000u /* where calls are made from: nothing is there, and nothing is read */
#define CODE_SIZE 0x1000000u

/* What the files under test know of the process. */
const unsigned char sc_area[128] __attribute__((aligned(128)));
const size_t sc_area_size = sizeof(sc_area);
struct sc_modules sc_modules;
static struct sc_module code = { .start = CODE, .end = CODE + CODE_SIZE, .code_start = CODE, .code_end = CODE + CODE_SIZE };
static struct sc_module self = { .start = 0x1000, .end = 0x2000 };

static void confine(bool confined)
{
	static const uint64_t nothing[SC_SYS_WORDS];
	static uint64_t denied;

	ck_assert(sc_sys_confine(confined ? NULL : nothing, confined ? nothing : NULL, getpid(), &denied));
}

struct sc_module *sc_modules_at(uintptr_t address)
{
	return address - code.start < CODE_SIZE ? &code : NULL;
}

const struct sc_module *sc_modules_self(void)
{
	return &self;
}

/* Of stacks that are certain: where they end. */
static uintptr_t certain_end;

uintptr_t sc_peek_stack_end(uintptr_t stack)
{
	return certain_end ? certain_end : ((stack - 1) | 4095) + 1;
}

static unsigned copies;

size_t sc_peek_copy(void *out, uintptr_t address, size_t size)
{
	const struct iovec to = { out, size }, from = { (void *)address, size };

	copies++;
	return sc_sys_may(SYS_process_vm_readv) && process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)size ? size : 0;
}

/* There is one trampoline, and this is its frame. */
#define TRAMPOLINE 0x4000u
static struct sc_frame shadow;

struct sc_frame *sc_frame_memory_of(uintptr_t address)
{
	return address - TRAMPOLINE < SC_FRAME_SIZE ? &shadow : NULL;
}

bool sc_frame_memory_has(uintptr_t address)
{
	return address == (uintptr_t)&shadow;
}

static unsigned asked, wrong;
static uintptr_t leaving;

static int random_offset(unsigned range)
{
	return (rand() % (int)range - (int)range / 2) * 8;
}

/* Any rule there can be. */
static void make_wrong(struct sc_unwind_rule *out)
{
	*out = (struct sc_unwind_rule){ .kind = rand() % 16 ? SC_UNWIND_PLAIN : (uint8_t)(rand() % 5) };
	out->cfa_base = (uint8_t)(rand() % SC_UNWIND_REGISTERS);
	out->indirect = rand() % 4 == 0;
	out->cfa_offset = random_offset(rand() % 8 ? 64 : 1 << 24) + (rand() % 64 == 0);
	out->cfa_more = random_offset(64);
	out->pc_base = rand() % 3 ? out->cfa_base : SC_UNWIND_CFA;
	out->pc_offset = rand() % 2 ? out->cfa_offset - 8 : random_offset(64);
	for (unsigned i = 0; i < SC_UNWIND_RSP; i++) {
		out->base[i] = rand() % 2 ? SC_UNWIND_SAME : rand() % 2 ? out->cfa_base : (uint8_t)(rand() % 7);
		out->offset[i] = random_offset(rand() % 8 ? 64 : 1 << 24);
	}
}

/* The frames that build() lays: 64 bytes each, the return address at the top, rbx and rbp below it. */
static void make_right(struct sc_unwind_rule *out)
{
	*out = (struct sc_unwind_rule){ .kind = SC_UNWIND_PLAIN, .cfa_base = SC_UNWIND_RSP, .cfa_offset = 64,
					.pc_base = SC_UNWIND_RSP, .pc_offset = 56 };
	memset(out->base, SC_UNWIND_SAME, sizeof(out->base));
	out->base[SC_UNWIND_RBP] = out->base[SC_UNWIND_RBX] = SC_UNWIND_RSP;
	out->offset[SC_UNWIND_RBP] = 48;
	out->offset[SC_UNWIND_RBX] = 40;
}

/* As libunwind reads what x86_64/leave.S says of itself. */
static void make_leaving(struct sc_unwind_rule *out)
{
	*out = (struct sc_unwind_rule){ .kind = SC_UNWIND_PLAIN, .cfa_base = SC_UNWIND_RSP, .cfa_offset = 8,
					.pc_base = SC_UNWIND_RBX, .pc_offset = 16 };
	memset(out->base, SC_UNWIND_SAME, sizeof(out->base));
	out->base[SC_UNWIND_RBX] = SC_UNWIND_RBX;
	out->offset[SC_UNWIND_RBX] = 8;
}

static int rule(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_rule *out)
{
	(void)module;
	__atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED);
	if (at + 1 == leaving)
		make_leaving(out);
	else if (wrong)
		make_wrong(out);
	else
		make_right(out);
	return 0;
}

static int step(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_state *state,
		sc_unwind_peek *peek, void *context)
{
	(void)module;
	(void)at;
	if (!peek(context, state->registers[rand() % SC_UNWIND_REGISTERS], &state->pc))
		return -1;
	return rand() % 8 != 0;
}

static const struct sc_unwind_api api = { .version = SC_UNWIND_VERSION, .rule = rule, .step = step };

static void start(void)
{
	void *work = mmap(NULL, SC_UNWIND_WORK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(work, MAP_FAILED);
	sc_unwind_rules_start(&api, work);
}

static uintptr_t address_of(size_t n)
{
	return CODE + 16 * (n + 1);
}

/* A stack of `depth` frames that ends with its page; what lies behind it is not mapped. */
static uintptr_t build(size_t depth)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (depth * 64 + page - 1) / page * page;
	char *memory = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t *top = (uintptr_t *)(memory + size);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	munmap(memory + size, page);
	for (size_t n = 1; n <= depth; n++)
		top[-1 - 8 * (ptrdiff_t)(depth - n)] = address_of(n);
	return (uintptr_t)top - 64 * depth;
}

START_TEST(each_caller_is_found_up_to_where_the_stack_ends)
{
	const struct sc_unwind_start from = { .pc = address_of(0), .sp = build(1000) };
	uintptr_t frames[2000];
	bool cut = false;

	start();
	for (int turn = 0; turn < 2; turn++) {
		/* After the last frame comes an address whose frame is not there. */
		ck_assert_uint_eq(sc_unwind_stack(&from, frames, 2000, &cut), 1001);
		ck_assert(cut);
		for (size_t n = 0; n <= 1000; n++)
			ck_assert_uint_eq(frames[n], address_of(n));
	}
	ck_assert_uint_eq(asked, 1001);
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 10, &cut), 10);
	ck_assert(cut);
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 0, &cut), 0);
}
END_TEST

START_TEST(a_stub_that_is_being_left_has_the_stack_of_its_caller)
{
	uintptr_t left[] = { 0, 42, address_of(0) }, frames[200];
	const struct sc_unwind_start from = { .pc = address_of(5000), .sp = build(100), .rbx = (uintptr_t)left };
	bool cut;

	leaving = from.pc;
	start();
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 102);
	for (size_t n = 0; n <= 100; n++)
		ck_assert_uint_eq(frames[1 + n], address_of(n));
}
END_TEST

/* A function that an intercepted call has called, and places in the trampoline that it returns to: as a return address and
 * as what a signal has interrupted, the return address on the stack or not. */
START_TEST(a_trampoline_leads_to_the_caller_of_its_call)
{
	uintptr_t frames[200];
	struct sc_unwind_start from = { .pc = TRAMPOLINE + SC_TRAMPOLINE_SITE, .sp = build(100), .rbx = 7 };
	bool cut;

	shadow = (struct sc_frame){ .return_address = address_of(0), .rbx = 42 };
	start();
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 102);
	ck_assert_uint_eq(frames[0], from.pc);
	for (size_t n = 0; n <= 100; n++)
		ck_assert_uint_eq(frames[1 + n], address_of(n));
	from.pc = TRAMPOLINE + SC_TRAMPOLINE_PUSHED + 1;
	from.sp -= 8;
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 102);
	for (size_t n = 0; n <= 100; n++)
		ck_assert_uint_eq(frames[1 + n], address_of(n));
}
END_TEST

START_TEST(what_is_forgotten_is_asked_again)
{
	const struct sc_unwind_start from = { .pc = address_of(0), .sp = build(100) };
	uintptr_t frames[200];
	bool cut;

	start();
	sc_unwind_stack(&from, frames, 200, &cut);
	ck_assert_uint_eq(asked, 101);
	sc_unwind_forget(address_of(10), address_of(20));
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 101);
	ck_assert_uint_eq(asked, 111);
}
END_TEST

START_TEST(without_system_calls_only_what_is_certain_is_walked)
{
	const struct sc_unwind_start from = { .pc = address_of(0), .sp = build(200) };
	uintptr_t frames[300];
	bool cut = false;

	start();
	confine(true);
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 300, &cut), 1);
	ck_assert(cut);
	confine(false);
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 300, &cut), 201);
	confine(true);
	ck_assert_uint_lt(sc_unwind_stack(&from, frames, 300, &cut), 65);
	ck_assert(cut);
	certain_end = from.sp + 64 * 200;
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 200);
	confine(false);
}
END_TEST

START_TEST(a_stack_that_is_there_for_certain_takes_no_system_call)
{
	const struct sc_unwind_start from = { .pc = address_of(0), .sp = build(200) };
	uintptr_t frames[300];
	bool cut = false;

	start();
	certain_end = from.sp + 64 * 200;
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 200);
	ck_assert_uint_eq(copies, 0);
	certain_end = 0;
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 200, &cut), 200);
	ck_assert_uint_ge(copies, 1);
	ck_assert_uint_le(copies, 64 * 200 / 512 + 1);
}
END_TEST

START_TEST(what_was_readable_once_and_is_not_any_more_is_not_read)
{
	const struct sc_unwind_start from = { .pc = address_of(0), .sp = build(200) };
	size_t page = (size_t)sysconf(_SC_PAGESIZE), rest = page - from.sp % page;
	uintptr_t frames[300];
	bool cut = false;

	start();
	for (int turn = 0; turn < 2; turn++)
		ck_assert_uint_eq(sc_unwind_stack(&from, frames, 300, &cut), 201);
	ck_assert_int_eq(munmap((void *)(from.sp + rest), 64 * 200 - rest), 0);
	ck_assert_uint_eq(sc_unwind_stack(&from, frames, 300, &cut), 1 + rest / 64);
	ck_assert(cut);
}
END_TEST

START_TEST(wrong_rules_and_registers_lead_nowhere_and_never_fault)
{
	uintptr_t stack = build(64), frames[64];

	start();
	wrong = 1;
	for (unsigned n = 0; n < 100000; n++) {
		const uintptr_t anything[] = { stack + 8 * (uintptr_t)(rand() % 512), (uintptr_t)rand() << 20, 0, 8, UINTPTR_MAX,
					       UINTPTR_MAX - 7, (uintptr_t)1 << 47, (uintptr_t)frames, CODE,
					       (uintptr_t)1 << 63, stack + 1, (uintptr_t)&code };
#define ANY anything[(size_t)rand() % (sizeof(anything) / sizeof(anything[0]))]
		const struct sc_unwind_start from = { rand() % 8 ? address_of((size_t)rand() % 5000) : ANY,
						      anything[0], ANY, ANY, ANY, ANY, ANY, ANY };
		bool cut;
		size_t count = sc_unwind_stack(&from, frames, 64, &cut);

		ck_assert_uint_ge(count, 1);
		ck_assert_uint_le(count, 64);
		if (n % 100 == 0)
			sc_unwind_forget(CODE, CODE + CODE_SIZE);
	}
}
END_TEST

static void *walk_often(void *unused)
{
	const size_t depth = 3000;
	const struct sc_unwind_start from = { .pc = address_of(0), .sp = build(depth) };
	uintptr_t frames[4000];
	size_t whole = 0;
	bool cut;
	(void)unused;

	/* Who has had to wait for too long is cut. But what was found once is known to all. */
	while (sc_unwind_stack(&from, frames, 4000, &cut) <= depth)
		;
	for (int turn = 0; turn < 50; turn++)
		whole += sc_unwind_stack(&from, frames, 4000, &cut) == depth + 1;
	return (void *)whole;
}

START_TEST(threads_that_ask_at_once_find_the_same)
{
	pthread_t threads[8];

	start();
	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, walk_often, NULL), 0);
	for (size_t i = 0; i < 8; i++) {
		void *whole;

		pthread_join(threads[i], &whole);
		ck_assert_uint_ge((size_t)whole, 40);
	}
	ck_assert_uint_ge(asked, 3001);
	ck_assert_uint_le(asked, 3001 + 8 * 20);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("unwind");
	Suite *suite = suite_create("unwind");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, each_caller_is_found_up_to_where_the_stack_ends);
	tcase_add_test(tests, a_stub_that_is_being_left_has_the_stack_of_its_caller);
	tcase_add_test(tests, a_trampoline_leads_to_the_caller_of_its_call);
	tcase_add_test(tests, what_is_forgotten_is_asked_again);
	tcase_add_test(tests, without_system_calls_only_what_is_certain_is_walked);
	tcase_add_test(tests, a_stack_that_is_there_for_certain_takes_no_system_call);
	tcase_add_test(tests, what_was_readable_once_and_is_not_any_more_is_not_read);
	tcase_add_test(tests, wrong_rules_and_registers_lead_nowhere_and_never_fault);
	tcase_add_test(tests, threads_that_ask_at_once_find_the_same);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
