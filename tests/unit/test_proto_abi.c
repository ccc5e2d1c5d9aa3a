/* SPDX-License-Identifier: MIT */
/*
 * Where arguments are: functions compiled by the compiler are called with arguments whose every byte is known, and
 * replaced by a dump of the registers and the stack, in which the bytes must lie where we say.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto_abi.h"

#define STACK_WORDS 24

struct dump {
	uint64_t general[6];
	uint8_t vector[8][16];
	uint64_t stack[STACK_WORDS];
};

struct dump dumped;

/* Stores what it was called with, whatever that is, and returns nothing of use. */
extern char dump_call[];
__asm__(".text\n"
	".type dump_call, @function\n"
	"dump_call:\n"
	"	lea	dumped(%rip), %r11\n"
	"	mov	%rdi, (%r11)\n"
	"	mov	%rsi, 8(%r11)\n"
	"	mov	%rdx, 16(%r11)\n"
	"	mov	%rcx, 24(%r11)\n"
	"	mov	%r8, 32(%r11)\n"
	"	mov	%r9, 40(%r11)\n"
	"	movups	%xmm0, 48(%r11)\n"
	"	movups	%xmm1, 64(%r11)\n"
	"	movups	%xmm2, 80(%r11)\n"
	"	movups	%xmm3, 96(%r11)\n"
	"	movups	%xmm4, 112(%r11)\n"
	"	movups	%xmm5, 128(%r11)\n"
	"	movups	%xmm6, 144(%r11)\n"
	"	movups	%xmm7, 160(%r11)\n"
	"	mov	$0, %r10d\n"
	"1:	mov	8(%rsp,%r10,8), %rax\n"
	"	mov	%rax, 176(%r11,%r10,8)\n"
	"	inc	%r10d\n"
	"	cmp	$24, %r10d\n"
	"	jb	1b\n"
	"	mov	%rdi, %rax\n"
	"	fldz\n" /* what x87 functions return is popped by their callers */
	"	fstp	%st(0)\n"
	"	ret\n"
	".size dump_call, . - dump_call\n");

#define DECLARE(...) __VA_ARGS__ static const char types[] = #__VA_ARGS__;

/* clang-format off */
DECLARE(
	struct one { char a; };
	struct ints { int a, b, c; };
	struct longs { long a, b; };
	struct three { long a, b, c; };
	struct floats { float a, b; };
	struct floats3 { float a, b, c; };
	struct doubles { double a, b; };
	struct mixed { double a; long b; };
	struct mixed_back { long a; float b; };
	struct shared { float a; int b; double c; };
	struct ld { long double a; };
	struct ld_union_int { union { long double a; long b; } u; };
	struct empty { };
	struct has_empty { struct empty a; int b; };
	struct bits { int a : 5, b : 20; long c : 40; };
	struct packed { char a; long b; } __attribute__((packed));
	struct packed_ok { long a; int b; } __attribute__((packed));
	struct array { float a[4]; };
	struct array_int { char a[11]; };
	struct wide { __int128 a; };
	struct padded { long a __attribute__((aligned(16))); };
	struct nested { struct { float a; } x; struct { struct { int b; } y; } z; };
	struct cf { float _Complex a; };
	struct quad { __float128 a; };
	union number { int a; double b; };
	union floats_only { float a; double b[2]; };
	enum color { RED, GREEN = 70000 };
)
/* clang-format on */

/* Values of which every byte that counts is different; padding is not looked at. */
static uint8_t next_byte;
static void fill(void *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)value)[i] = (uint8_t)(0x11 + next_byte++ % 0x60); /* no NaN, no odd long double */
}

static struct sc_arena arena;
static struct sc_protos protos;

static void begin(void)
{
	struct sc_proto_errors errors;

	next_byte = 0;
	protos = (struct sc_protos){ .arena = &arena };
	ck_assert_msg(sc_protos_read(&protos, types, strlen(types), "test", &errors) == 0, "%s", errors.errors[0].message);
}

static void end(void)
{
	sc_arena_release(&arena);
}

static const struct sc_proto *function(const char *text)
{
	const struct sc_proto *proto = NULL;
	struct sc_proto_error error;

	ck_assert_msg(sc_protos_read_one(&protos, text, strlen(text), &proto, &error) == 0, "%s: %s", text, error.message);
	return proto;
}

/* The bytes of a type that are no padding. */
static void mark_used(const struct sc_type *type, uint8_t *used)
{
	type = sc_type_real(type);
	if (type->kind == SC_TYPE_LONG_DOUBLE) {
		memset(used, 1, 10);
	} else if (type->kind == SC_TYPE_COMPLEX_LONG_DOUBLE) {
		memset(used, 1, 10);
		memset(used + 16, 1, 10);
	} else if (type->kind == SC_TYPE_ARRAY) {
		for (uint32_t i = 0; i < type->count; i++)
			mark_used(type->target, used + i * sc_type_real(type->target)->size);
	} else if (type->kind == SC_TYPE_STRUCT || type->kind == SC_TYPE_UNION) {
		for (uint32_t i = 0; i < type->count; i++)
			if (!type->members[i].bit_width)
				mark_used(type->members[i].type, used + type->members[i].offset);
			else if (type->members[i].bit_width >= 8)
				used[type->members[i].offset + (type->members[i].bit_offset ? 1 : 0)] = 1;
	} else {
		memset(used, 1, type->size);
	}
}

static void check_argument(const char *text, unsigned number, const struct sc_type *type,
			   const struct sc_abi_value *value, const void *expected)
{
	uint8_t used[64] = { 0 }, found[64] = { 0 };
	uint64_t size = sc_type_real(type)->size;

	ck_assert_uint_le(size, sizeof(used));
	mark_used(type, used);
	if (value->where == SC_ABI_STACK) {
		ck_assert_uint_le(value->stack_first + value->stack_count, STACK_WORDS);
		memcpy(found, &dumped.stack[value->stack_first], size);
	} else {
		for (unsigned i = 0; i < value->piece_count; i++) {
			const struct sc_abi_piece *piece = &value->pieces[i];

			if (piece->kind == SC_ABI_GENERAL)
				memcpy(found + 8 * i, &dumped.general[piece->number], 8);
			else if (piece->kind == SC_ABI_VECTOR)
				memcpy(found + 8 * i, dumped.vector[piece->number], 8);
			else if (piece->kind == SC_ABI_UPPER)
				memcpy(found + 8 * i, dumped.vector[piece->number] + 8, 8);
		}
	}
	for (uint64_t i = 0; i < size; i++)
		ck_assert_msg(!used[i] || found[i] == ((const uint8_t *)expected)[i], "%s: byte %lu of argument %u", text, i,
			      number);
}

static void check_call(const char *text, const void *const *expected)
{
	const struct sc_proto *proto = function(text);
	struct sc_abi_state state;
	struct sc_abi_value value;

	sc_abi_begin(&state, proto->type->target, &value);
	for (unsigned i = 0; i < proto->type->count; i++) {
		const struct sc_type *type = proto->type->parameters[i].type;

		sc_abi_next(&state, type, &value);
		check_argument(text, i, type, &value, expected[i]);
	}
}

#define CALL(returned, a, b, c, d, e)                                                                     \
	do {                                                                                              \
		a va; b vb; c vc; d vd; e ve;                                                             \
		const void *const expected[] = { &va, &vb, &vc, &vd, &ve };                               \
		fill(&va, sizeof(va)), fill(&vb, sizeof(vb)), fill(&vc, sizeof(vc)), fill(&vd, sizeof(vd)); \
		fill(&ve, sizeof(ve));                                                                    \
		memset(&dumped, 0, sizeof(dumped));                                                       \
		((returned(*)(a, b, c, d, e))(uintptr_t)dump_call)(va, vb, vc, vd, ve);                   \
		check_call(#returned " f(" #a "," #b "," #c "," #d "," #e ");", expected);                \
	} while (0)

typedef float _Complex cfloat;
typedef double _Complex cdouble;
typedef long double _Complex cld;

START_TEST(scalars_are_in_registers_then_on_the_stack)
{
	CALL(void, int, long, short, char, void *);
	CALL(void, double, float, int, double, long);
	CALL(void, long double, int, long double, double, long double);
	CALL(void, __int128, long, __int128, long, __int128);
#ifndef __clang__ /* before version 18 it splits one between r9 and the stack, against the ABI */
	CALL(void, long, __int128, __int128, __int128, long);
#endif
	CALL(void, enum color, unsigned char, __float128, double, __float128);
	CALL(int, float _Complex, double _Complex, long double _Complex, double _Complex, double _Complex);
	CALL(void, double _Complex, double _Complex, double _Complex, float, double _Complex);
}
END_TEST

START_TEST(structs_of_every_class_are_where_the_compiler_puts_them)
{
	CALL(void, struct one, struct ints, struct longs, struct three, int);
	CALL(void, struct longs, struct longs, struct longs, struct longs, long);
	CALL(void, struct longs, struct longs, int, struct longs, long);
	CALL(void, struct floats, struct floats3, struct doubles, struct mixed, struct mixed_back);
	CALL(void, struct doubles, struct doubles, struct doubles, struct floats3, struct doubles);
	CALL(void, struct shared, struct ld, int, struct ld_union_int, long);
	CALL(void, struct empty, int, struct has_empty, struct empty, long);
	CALL(void, struct bits, struct packed, struct packed_ok, int, struct packed);
	CALL(void, struct array, struct array_int, struct wide, struct padded, int);
	CALL(void, int, struct padded, struct padded, struct wide, struct padded);
#ifndef __clang__ /* it passes a struct quad on the stack, against the ABI */
	CALL(void, struct nested, struct cf, struct quad, union number, union floats_only);
#endif
	CALL(void, struct nested, struct cf, float, union number, union floats_only);
}
END_TEST

START_TEST(a_struct_returned_in_memory_takes_the_first_register)
{
	CALL(void, long, long, long, long, long);
	{
		struct { long hidden; struct three value; } room;
		struct sc_abi_state state;
		struct sc_abi_value value;
		long a = 0x1122334455667788;
		const void *const expected[] = { &a };

		memset(&room, 0, sizeof(room));
		room.value = ((struct three(*)(long))(uintptr_t)dump_call)(a);
		check_call("struct three f(long)", expected);
		sc_abi_begin(&state, function("struct three f(long)")->type->target, &value);
		ck_assert_uint_eq(value.where, SC_ABI_MEMORY);
		ck_assert_uint_eq(state.general, 1);
	}
}
END_TEST

static void returns(const char *text, enum sc_abi_where where, unsigned count, enum sc_abi_register first,
		    enum sc_abi_register second)
{
	struct sc_abi_state state;
	struct sc_abi_value value;

	sc_abi_begin(&state, function(text)->type->target, &value);
	ck_assert_msg(value.where == where, "%s: %u", text, value.where);
	ck_assert_msg(value.piece_count == count, "%s: %u pieces", text, value.piece_count);
	ck_assert_msg(count < 1 || value.pieces[0].kind == first, "%s: first", text);
	ck_assert_msg(count < 2 || value.pieces[1].kind == second, "%s: second", text);
}

START_TEST(what_is_returned_has_its_class)
{
	returns("void f(void)", SC_ABI_NOTHING, 0, 0, 0);
	returns("struct empty f(void)", SC_ABI_NOTHING, 0, 0, 0);
	returns("char *f(void)", SC_ABI_PIECES, 1, SC_ABI_GENERAL, 0);
	returns("double f(void)", SC_ABI_PIECES, 1, SC_ABI_VECTOR, 0);
	returns("__int128 f(void)", SC_ABI_PIECES, 2, SC_ABI_GENERAL, SC_ABI_GENERAL);
	returns("struct mixed f(void)", SC_ABI_PIECES, 2, SC_ABI_VECTOR, SC_ABI_GENERAL);
	returns("struct mixed_back f(void)", SC_ABI_PIECES, 2, SC_ABI_GENERAL, SC_ABI_VECTOR);
	returns("struct shared f(void)", SC_ABI_PIECES, 2, SC_ABI_GENERAL, SC_ABI_VECTOR);
	returns("float _Complex f(void)", SC_ABI_PIECES, 1, SC_ABI_VECTOR, 0);
	returns("double _Complex f(void)", SC_ABI_PIECES, 2, SC_ABI_VECTOR, SC_ABI_VECTOR);
	returns("__float128 f(void)", SC_ABI_PIECES, 2, SC_ABI_VECTOR, SC_ABI_UPPER);
	returns("long double f(void)", SC_ABI_X87, 0, 0, 0);
	returns("struct ld f(void)", SC_ABI_X87, 0, 0, 0);
	returns("long double _Complex f(void)", SC_ABI_X87_PAIR, 0, 0, 0);
	returns("struct three f(void)", SC_ABI_MEMORY, 0, 0, 0);
	returns("struct ld_union_int f(void)", SC_ABI_MEMORY, 0, 0, 0);
	returns("struct packed f(void)", SC_ABI_MEMORY, 0, 0, 0);
	returns("struct padded f(void)", SC_ABI_PIECES, 2, SC_ABI_GENERAL, SC_ABI_PADDING);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proto_abi");
	TCase *test = tcase_create("places");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(test, begin, end);
	tcase_add_test(test, scalars_are_in_registers_then_on_the_stack);
	tcase_add_test(test, structs_of_every_class_are_where_the_compiler_puts_them);
	tcase_add_test(test, a_struct_returned_in_memory_takes_the_first_register);
	tcase_add_test(test, what_is_returned_has_its_class);
	suite_add_tcase(suite, test);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
