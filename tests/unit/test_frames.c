/* SPDX-License-Identifier: MIT */
/*
 * Shadow frames at the moment when a thread has none, and signal handlers want some, too. A page that cannot be written
 * stands for a fault that takes long: its handler is the signal handler that comes in meanwhile.
 */
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "preload/frame_memory.h"
#include "preload/threads.h"

#define PAGE 4096

/* In place of frame_memory.c: a frame's trampoline is at another address, that is all. */
#define DISTANCE ((uintptr_t)1 << 40)

void *sc_frame_memory_take(size_t *size)
{
	void *memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

uintptr_t sc_frame_memory_trampoline(const struct sc_frame *frame)
{
	return (uintptr_t)frame + DISTANCE;
}

struct sc_frame *sc_frame_memory_returning(uintptr_t return_address)
{
	return return_address < DISTANCE ? NULL : (struct sc_frame *)(return_address - DISTANCE);
}

static struct sc_thread thread;
static char *closed; /* the page */
static int faults;
static void (*meanwhile)(void);

static void open_page(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	if (!closed || (char *)info->si_addr < closed || (char *)info->si_addr >= closed + PAGE)
		abort();
	faults++;
	meanwhile();
	mprotect(closed, PAGE, PROT_READ | PROT_WRITE);
}

static void close_page(char *page, void (*then)(void))
{
	struct sigaction action = { .sa_sigaction = open_page, .sa_flags = SA_SIGINFO | SA_NODEFER };

	closed = page;
	meanwhile = then;
	ck_assert_int_eq(sigaction(SIGSEGV, &action, NULL), 0);
	ck_assert_int_eq(mprotect(page, PAGE, PROT_NONE), 0);
}

static char *pages(size_t count)
{
	char *memory = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

static size_t count_free(void)
{
	size_t count = 0;

	for (const struct sc_frame *frame = thread.free; frame; frame = frame->next)
		count++;
	return count;
}

/* As a stub does, for a call whose return address was pushed at this address. */
static struct sc_frame *take(uintptr_t stack)
{
	struct sc_frame *frame = thread.free;

	thread.free = frame->next;
	frame->return_address = 0;
	frame->stack = stack;
	return frame;
}

static size_t free_meanwhile;

static void count_meanwhile(void)
{
	free_meanwhile = count_free();
}

START_TEST(frames_are_there_before_all_pages_of_a_chunk_are_touched)
{
	char *memory = pages(4);

	close_page(memory + PAGE, count_meanwhile);
	sc_frames_add(&thread, memory, 4 * PAGE);
	ck_assert_int_eq(faults, 1);
	ck_assert_uint_eq(free_meanwhile, PAGE / sizeof(struct sc_frame) - 1); /* one is the chunk's head */
	ck_assert_uint_eq(count_free(), 4 * PAGE / sizeof(struct sc_frame) - 1);
	ck_assert_uint_eq(thread.frames, count_free());
}
END_TEST

static const struct sc_frame_call another = { .stack = 0x10 };

static void provide_meanwhile(void)
{
	ck_assert_int_eq(sc_frames_provide(&thread, &another), 0);
	free_meanwhile = count_free();
}

/* It has some before the search has gone on, which its handling keeps from that. */
START_TEST(a_handler_that_interrupts_a_search_gets_frames_without_a_search)
{
	char *memory = pages(4);

	sc_frames_add(&thread, memory, 4 * PAGE);
	for (uintptr_t stack = 0x1000; thread.free; stack += 8)
		take(stack);
	close_page(memory + 2 * PAGE, provide_meanwhile);
	ck_assert_int_eq(sc_frames_provide(&thread, &another), 0);
	ck_assert_int_eq(faults, 1);
	ck_assert_uint_eq(free_meanwhile, PAGE / sizeof(struct sc_frame) - 1);
	ck_assert_ptr_nonnull(thread.free);
}
END_TEST

/* A search that was left by longjmp out of such a handler keeps nobody from the next. */
START_TEST(abandoned_frames_are_found_after_a_search_that_was_left)
{
	const struct sc_frame_call again = { .stack = 0x1000 };
	size_t frames;

	sc_frames_add(&thread, pages(1), PAGE);
	for (int calls = 0; calls < 3; calls++) {
		while (thread.free)
			take(0x1000);
		if (calls == 0)
			thread.searching = 1;
		ck_assert_int_eq(sc_frames_provide(&thread, &again), 0);
		if (calls == 0)
			frames = thread.frames;
	}
	ck_assert_uint_eq(thread.frames, frames);
}
END_TEST

/* A call that is the end of a call, and so on, all of one stack word: none is freed, however often it is looked. An
 * abandoned one of that word, which is in nobody's chain, is. */
START_TEST(tail_calls_keep_the_frames_that_they_return_through)
{
	struct sc_frame_call call = { .stack = 0x1000 };
	struct sc_frame *chain[3], *abandoned;

	sc_frames_add(&thread, pages(1), PAGE);
	abandoned = take(0x1000);
	for (int i = 0; i < 3; i++) {
		chain[i] = take(0x1000);
		if (i > 0)
			chain[i]->return_address = sc_frame_memory_trampoline(chain[i - 1]);
	}
	call.return_address = sc_frame_memory_trampoline(chain[2]);
	for (uintptr_t stack = 0x2000; thread.free; stack += 8)
		take(stack);
	for (int looks = 0; looks < 600; looks++) {
		ck_assert_int_eq(sc_frames_provide(&thread, &call), 0);
		for (int i = 0; i < 3; i++)
			ck_assert_uint_eq(sc_frame_stack(chain[i]), 0x1000);
		ck_assert_ptr_eq(take(0x1000), abandoned);
		ck_assert_ptr_null(thread.free);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("frames");
	TCase *tests = tcase_create("frames");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, frames_are_there_before_all_pages_of_a_chunk_are_touched);
	tcase_add_test(tests, a_handler_that_interrupts_a_search_gets_frames_without_a_search);
	tcase_add_test(tests, abandoned_frames_are_found_after_a_search_that_was_left);
	tcase_add_test(tests, tail_calls_keep_the_frames_that_they_return_through);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
