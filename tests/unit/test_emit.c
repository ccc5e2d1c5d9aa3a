/* SPDX-License-Identifier: MIT */
/* Emitted stubs, byte for byte beside their assembly, and the templates' labels against layout.h. */
#include <check.h>
#include <stddef.h>
#include <string.h>

#include "engine/emit.h"

extern const uint32_t sc_stub_offsets[13];

static const struct sc_emit place = { .code = 0x2000, .words = 0x5000, .word = 0x5048, .index = 3 };

static const uint8_t tail[] = {
	0xf3, 0x0f, 0x1e, 0xfa,				/* 2000 endbr64 */
	0x4c, 0x8b, 0x1d, 0xf5, 0x2f, 0x00, 0x00,	/* 2004 mov 0x2ff5(%rip),%r11	5000, the thread-local words */
	0x64, 0x4d, 0x8b, 0x5b, 0x08,			/* 200b mov %fs:8(%r11),%r11	its region */
	0x4d, 0x85, 0xdb,				/* 2010 test %r11,%r11 */
	0x74, 0x0d,					/* 2013 je 2022 */
	0x49, 0xff, 0x83, 0x98, 0x40, 0x00, 0x00,	/* 2015 incq 0x4098(%r11)	0x4080 + 8 * 3 */
	0xff, 0x25, 0x26, 0x30, 0x00, 0x00,		/* 201c jmp *0x3026(%rip)	5048, the original */
	0x4c, 0x8d, 0x1d, 0xd7, 0xff, 0xff, 0xff,	/* 2022 lea -0x29(%rip),%r11	2000, this stub */
	0xff, 0x25, 0xd9, 0x2f, 0x00, 0x00,		/* 2029 jmp *0x2fd9(%rip)	5008, the slow path */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
	SC_CELL_TAIL
};

static const uint8_t frame_entry[] = {
	0xf3, 0x0f, 0x1e, 0xfa,				/* 2000 endbr64 */
	0x4c, 0x8b, 0x1d, 0xf5, 0x2f, 0x00, 0x00,	/* 2004 mov 0x2ff5(%rip),%r11	5000, the thread-local words */
	0x53,						/* 200b push %rbx */
	0x64, 0x4d, 0x8b, 0x1b,				/* 200c mov %fs:(%r11),%r11	this thread */
	0x49, 0x8b, 0x1b,				/* 2010 mov (%r11),%rbx		its first free frame */
	0x48, 0x85, 0xdb,				/* 2013 test %rbx,%rbx */
	0x7e, 0x53,					/* 2016 jle 206b */
	0xff, 0x33,					/* 2018 push (%rbx)		taken off the list: */
	0x41, 0x8f, 0x03,				/* 201a pop (%r11)		the next is first */
	0x8f, 0x43, 0x08,				/* 201d pop 8(%rbx)		caller's rbx */
	0x8f, 0x43, 0x10,				/* 2020 pop 16(%rbx)		return address */
	0x48, 0xc7, 0x03, 0x03, 0x00, 0x00, 0x80,	/* 2023 movq $-0x7ffffffd,(%rbx)	which stub this was */
	0x4d, 0x8b, 0x5b, 0x08,				/* 202a mov 8(%r11),%r11	region */
	0x48, 0x89, 0x43, 0x20,				/* 202e mov %rax,32(%rbx) */
	0x49, 0x8b, 0x43, 0x18,				/* 2032 mov 24(%r11),%rax	time in children, */
	0x48, 0x89, 0x43, 0x30,				/* 2036 mov %rax,48(%rbx)	of the caller */
	0x49, 0x83, 0x63, 0x18, 0x00,			/* 203a andq $0,24(%r11)	and ours */
	0x49, 0xff, 0x83, 0x98, 0x40, 0x00, 0x00,	/* 203f incq 0x4098(%r11)	0x4080 + 8 * 3 */
};

static const uint8_t frame_rdtsc[] = {
	0x49, 0x89, 0xd3,				/* 2046 mov %rdx,%r11 */
	0x0f, 0x31,					/* 2049 rdtsc */
	0x48, 0xc1, 0xe2, 0x20,				/* 204b shl $32,%rdx */
	0x48, 0x09, 0xd0,				/* 204f or %rdx,%rax */
	0x48, 0x89, 0x43, 0x28,				/* 2052 mov %rax,40(%rbx)	start */
	0x48, 0x89, 0x63, 0x18,				/* 2056 mov %rsp,24(%rbx)	in use from here */
	0x48, 0x8b, 0x43, 0x20,				/* 205a mov 32(%rbx),%rax */
	0x4c, 0x89, 0xda,				/* 205e mov %r11,%rdx */
};

static const uint8_t frame_clock[] = {
	0xff, 0x15, 0xcc, 0x2f, 0x00, 0x00,		/* 2046 call *0x2fcc(%rip)	5018, the clock */
};

static const uint8_t frame_hook[] = {
	0xff, 0x15, 0xd4, 0x2f, 0x00, 0x00,		/* 2046 call *0x2fd4(%rip)	5020, the hook */
	0x45, 0x85, 0xdb,				/* 204c test %r11d,%r11d */
	0x74, 0x06,					/* 204f je 2057 */
	0xff, 0x25, 0xd1, 0x2f, 0x00, 0x00,		/* 2051 jmp *0x2fd1(%rip)	5028, as if it had returned */
};

static const uint8_t frame_exit[] = {
	0x4c, 0x8b, 0x1d, 0xe0, 0x2f, 0x00, 0x00,	/* 2061 mov 0x2fe0(%rip),%r11	5048, the original */
	0xff, 0x63, 0x38,				/* 2068 jmp *56(%rbx)		through the frame's trampoline */
	0x4c, 0x8d, 0x1d, 0x8e, 0xff, 0xff, 0xff,	/* 206b lea -0x72(%rip),%r11	2000, this stub */
	0xff, 0x25, 0x98, 0x2f, 0x00, 0x00,		/* 2072 jmp *0x2f98(%rip)	5010, the slow path */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
	SC_CELL_FRAME
};

static const uint8_t closure_end[] = {
	0x4c, 0x8d, 0x15, 0x25, 0x30, 0x00, 0x00,	/* 201c lea 0x3025(%rip),%r10	5048, the closure */
	0x41, 0xff, 0x22,				/* 2023 jmp *(%r10) */
	0x4c, 0x8d, 0x1d, 0xd3, 0xff, 0xff, 0xff,	/* 2026 lea -0x2d(%rip),%r11	2000, this stub */
	0xff, 0x25, 0xd5, 0x2f, 0x00, 0x00,		/* 202d jmp *0x2fd5(%rip)	5008, the slow path */
	0xcc,
};

static uint32_t field(const uint8_t *code, uint32_t offset)
{
	uint32_t value;

	memcpy(&value, code + offset, sizeof(value));
	return value;
}

START_TEST(a_tail_stub_counts_and_goes_on)
{
	uint8_t out[SC_TAIL_SIZE];

	ck_assert_uint_eq(sizeof(tail), SC_TAIL_SIZE);
	sc_emit_stub(out, SC_IMAGE_TAIL, &place);
	ck_assert_mem_eq(out, tail, sizeof(tail));
}
END_TEST

START_TEST(a_closure_stub_counts_and_enters_its_closure)
{
	uint8_t out[SC_TAIL_SIZE];
	const size_t counted = SC_CLOSURE_WORD - 3, before_jump = 20;

	sc_emit_stub(out, SC_IMAGE_CLOSURE, &place);
	ck_assert_mem_eq(out, tail, before_jump);
	ck_assert_uint_eq(out[before_jump], 0x11); /* je 2026 */
	ck_assert_mem_eq(out + before_jump + 1, tail + before_jump + 1, counted - before_jump - 1);
	ck_assert_mem_eq(out + counted, closure_end, sizeof(closure_end));
	ck_assert_uint_eq(out[counted], SC_CLOSURE_LEA);
	ck_assert_uint_ne(tail[counted], SC_CLOSURE_LEA);
	ck_assert_uint_eq(out[SC_TAIL_SIZE - 1], SC_CELL_TAIL);
}
END_TEST

START_TEST(a_frame_stub_calls_and_leaves)
{
	uint8_t out[SC_CELL_SIZE];
	size_t middle = sizeof(frame_entry), end = middle + sizeof(frame_rdtsc);

	ck_assert_uint_eq(end + sizeof(frame_exit), SC_CELL_SIZE);
	sc_emit_stub(out, SC_IMAGE_FRAME, &place);
	ck_assert_mem_eq(out, frame_entry, middle);
	ck_assert_mem_eq(out + middle, frame_rdtsc, sizeof(frame_rdtsc));
	ck_assert_mem_eq(out + end, frame_exit, sizeof(frame_exit));
}
END_TEST

/* How the assembler fills up with no-ops is its own affair. */
START_TEST(the_clock_variant_differs_in_the_middle_and_in_its_kind)
{
	struct sc_emit clock = place;
	uint8_t out[SC_CELL_SIZE];

	clock.clock = true;
	sc_emit_stub(out, SC_IMAGE_FRAME, &clock);
	ck_assert_uint_eq(field(out, SC_FRAME_NUMBER), place.index | SC_FRAME_KIND_CLOCK | (uint32_t)SC_FRAME_USED);
	memcpy(out + SC_FRAME_NUMBER, frame_entry + SC_FRAME_NUMBER, 4);
	ck_assert_mem_eq(out, frame_entry, sizeof(frame_entry));
	ck_assert_mem_eq(out + sizeof(frame_entry), frame_clock, sizeof(frame_clock));
	ck_assert_mem_eq(out + SC_CELL_SIZE - sizeof(frame_exit), frame_exit, sizeof(frame_exit));
}
END_TEST

START_TEST(a_hook_stub_asks_whether_to_call)
{
	uint8_t out[SC_CELL_SIZE];

	sc_emit_stub(out, SC_IMAGE_HOOK, &place);
	ck_assert_uint_eq(field(out, SC_FRAME_NUMBER), place.index | SC_FRAME_KIND_HOOK | (uint32_t)SC_FRAME_USED);
	memcpy(out + SC_FRAME_NUMBER, frame_entry + SC_FRAME_NUMBER, 4);
	ck_assert_mem_eq(out, frame_entry, sizeof(frame_entry));
	ck_assert_mem_eq(out + sizeof(frame_entry), frame_hook, sizeof(frame_hook));
	ck_assert_mem_eq(out + SC_CELL_SIZE - sizeof(frame_exit), frame_exit, sizeof(frame_exit));
}
END_TEST

START_TEST(the_highest_number_reaches_its_counter)
{
	struct sc_emit stub = place;
	uint8_t out[SC_CELL_SIZE];

	stub.index = SC_EMIT_INDEX_MOST;
	sc_emit_stub(out, SC_IMAGE_TAIL, &stub);
	ck_assert_uint_le(field(out, SC_TAIL_INDEX), INT32_MAX);
	ck_assert_uint_gt((uint64_t)field(out, SC_TAIL_INDEX) + 8, INT32_MAX);
	sc_emit_stub(out, SC_IMAGE_FRAME, &stub);
	ck_assert_uint_eq(field(out, SC_FRAME_NUMBER), SC_EMIT_INDEX_MOST | (uint32_t)SC_FRAME_USED);
	ck_assert_uint_eq(SC_EMIT_INDEX_MOST & SC_FRAME_KINDS, 0);
}
END_TEST

START_TEST(words_may_lie_before_the_code)
{
	struct sc_emit stub = { .code = 0x9000, .words = 0x1000, .word = 0x1040 };
	uint8_t out[SC_CELL_SIZE];

	sc_emit_stub(out, SC_IMAGE_TAIL, &stub);
	ck_assert_int_eq((int32_t)field(out, SC_TAIL_WORD), 0x1040 - 0x9000 - SC_TAIL_WORD - 4);
}
END_TEST

START_TEST(padding_traps_and_says_tail)
{
	uint8_t cell[SC_CELL_SIZE];

	memset(cell, 0x11, sizeof(cell));
	sc_emit_padding(cell, SC_TAIL_SIZE);
	ck_assert_uint_eq(cell[SC_TAIL_SIZE - 1], 0x11);
	for (unsigned i = SC_TAIL_SIZE; i < SC_CELL_SIZE - 1; i++)
		ck_assert_uint_eq(cell[i], 0xcc);
	ck_assert_uint_eq(cell[SC_CELL_SIZE - 1], SC_CELL_TAIL);
}
END_TEST

START_TEST(labels_of_the_templates_are_where_layout_says)
{
	const uint32_t expected[13] = {
		SC_TAIL_TLS, SC_TAIL_INDEX, SC_TAIL_WORD, SC_TAIL_SLOW,
		SC_FRAME_INDEX, SC_FRAME_WORD - 3, SC_FRAME_CLOCK_ENTER, SC_FRAME_WORD - 3,
		SC_HOOK_ENTER, SC_FRAME_WORD - 3, SC_HOOK_DECIDED,
		SC_CLOSURE_WORD, SC_CLOSURE_SLOW,
	};

	/* tail_tls stands behind its field, as all but the three ways to the original do. */
	for (unsigned i = 0; i < 13; i++)
		ck_assert_uint_eq(sc_stub_offsets[i], expected[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("emit");
	TCase *tests = tcase_create("emit");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, a_tail_stub_counts_and_goes_on);
	tcase_add_test(tests, a_closure_stub_counts_and_enters_its_closure);
	tcase_add_test(tests, a_frame_stub_calls_and_leaves);
	tcase_add_test(tests, the_clock_variant_differs_in_the_middle_and_in_its_kind);
	tcase_add_test(tests, a_hook_stub_asks_whether_to_call);
	tcase_add_test(tests, the_highest_number_reaches_its_counter);
	tcase_add_test(tests, words_may_lie_before_the_code);
	tcase_add_test(tests, padding_traps_and_says_tail);
	tcase_add_test(tests, labels_of_the_templates_are_where_layout_says);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
