/* SPDX-License-Identifier: MIT */
/* What is read of a call's memory, and how much room it is given. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "preload/modules.h"
#include "preload/runtime.h"
#include "preload/trace_blobs.h"

struct sc_modules sc_modules;
struct sc_runtime sc_runtime;

START_TEST(what_lies_behind_a_return_address_at_the_end_of_a_page_is_not_taken_for_stack)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sc_peek peek = { .stack = (uintptr_t)pages + page };
	char out[8];

	ck_assert_ptr_ne(pages, MAP_FAILED);
	ck_assert_int_eq(munmap(pages + page, page), 0);
	ck_assert_uint_eq(sc_peek_bytes(&peek, out, peek.stack, sizeof(out)), 0);
	memcpy(pages + page - 8, "behind", 7);
	peek.stack -= 8;
	ck_assert_uint_eq(sc_peek_bytes(&peek, out, peek.stack, sizeof(out)), sizeof(out));
	ck_assert_str_eq(out, "behind");
	munmap(pages, page);
}
END_TEST

/* From here up to its own variables a thread's stack is there, whoever has made it; another stack only up to the page's end. */
static void *look_from_thread(void *elsewhere)
{
	static __thread char on_top; /* glibc has thread-local storage above the stack, in the same mapping */
	uintptr_t here = (uintptr_t)__builtin_frame_address(0), page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t end = sc_peek_stack_end(here);

	ck_assert_uint_ge(end, (uintptr_t)&on_top);
	ck_assert_uint_lt(end - here, (uintptr_t)1 << 20);
	ck_assert_uint_eq(sc_peek_stack_end((uintptr_t)elsewhere), (uintptr_t)elsewhere + page - 16);
	return (void *)end;
}

START_TEST(a_threads_own_stack_is_certain_and_another_one_is_not)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 16 * page;
	char *pages = mmap(NULL, 4 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attributes;
	pthread_t thread;
	void *end;

	ck_assert_ptr_ne(pages, MAP_FAILED);
	ck_assert_uint_eq(sc_peek_stack_end((uintptr_t)pages + 16), (uintptr_t)pages + page);
	for (int given = 0; given < 2; given++) {
		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, size);
		if (given)
			ck_assert_int_eq(pthread_attr_setstack(&attributes, pages + size, size), 0);
		ck_assert_int_eq(pthread_create(&thread, &attributes, look_from_thread, pages + 16), 0);
		ck_assert_int_eq(pthread_join(thread, &end), 0);
		if (given)
			ck_assert(end > (void *)(pages + size) && end <= (void *)(pages + 2 * size));
		pthread_attr_destroy(&attributes);
	}
	munmap(pages, 4 * size);
}
END_TEST

START_TEST(many_large_items_take_no_less_than_one)
{
	union {
		struct sc_capture capture;
		unsigned char bytes[sizeof(struct sc_capture) + SC_CAPTURE_ITEMS * sizeof(struct sc_capture_item)];
	} program;
	uint32_t size = UINT32_MAX;

	for (unsigned bits = 31; bits > 16; bits--, size >>= 1) {
		memset(&program, 0, sizeof(program));
		for (unsigned count = 1; count <= SC_CAPTURE_ITEMS; count++) {
			program.capture.item_count = (uint8_t)count;
			program.capture.items[count - 1] = (struct sc_capture_item){
				.kind = SC_CAPTURE_BYTES, .when = SC_CAPTURE_ENTER, .length = SC_LENGTH_PLACE, .size = size,
			};
			ck_assert_uint_ge(sc_trace_blobs_most(&program.capture, SC_CAPTURE_ENTER, 32), SC_EVENT_MOST);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trace_blobs");
	TCase *tests = tcase_create("blobs");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, a_threads_own_stack_is_certain_and_another_one_is_not);
	tcase_add_test(tests, what_lies_behind_a_return_address_at_the_end_of_a_page_is_not_taken_for_stack);
	tcase_add_test(tests, many_large_items_take_no_less_than_one);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
