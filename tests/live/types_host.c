/* SPDX-License-Identifier: MIT */
/*
 * Calls that the compiler lays out itself, of every class of argument and result: what comes back is
 * printed, and a plain run prints the same. Twice each: the second time through bound slots.
 */
#include "live.h"
#include "types.h"

#include <complex.h>
#include <stdlib.h>
#include <string.h>

LIVE_MAIN_STATE;

static void integers(int i)
{
	int counter = i;
	__int128 wide = types_int128(((__int128)i << 90) + 77);

	types_nothing(&counter);
	printf("%d %d %d %d %d", counter, types_bool(i), types_char((signed char)(125 + i)),
	       types_short((unsigned short)(65000 + i)), types_int(i));
	printf(" %d", types_pointer(&counter) == (char *)&counter + 1);
	printf(" %llx%016llx\n", (unsigned long long)(wide >> 64), (unsigned long long)wide);
}

static void floats(int i)
{
	float _Complex f = types_complex_float(i + 2.5fi);
	double _Complex d = types_complex_double(i + 3.5i);
	long double _Complex l = types_complex_long_double(i + 4.5Li);

	printf("%a %a %La", (double)types_float((float)i + 0.1f), types_double(i + 0.1),
	       types_long_double(i + 0.1L));
	printf(" (%a, %a) (%a, %a) (%La, %La)", (double)crealf(f), (double)cimagf(f), creal(d), cimag(d),
	       creall(l), cimagl(l));
	printf(" %a\n", (double)types_float128(i));
}

static void structs(int i)
{
	struct two_longs a = types_two_longs((struct two_longs){ i, i + 10 });
	struct long_double_pair b = types_long_double_pair((struct long_double_pair){ i, i + 0.25 });
	struct double_long_pair c = types_double_long_pair((struct double_long_pair){ i + 0.25, i });
	struct three_floats d = types_three_floats((struct three_floats){ (float)i, 2, 3 });
	struct two_doubles e = types_two_doubles((struct two_doubles){ i, 4 });
	struct seven_bytes f = types_seven_bytes((struct seven_bytes){ "abcdef" });
	struct five_longs g = types_five_longs((struct five_longs){ { i, 1, 2, 3, 4 } });
	struct extended h = types_extended((struct extended){ i });
	union int_or_double u = types_union((union int_or_double){ .b = i });

	printf("%ld %ld, %ld %a, %a %ld, %a %a %a, %a %a", a.a, a.b, b.a, b.b, c.a, c.b, (double)d.a,
	       (double)d.b, (double)d.c, e.a, e.b);
	printf(", %.6s, %ld %ld, %La, %ld\n", f.bytes, g.a[0], g.a[4], h.a, u.b);
}

static void vectors(int i)
{
	float four[4];

	_mm_storeu_ps(four, types_m128(_mm_setr_ps((float)i, 2, 3, 4)));
	printf("%a %a %a %a\n", (double)four[0], (double)four[1], (double)four[2], (double)four[3]);
}

__attribute__((target("avx"))) static void wide_vectors(int i)
{
	float eight[8];
	double four[4];
	__m256d x = _mm256_setr_pd(i, 2, 3, 4);
	int k;

	_mm256_storeu_ps(eight, types_m256(_mm256_setr_ps((float)i, 2, 3, 4, 5, 6, 7, 8)));
	for (k = 0; k < 8; k++)
		printf("%a ", (double)eight[k]);
	_mm256_storeu_pd(four, types_m256_many(x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8));
	printf("%a %a %a %a\n", four[0], four[1], four[2], four[3]);
}

static void many(int i)
{
	struct five_longs mixed, c = { { 1, 2, 3, 4, 5 } };

	printf("%ld ", types_twenty_longs(i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
	printf("%a ", types_twenty_doubles(i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
	mixed = types_mixed(i, 2.5, c, 3.5L, 'x', 4.5f, (struct two_doubles){ 5, 6 }, 7, 8, 9, 10, 11.5);
	printf("%ld %ld %ld %ld %ld\n", mixed.a[0], mixed.a[1], mixed.a[2], mixed.a[3], mixed.a[4]);
}

static double through_list(const char *classes, ...)
{
	va_list arguments;
	double sum;

	va_start(arguments, classes);
	sum = types_variable_list(classes, arguments);
	va_end(arguments);
	return sum;
}

static void variable(int i)
{
	char text[128];

	printf("%a ", types_variable("idlLp", i, 2.5, 3l, 4.5L, "e"));
	printf("%a ", types_variable("dddddddddd", 1., 2., 3., 4., 5., 6., 7., 8., 9., (double)i));
	printf("%a ", types_variable("iiiiiiiiLid", i, 2, 3, 4, 5, 6, 7, 8, 9.5L, 10, 11.5));
	printf("%a ", types_variable("", i));
	printf("%a ", through_list("diL", (double)i, 2, 3.5L));
	snprintf(text, sizeof(text), "%d %.3f %s %Lf %c", i, i + 0.125, "text", i + 0.25L, 'c');
	printf("%s\n", text);
}

/* libc's own results in every class. */
static void of_libc(int i)
{
	div_t small = div(17 + i, 5);
	lldiv_t large = lldiv(1000000007ll + i, 10);

	printf("%d %d %lld %lld %a %La %a %d\n", small.quot, small.rem, large.quot, large.rem,
	       strtod("1.5", NULL), strtold("2.5", NULL), (double)strtof("3.5", NULL), abs(-i));
}

int main(void)
{
	int i;

	__builtin_cpu_init();
	for (i = 0; i < 2; i++) {
		integers(i);
		floats(i);
		structs(i);
		vectors(i);
		if (__builtin_cpu_supports("avx"))
			wide_vectors(i);
		many(i);
		variable(i);
		of_libc(i);
	}
	return live_end("types");
}
