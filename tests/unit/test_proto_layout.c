/* SPDX-License-Identifier: MIT */
/*
 * Sizes, alignments, offsets and the bits of bit-fields: the same declarations are read by us and compiled by the
 * compiler, which is right. A bit-field is compared by setting all of its bits.
 */
#include <check.h>
#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto.h"

#define DECLARE(...) __VA_ARGS__ static const char text[] = #__VA_ARGS__;

/* clang-format off */
DECLARE(
	struct plain { char a; short b; int c; char d; long e; char f; };
	struct inner { int x; char y; };
	struct nested { char a; struct inner b; struct inner c[3]; char d; union { double u; char v; } e; };
	struct numbers { char a; float b; char c; double d; char e; long double f; char g; _Complex float h; char i;
			 _Complex double j; char k; __int128 l; _Bool m; char n; __float128 o; };
	struct pointers { char a; char *b; int (*c)(int, char); void (*d[3])(void); int (*e)[7]; };
	struct bits { unsigned a : 3, b : 7, c : 23; char d; unsigned e : 1; long f : 40; long g : 30; char h : 2; };
	struct zero { char a; int : 0; char b : 3; int : 5; char c : 2; unsigned long long : 0; char d; };
	struct unnamed { char a; int : 17; char b; };
	struct boolean { _Bool a : 1, b : 1; unsigned char c : 5; unsigned short d : 11; };
	struct packed { char a; int b; short c; long d; unsigned e : 3; unsigned f : 30; char g; } __attribute__((packed));
	struct member_packed { char a; int b __attribute__((packed)); long c; };
	struct aligned { char a; int b __attribute__((aligned(16))); char c; } __attribute__((aligned(32)));
	struct front { char a; } __attribute__((__aligned__));
	struct has_packed { char a; struct packed b; char c; };
	typedef int wide_int __attribute__((aligned(16)));
	struct has_typedef { char a; wide_int b; char c; };
	union choice { char a; int b; double c; char d[13]; };
	union bit_choice { unsigned a : 5; unsigned char b; };
	struct anonymous { char a; struct { int b; char c; }; union { long d; char e; }; };
	struct flexible { int a; char b; short c[]; };
	struct nothing { };
	struct has_nothing { char a; struct nothing b; int c; };
	enum small { SMALL_A, SMALL_B = 200 };
	enum negative { NEGATIVE_A = -1 };
	enum large { LARGE_A = 0x100000000 };
	enum tiny { TINY_A = 3 } __attribute__((packed));
	enum tiny_negative { TINY_B = -128 } __attribute__((packed));
	enum short_negative { SHORT_A = -129, SHORT_B = 2 } __attribute__((packed));
	enum long_negative { LONG_A = -32769, LONG_B = 2 } __attribute__((packed));
	struct enums { char a; enum small b; char c; enum negative d; enum large e; enum tiny f; enum small g : 9; };
	struct arrays { char a[3][5]; int b[sizeof(struct inner) * 2]; char c[1 << 3 | 1]; short d[SMALL_B / 10]; };
	struct alignas_member { char a; _Alignas(8) char b; _Alignas(double) char c; _Alignas(0) char d; };
)
/* clang-format on */

static struct sc_arena arena;
static struct sc_protos protos;

static void begin(void)
{
	struct sc_proto_errors errors;

	protos = (struct sc_protos){ .arena = &arena };
	ck_assert_msg(sc_protos_read(&protos, text, strlen(text), "test", &errors) == 0, "%u: %s",
		      errors.errors[0].column, errors.errors[0].message);
}

static void end(void)
{
	sc_arena_release(&arena);
}

static const struct sc_type *type_of(const char *name)
{
	const struct sc_type *type = sc_protos_type(&protos, name);

	ck_assert_msg(type != NULL, "%s", name);
	return type;
}

static const struct sc_member *find(const struct sc_type *type, const char *name, uint64_t *offset)
{
	for (uint32_t i = 0; i < type->count; i++) {
		const struct sc_member *member = &type->members[i];
		const struct sc_member *found = member;

		*offset += member->offset;
		if (!member->name)
			found = find(sc_type_real(member->type), name, offset);
		else if (strcmp(member->name, name) != 0)
			found = NULL;
		if (found)
			return found;
		*offset -= member->offset;
	}
	return NULL;
}

static uint64_t offset_of(const char *type, const char *name)
{
	uint64_t offset = 0;

	ck_assert_msg(find(type_of(type), name, &offset) != NULL, "%s.%s", type, name);
	return offset;
}

#define SAME_SIZE(type)                                                                 \
	do {                                                                            \
		ck_assert_msg(type_of(#type)->size == sizeof(type), "%s: %lu not %zu", #type, \
			      type_of(#type)->size, sizeof(type));                      \
		ck_assert_msg(sc_type_align(type_of(#type)) == _Alignof(type), "%s: aligned to %u", #type, \
			      sc_type_align(type_of(#type)));                           \
	} while (0)
#define SAME(type, member)                                                                                     \
	do {                                                                                                   \
		ck_assert_msg(offset_of(#type, #member) == offsetof(type, member), "%s.%s: %lu not %zu", #type, #member, \
			      offset_of(#type, #member), offsetof(type, member));                              \
	} while (0)

static void set_bits(unsigned char *bytes, const char *type, const char *name)
{
	uint64_t offset = 0;
	const struct sc_member *member = find(type_of(type), name, &offset);

	ck_assert_ptr_nonnull(member);
	ck_assert_uint_gt(member->bit_width, 0);
	for (unsigned i = member->bit_offset; i < member->bit_offset + member->bit_width; i++)
		bytes[offset + i / 8] |= (unsigned char)(1u << i % 8);
}

static volatile long all_ones = -1; /* so that no compiler sees it cut */

#define SAME_BITS(type, member)                                                              \
	do {                                                                                 \
		union { type value; unsigned char bytes[sizeof(type)]; } theirs, ours;       \
		memset(&theirs, 0, sizeof(theirs));                                          \
		memset(&ours, 0, sizeof(ours));                                              \
		theirs.value.member = (__typeof__(theirs.value.member + 0))all_ones;         \
		set_bits(ours.bytes, #type, #member);                                        \
		ck_assert_msg(!memcmp(&ours, &theirs, sizeof(ours)), "%s.%s", #type, #member); \
	} while (0)

START_TEST(members_are_where_the_compiler_has_them)
{
	SAME(struct plain, b); SAME(struct plain, c); SAME(struct plain, d); SAME(struct plain, e); SAME(struct plain, f);
	SAME(struct nested, b); SAME(struct nested, c); SAME(struct nested, d); SAME(struct nested, e);
	SAME(struct numbers, b); SAME(struct numbers, d); SAME(struct numbers, f); SAME(struct numbers, h);
	SAME(struct numbers, j); SAME(struct numbers, l); SAME(struct numbers, m); SAME(struct numbers, o);
	SAME(struct pointers, b); SAME(struct pointers, c); SAME(struct pointers, d); SAME(struct pointers, e);
	SAME(struct packed, b); SAME(struct packed, c); SAME(struct packed, d); SAME(struct packed, g);
	SAME(struct member_packed, b); SAME(struct member_packed, c);
	SAME(struct aligned, b); SAME(struct aligned, c); SAME(struct has_packed, b); SAME(struct has_packed, c);
	SAME(struct has_typedef, b); SAME(struct has_typedef, c);
	SAME(struct anonymous, b); SAME(struct anonymous, c); SAME(struct anonymous, d); SAME(struct anonymous, e);
	SAME(struct flexible, c); SAME(struct has_nothing, b); SAME(struct has_nothing, c);
	SAME(struct enums, b); SAME(struct enums, d); SAME(struct enums, e); SAME(struct enums, f);
	SAME(struct arrays, b); SAME(struct arrays, c); SAME(struct arrays, d);
	SAME(struct alignas_member, b); SAME(struct alignas_member, c);
	SAME(struct bits, d); SAME(struct zero, d); SAME(struct unnamed, b);
}
END_TEST

START_TEST(sizes_and_alignments_are_the_compilers)
{
	SAME_SIZE(struct plain); SAME_SIZE(struct nested); SAME_SIZE(struct numbers); SAME_SIZE(struct pointers);
	SAME_SIZE(struct bits); SAME_SIZE(struct zero); SAME_SIZE(struct unnamed); SAME_SIZE(struct boolean);
	SAME_SIZE(struct packed); SAME_SIZE(struct member_packed); SAME_SIZE(struct aligned); SAME_SIZE(struct front);
	SAME_SIZE(struct has_packed); SAME_SIZE(struct has_typedef); SAME_SIZE(union choice); SAME_SIZE(union bit_choice);
	SAME_SIZE(struct anonymous); SAME_SIZE(struct flexible); SAME_SIZE(struct nothing); SAME_SIZE(struct has_nothing);
	SAME_SIZE(enum small); SAME_SIZE(enum negative); SAME_SIZE(enum large); SAME_SIZE(enum tiny);
	SAME_SIZE(enum tiny_negative); SAME_SIZE(enum short_negative); SAME_SIZE(enum long_negative);
	SAME_SIZE(struct enums); SAME_SIZE(struct arrays); SAME_SIZE(struct alignas_member);
}
END_TEST

START_TEST(bit_fields_are_the_bits_that_the_compiler_sets)
{
	SAME_BITS(struct bits, a); SAME_BITS(struct bits, b); SAME_BITS(struct bits, c); SAME_BITS(struct bits, e);
	SAME_BITS(struct bits, f); SAME_BITS(struct bits, g); SAME_BITS(struct bits, h);
	SAME_BITS(struct zero, b); SAME_BITS(struct zero, c); SAME_BITS(struct boolean, a); SAME_BITS(struct boolean, b);
	SAME_BITS(struct boolean, c); SAME_BITS(struct boolean, d); SAME_BITS(struct packed, e);
	SAME_BITS(struct packed, f); SAME_BITS(union bit_choice, a); SAME_BITS(struct enums, g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proto_layout");
	TCase *test = tcase_create("layout");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(test, begin, end);
	tcase_add_test(test, members_are_where_the_compiler_has_them);
	tcase_add_test(test, sizes_and_alignments_are_the_compilers);
	tcase_add_test(test, bit_fields_are_the_bits_that_the_compiler_sets);
	suite_add_tcase(suite, test);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
