/* SPDX-License-Identifier: MIT */
/*
 * What declarations mean, what is said of those that are not understood, and where. Every text is read from a block of
 * exactly its size, which is overwritten afterwards.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define STRANGE_ERRNO 4242

static struct sc_arena arena;
static struct sc_protos protos;
static struct sc_proto_errors errors;

static void begin(void)
{
	protos = (struct sc_protos){ .arena = &arena };
}

static void end(void)
{
	sc_arena_release(&arena);
}

static int read_bytes(const char *text, size_t length)
{
	char *copy = malloc(length + !length);
	int r;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, length);
	errno = STRANGE_ERRNO;
	r = sc_protos_read(&protos, copy, length, "test.h", &errors);
	ck_assert_int_eq(errno, STRANGE_ERRNO);
	memset(copy, 'x', length);
	free(copy);
	return r;
}

static void read_good(const char *text)
{
	int r = read_bytes(text, strlen(text));

	ck_assert_msg(!r, "'%s': %d: %u:%u: %s", text, r, errors.errors[0].line, errors.errors[0].column,
		      errors.errors[0].message);
}

static const struct sc_proto *find(const char *name)
{
	const struct sc_proto *proto = sc_protos_find(&protos, name);

	ck_assert_msg(proto != NULL, "%s is not there", name);
	ck_assert_str_eq(proto->name, name);
	return proto;
}

static void check_text(const char *name, const char *expected)
{
	char text[1000];

	ck_assert_uint_eq(sc_proto_text(find(name), text, sizeof(text)), strlen(text));
	ck_assert_str_eq(text, expected);
}

/* ---- What is understood ---- */

START_TEST(declarators_are_read_inside_out_and_written_back)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "a", "int a(void);\n" },
		{ "b", "const char *const *b(unsigned long x, const volatile void *p, ...);\n" },
		{ "c", "void (*c(int sig, void (*handler)(int)))(int);\n" },
		{ "d", "int (*(*d(int (*x)[3]))(void))[2];\n" },
		{ "e", "long double e(double _Complex z, __int128 i, _Float128 q, _Bool b, signed char c);\n" },
		{ "f", "struct s *f(struct s *restrict s, union u *u, enum e *e);\n" },
		{ "g", "int g(int (*const table[4])(char), char (*)[5]);\n" },
		{ "h", "void h(va_list ap, FILE *stream, size_t n, uint8_t bytes[16]);\n" },
		{ "i", "int i();\n" },
	};

	for (size_t n = 0; n < COUNT_OF(cases); n++) {
		if (n == 6) /* an array of pointers is one to the first of them */
			continue;
		read_good(cases[n].text);
		if (n != 7)
			check_text(cases[n].name, cases[n].text);
	}
	ck_assert(find("i")->type->unspecified);
	ck_assert(!find("a")->type->unspecified);
	read_good(cases[6].text);
	ck_assert_uint_eq(find("g")->type->parameters[0].elements, 4);
	read_good(cases[7].text);
	ck_assert_uint_eq(sc_type_real(find("h")->type->parameters[0].type)->kind, SC_TYPE_POINTER);
}
END_TEST

START_TEST(qualifiers_of_an_array_are_those_of_its_elements)
{
	const struct sc_type *type;

	read_good("struct time { long a; }; typedef struct time times[2]; int f(const times t, const times *u);");
	type = sc_type_real(find("f")->type->parameters[0].type);
	ck_assert_uint_eq(type->kind, SC_TYPE_POINTER);
	ck_assert_uint_eq(sc_type_qualifiers(type->target), SC_TYPE_CONST);
	ck_assert_uint_eq(sc_notes_marks(NULL, type, NULL), SC_MARK_IN);
}
END_TEST

START_TEST(notes_are_kept_and_written_back)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "open", "[[error(-1)]] int open(const char *path, int flags [[flags(of)]], ...);\n"
			  "[[error(-1), case(flags & 64)]] int open(const char *path, int flags [[flags(of)]], mode_t mode "
			  "[[octal]]);\n" },
		{ "fcntl", "int fcntl(int fd [[fd]], int cmd, ...);\n"
			   "[[case(cmd == 6 || cmd == 7)]] int fcntl(int fd [[fd]], int cmd, void *lock);\n" },
		{ "read", "[[error(-1)]] ssize_t read(int fd [[fd]], void *buf [[out, size(return)]], size_t count);\n" },
		{ "fread", "size_t fread(void *p [[out, size(return * size)]], size_t size, size_t n);\n" },
		{ "accept", "[[error(negative)]] int accept(int fd, void *a [[sockaddr, out, size(*n)]], unsigned int *n "
			    "[[inout]]);\n" },
		{ "poll", "int poll(struct p *p [[inout, size(n * 8)]], unsigned long n);\n" },
		{ "calloc", "[[error(NULL), bytes(n * size)]] void *calloc(size_t n, size_t size);\n" },
		{ "printf", "[[printf(f)]] int printf(const char *restrict f, ...);\n" },
		{ "vprintf", "[[vprintf(f, ap)]] int vprintf(const char *f, struct __va_list_tag *ap);\n" },
		{ "getcwd", "char *getcwd(char *buf, size_t n) [[string]];\n" },
		{ "matrix", "int matrix(int a[3][4], int (*b[2])(void), const struct p (*c)[5]);\n" },
		{ "pipe", "[[error(returned)]] int pipe(int fds[2] [[out]]);\n" },
		{ "kill", "[[error(nonzero)]] int kill(pid_t pid, int sig [[signal]], int e [[errno]], int x [[hex]]);\n" },
		{ "exec", "[[error(none)]] int exec(char *const *argv [[strings]], void *p [[opaque]]);\n" },
		{ "seek", "long seek(int whence [[enum(of)]]);\n" },
	};

	read_good("enum [[flags]] of { A, B = 64 }; struct p { int fd; short a, b; };");
	for (size_t n = 0; n < COUNT_OF(cases); n++) {
		read_good(cases[n].text);
		check_text(cases[n].name, cases[n].text);
	}
}
END_TEST

START_TEST(words_of_headers_are_read_over)
{
	read_good("#define X \\\n int no(void);\n# 1 \"file\"\nextern \"C\" {\n"
		  "__extension__ extern __inline int a(int x) __asm__(\"b\") __attribute__((__nothrow__, nonnull(1)));\n"
		  "static inline int body(void) { return (1); { ; } }\n_Noreturn void gone(void);\n}\n"
		  "extern int variable, *another[3]; int set = 5, list[] = { 1, 2 };\n"
		  "_Static_assert(1, \"x\"); asm(\"nop\"); ; /* int b(void); */ // int c(void);\n"
		  "[[noreturn]] void last(void);");
	find("a");
	find("body");
	find("gone");
	find("last");
	ck_assert_ptr_null(sc_protos_find(&protos, "no"));
	ck_assert_ptr_null(sc_protos_find(&protos, "b"));
	ck_assert_ptr_null(sc_protos_find(&protos, "variable"));
}
END_TEST

START_TEST(constants_are_what_a_compiler_computes)
{
	enum e { A = 1 << 3 | 1, B = ~0, C = 'a', D = 0x80000000, E, F = (int)sizeof(long) * 2 - 1, G = -7 / 2, H = 5 % 3,
		 I = 1 ? 2 : 3, J = (3 > 2) && !0, K = 0777, L = ((unsigned char)300), M = 10 - 3 - 2, N = 1 + 2 * 3,
		 O = 0x7fffffff, Q = 1u << 31, R = (6 & 3) ^ 8, S = -1 < 0u, T = 1 << 2 >> 1, U = '\n' };
	static const char text[] =
		"enum e { A = 1 << 3 | 1, B = ~0, C = 'a', D = 0x80000000, E, F = (int)sizeof(long) * 2 - 1, G = -7 / 2,"
		"H = 5 % 3, I = 1 ? 2 : 3, J = (3 > 2) && !0, K = 0777, L = ((unsigned char)300), M = 10 - 3 - 2,"
		"N = 1 + 2 * 3, O = 0x7fffffff, Q = 1u << 31, R = (6 & 3) ^ 8, S = -1 < 0u, T = 1 << 2 >> 1, U = '\\n' };";
	static const int64_t values[] = { A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, Q, R, S, T, U };
	const struct sc_type *type;

	read_good(text);
	type = sc_protos_type(&protos, "enum e");
	ck_assert_uint_eq(type->count, COUNT_OF(values));
	for (unsigned i = 0; i < type->count; i++)
		ck_assert_msg(type->enumerators[i].value == values[i], "%s: %ld not %ld", type->enumerators[i].name,
			      type->enumerators[i].value, values[i]);
	read_good("enum [[flags]] f { X [[mask(3)]] = 1, Y = 2 [[mask(0x30)]] };");
	type = sc_protos_type(&protos, "enum f");
	ck_assert(type->flags);
	ck_assert_uint_eq(type->enumerators[0].mask, 3);
	ck_assert_uint_eq(type->enumerators[1].mask, 0x30);
}
END_TEST

START_TEST(marks_come_from_notes_then_typedefs_then_defaults)
{
	const struct sc_type *set;
	const struct sc_parameter *p;

	read_good("enum c { RED }; typedef int file [[fd]]; struct t { int x; };"
		  "int f(mode_t m, mode_t d [[decimal]], file x, const char *s, char *b, const struct t *t, enum c e, int n,"
		  "const unsigned char *u, const struct z *z);");
	p = find("f")->type->parameters;
	ck_assert_uint_eq(sc_notes_marks(p[0].notes, p[0].type, &set), SC_MARK_OCTAL);
	ck_assert_uint_eq(sc_notes_marks(p[1].notes, p[1].type, &set), SC_MARK_DECIMAL);
	ck_assert_uint_eq(sc_notes_marks(p[2].notes, p[2].type, &set), SC_MARK_FD);
	ck_assert_uint_eq(sc_notes_marks(p[3].notes, p[3].type, &set), SC_MARK_STRING | SC_MARK_IN);
	ck_assert_uint_eq(sc_notes_marks(p[4].notes, p[4].type, &set), 0);
	ck_assert_uint_eq(sc_notes_marks(p[5].notes, p[5].type, &set), SC_MARK_IN);
	ck_assert_ptr_null(set);
	ck_assert_uint_eq(sc_notes_marks(p[6].notes, p[6].type, &set), SC_MARK_ENUM);
	ck_assert_str_eq(set->name, "c");
	ck_assert_uint_eq(sc_notes_marks(p[7].notes, p[7].type, NULL), 0);
	ck_assert_uint_eq(sc_notes_marks(p[8].notes, p[8].type, NULL), 0);
	ck_assert_uint_eq(sc_notes_marks(p[9].notes, p[9].type, NULL), 0);
	read_good("struct z { int now_known; };");
	ck_assert_uint_eq(sc_notes_marks(p[9].notes, p[9].type, NULL), SC_MARK_IN);
}
END_TEST

START_TEST(a_later_declaration_replaces_an_earlier_one_with_its_variants)
{
	const struct sc_type *old;

	read_good("int f(int a, ...); [[case(a == 1)]] int f(int a, int b); int g(int);");
	ck_assert_ptr_nonnull(find("f")->variant);
	read_good("[[case(a == 1)]] int f(int a, char *b);");
	ck_assert_ptr_null(find("f")->variant->variant);
	ck_assert_uint_eq(sc_type_real(find("f")->variant->type->parameters[1].type)->kind, SC_TYPE_POINTER);
	read_good("long f(void);");
	check_text("f", "long f(void);\n");
	ck_assert_ptr_eq(sc_protos_next(&protos, NULL), find("f"));
	ck_assert_ptr_eq(sc_protos_next(&protos, find("f")), find("g"));
	ck_assert_ptr_null(sc_protos_next(&protos, find("g")));

	read_good("enum [[flags]] e { A }; struct s { int a; }; int h(enum e e, struct s s);");
	read_good("enum [[flags]] e { A, B }; struct s { unsigned b : 3, c : 4; };");
	ck_assert_uint_eq(sc_type_real(find("h")->type->parameters[0].type)->count, 2);
	old = sc_type_real(find("h")->type->parameters[1].type);
	ck_assert_uint_eq(old->count, 2);
	read_good("struct s { long other_size; };");
	ck_assert_uint_eq(old->size, 4);
	ck_assert_uint_eq(sc_protos_type(&protos, "struct s")->size, 8);
}
END_TEST

START_TEST(a_type_cannot_come_to_contain_itself)
{
	static const char *const texts[] = {
		"struct a { int x; }; struct b { struct a a; }; struct a { struct b b; }; struct c { struct a a; };",
		"struct a { struct a { int x; } y; };",
		"struct a { struct a x; };",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		char text[2000];

		read_bytes(texts[i], strlen(texts[i]));
		if (sc_protos_type(&protos, "struct a"))
			sc_type_definition_text(sc_protos_type(&protos, "struct a"), text, sizeof(text));
	}
	ck_assert_uint_eq(sc_type_real(sc_protos_type(&protos, "struct b")->members[0].type)->members[0].type->kind,
			  SC_TYPE_INTEGER);
}
END_TEST

START_TEST(the_variant_whose_condition_holds_is_chosen)
{
	const struct sc_proto *f;
	uint64_t values[] = { 7, 0 };

	read_good("int f(int fd, int c, ...); [[case(c == 1 || c == 2)]] int f(int fd, int c, int x);"
		  "[[case(c & 64)]] int f(int fd, int c, char *p);");
	f = find("f");
	ck_assert_ptr_eq(sc_proto_choose(f, values, 2), f);
	values[1] = 0xffffffff00000002;
	ck_assert_ptr_eq(sc_proto_choose(f, values, 2), f->variant);
	ck_assert_ptr_eq(sc_proto_choose(f, values, 1), f);
	values[1] = 67;
	ck_assert_ptr_eq(sc_proto_choose(f, values, 2), f->variant->variant);
}
END_TEST

START_TEST(one_declaration_can_be_read_alone)
{
	const struct sc_proto *one;
	struct sc_proto_error error;

	ck_assert_int_eq(sc_protos_read_one(&protos, "int f(size_t n)", 15, &one, &error), 0);
	ck_assert_str_eq(one->name, "f");
	ck_assert_ptr_null(sc_protos_find(&protos, "f"));
	ck_assert_int_eq(sc_protos_read_one(&protos, "int f(", 6, &one, &error), -EINVAL);
	ck_assert_uint_eq(error.column, 7);
	ck_assert_int_eq(sc_protos_read_one(&protos, "int x", 5, &one, &error), -EINVAL);
	ck_assert_int_eq(sc_protos_read_one(&protos, "", 0, &one, NULL), -EINVAL);
}
END_TEST

/* ---- What is not ---- */

static const struct {
	const char *text;
	unsigned line, column;
	const char *message;
} refused[] = {
	{ "int f(sizet n);", 1, 7, "unknown type 'sizet': did you mean 'size_t'?" },
	{ "int f(int a", 1, 12, "expected ',' or ')' before the end of the text" },
	{ "int f(int)\n  int g(void);", 2, 3, "expected ';' before 'int'" },
	{ "\n int 3;", 2, 6, "expected a name before '3'" },
	{ "imt f(void);", 1, 1, "unknown type 'imt': did you mean 'int'?" },
	{ "int @;", 1, 5, "stray '@'" },
	{ "int f(void) /* ", 1, 13, "this comment does not end" },
	{ "long float f(void);", 1, 1, "these words together are no type" },
	{ "int f(void x);", 1, 7, "a parameter that is void" },
	{ "int f(void)[3];", 1, 12, "a function returns no array or function" },
	{ "struct s { struct t t; };", 1, 21, "the size of this member is not known" },
	{ "struct s { float a : 3; };", 1, 22, "a bit-field of what is no integer of at most 64 bits" },
	{ "struct s { int a : 33; };", 1, 20, "a bit-field of more bits than its type has" },
	{ "enum e { A = B };", 1, 14, "unknown constant 'B'" },
	{ "enum e { A = 1 / 0 };", 1, 16, "a division whose result is no number" },
	{ "enum e { A = 1.5 };", 1, 14, "this is no whole number" },
	{ "int a[-1];", 1, 7, "an array has no negative number of elements" },
	{ "int f(int x [[flgs(e)]]);", 1, 15, "unknown note 'flgs': did you mean 'flags'?" },
	{ "enum aa_b { X }; int f(int x [[enum(aa_c)]]);", 1, 37, "unknown enum 'aa_c': did you mean 'aa_b'?" },
	{ "int f(int x [[error(-1)]]);", 1, 15, "[[error]] is put before a function" },
	{ "[[string]] char *f(void);", 1, 3, "[[string]] is put behind a declarator" },
	{ "[[error(7)]] int f(void);", 1, 9, "expected -1, NULL, returned, negative, nonzero or none before '7'" },
	{ "int f(void *p [[out]]);", 1, 17, "how much it points to is not known: add size(...), or string" },
	{ "int f(void *p [[in, size(m)]], int n);", 1, 26, "no parameter is called 'm'" },
	{ "int f(void *p [[in, size(return)]]);", 1, 17, "what is returned is not known at the entry" },
	{ "int f(void *p [[in, size(q)]], void *q);", 1, 26, "'q' is no integer" },
	{ "int f(int p [[out]]);", 1, 15, "this note is for pointers" },
	{ "int f(double d [[hex]]);", 1, 18, "this note is for integers" },
	{ "[[case(x == 1)]] int f(int x);", 1, 22, "a case of 'f', which has not been declared without one" },
	{ "[[printf(s)]] int f(const char *s);", 1, 3, "the function has no variadic arguments" },
	{ "typedef float v __attribute__((vector_size(16)));", 1, 32, "attribute 'vector_size' is not understood" },
	{ "\n#pragma pack(1)\n", 2, 1, "#pragma pack is not understood: use __attribute__((packed))" },
	{ "struct s { int x;", 1, 18, "expected a type before the end of the text" },
	{ "int;", 1, 4, "expected a name before ';'" },
};

START_TEST(messages_say_where_and_what)
{
	read_bytes(refused[_i].text, strlen(refused[_i].text));
	ck_assert_msg(errors.count > 0, "%s", refused[_i].text);
	ck_assert_str_eq(errors.errors[0].message, refused[_i].message);
	ck_assert_msg(errors.errors[0].line == refused[_i].line && errors.errors[0].column == refused[_i].column,
		      "'%s': %u:%u", refused[_i].text, errors.errors[0].line, errors.errors[0].column);
	ck_assert_uint_eq(errors.count, 1);
}
END_TEST

START_TEST(good_declarations_count_beside_bad_ones)
{
	static const char text[] =
		"int a(void);\nint b(oops x);\nstruct bad { int x; oops y; int z; };\nint c(int)\nint d(void);\n"
		"static int e(oops x) { int y; return 1; }\n@ int f(void);\nint g(void);";
	int r = read_bytes(text, strlen(text));

	ck_assert_int_eq(r, -EINVAL);
	find("a");
	find("d");
	find("f");
	find("g");
	ck_assert_ptr_null(sc_protos_find(&protos, "b"));
	ck_assert_uint_eq(errors.count, 5);
}
END_TEST

START_TEST(nothing_nested_too_deeply_is_followed)
{
	static const char *const pieces[] = { "(", "*", "[", "{", "struct s {", "int (*", "-", "[[", "int (", "((int)" };
	size_t size = 1 << 20;
	char *text = malloc(size + 100);

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		static const char *const before[] = { "int f", "enum e { A = ", "int f(", "struct t { int x; ", "" };
		size_t length = strlen(pieces[i]);

		for (size_t b = 0; b < COUNT_OF(before); b++) {
			size_t used = strlen(before[b]);

			strcpy(text, before[b]);
			for (; used + length <= size; used += length)
				memcpy(text + used, pieces[i], length);
			ck_assert_int_eq(read_bytes(text, used), -EINVAL);
		}
	}
	free(text);
}
END_TEST

START_TEST(types_within_types_have_an_end)
{
	char text[100];

	read_good("struct s0 { int x; }; typedef int *p0;");
	for (unsigned i = 1; i < 200; i++) {
		snprintf(text, sizeof(text), "struct s%u { struct s%u a[2]; }; typedef p%u *p%u;", i, i - 1, i - 1, i);
		read_bytes(text, strlen(text));
	}
	ck_assert_int_eq(read_bytes(text, strlen(text)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proto");
	TCase *good = tcase_create("understood"), *bad = tcase_create("refused");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(good, begin, end);
	tcase_add_test(good, declarators_are_read_inside_out_and_written_back);
	tcase_add_test(good, notes_are_kept_and_written_back);
	tcase_add_test(good, qualifiers_of_an_array_are_those_of_its_elements);
	tcase_add_test(good, words_of_headers_are_read_over);
	tcase_add_test(good, constants_are_what_a_compiler_computes);
	tcase_add_test(good, marks_come_from_notes_then_typedefs_then_defaults);
	tcase_add_test(good, a_later_declaration_replaces_an_earlier_one_with_its_variants);
	tcase_add_test(good, a_type_cannot_come_to_contain_itself);
	tcase_add_test(good, the_variant_whose_condition_holds_is_chosen);
	tcase_add_test(good, one_declaration_can_be_read_alone);
	tcase_add_checked_fixture(bad, begin, end);
	tcase_add_loop_test(bad, messages_say_where_and_what, 0, COUNT_OF(refused));
	tcase_add_test(bad, good_declarations_count_beside_bad_ones);
	tcase_add_test(bad, nothing_nested_too_deeply_is_followed);
	tcase_add_test(bad, types_within_types_have_an_end);
	tcase_set_timeout(bad, 60);
	suite_add_tcase(suite, good);
	suite_add_tcase(suite, bad);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
