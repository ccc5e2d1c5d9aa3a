/* SPDX-License-Identifier: MIT */
/*
 * The functions of types.h, part of libprobe.so. Each changes its argument in a way that every part of
 * it, and every register it came in, has a share in.
 */
#include "types.h"

void types_nothing(int *counter)
{
	++*counter;
}

bool types_bool(int x)
{
	return x & 1;
}

signed char types_char(signed char x)
{
	return (signed char)(x + 3);
}

unsigned short types_short(unsigned short x)
{
	return (unsigned short)(x * 3);
}

int types_int(int x)
{
	return x ^ 0x55aa;
}

void *types_pointer(void *x)
{
	return (char *)x + 1;
}

__int128 types_int128(__int128 x)
{
	return x * 3 + 1;
}

float types_float(float x)
{
	return x * 1.5f;
}

double types_double(double x)
{
	return x * 1.25;
}

long double types_long_double(long double x)
{
	return x * 1.125L;
}

float _Complex types_complex_float(float _Complex x)
{
	return x * 2 + 1.0fi;
}

double _Complex types_complex_double(double _Complex x)
{
	return x * 3 + 1.0i;
}

long double _Complex types_complex_long_double(long double _Complex x)
{
	return x * 5 + 1.0Li;
}

__float128 types_float128(__float128 x)
{
	return x + 1;
}

struct two_longs types_two_longs(struct two_longs x)
{
	return (struct two_longs){ x.b + 1, x.a + 2 };
}

struct long_double_pair types_long_double_pair(struct long_double_pair x)
{
	return (struct long_double_pair){ x.a + 1, x.b + 0.5 };
}

struct double_long_pair types_double_long_pair(struct double_long_pair x)
{
	return (struct double_long_pair){ x.a + 0.5, x.b + 1 };
}

struct three_floats types_three_floats(struct three_floats x)
{
	return (struct three_floats){ x.c + 1, x.b + 2, x.a + 3 };
}

struct two_doubles types_two_doubles(struct two_doubles x)
{
	return (struct two_doubles){ x.b * 2, x.a * 3 };
}

struct seven_bytes types_seven_bytes(struct seven_bytes x)
{
	int i;

	for (i = 0; i < 7; i++)
		x.bytes[i] = (char)(x.bytes[i] + i);
	return x;
}

struct five_longs types_five_longs(struct five_longs x)
{
	int i;

	for (i = 0; i < 5; i++)
		x.a[i] += i;
	return x;
}

struct extended types_extended(struct extended x)
{
	return (struct extended){ x.a / 3 };
}

union int_or_double types_union(union int_or_double x)
{
	x.b ^= 1;
	return x;
}

__m128 types_m128(__m128 x)
{
	return _mm_add_ps(x, x);
}

__attribute__((target("avx"))) __m256 types_m256(__m256 x)
{
	return _mm256_add_ps(x, x);
}

__attribute__((target("avx"))) __m256d types_m256_many(__m256d a, __m256d b, __m256d c, __m256d d,
						       __m256d e, __m256d f, __m256d g, __m256d h,
						       __m256d on_stack)
{
	return a - b * 2 + c * 3 - d * 4 + e * 5 - f * 6 + g * 7 - h * 8 + on_stack * 9;
}

long types_twenty_longs(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j,
			long k, long l, long m, long n, long o, long p, long q, long r, long s, long t)
{
	return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11 +
	       l * 12 + m * 13 + n * 14 + o * 15 + p * 16 + q * 17 + r * 18 + s * 19 + t * 20;
}

double types_twenty_doubles(double a, double b, double c, double d, double e, double f, double g,
			    double h, double i, double j, double k, double l, double m, double n,
			    double o, double p, double q, double r, double s, double t)
{
	return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11 +
	       l * 12 + m * 13 + n * 14 + o * 15 + p * 16 + q * 17 + r * 18 + s * 19 + t * 20;
}

struct five_longs types_mixed(int a, double b, struct five_longs c, long double d, char e, float f,
			      struct two_doubles g, long h, long i, long j, long k, double l)
{
	return (struct five_longs){ {
		a + (long)b + c.a[0] + c.a[4],
		(long)d + e,
		(long)f + (long)g.a + (long)g.b,
		h + i * 2 + j * 3,
		k + (long)l,
	} };
}

double types_variable_list(const char *classes, va_list arguments)
{
	double sum = 0, weight = 1;

	for (; *classes; classes++, weight++) {
		switch (*classes) {
		case 'i':
			sum += weight * va_arg(arguments, int);
			break;
		case 'l':
			sum += weight * (double)va_arg(arguments, long);
			break;
		case 'd':
			sum += weight * va_arg(arguments, double);
			break;
		case 'L':
			sum += weight * (double)va_arg(arguments, long double);
			break;
		case 'p':
			sum += weight * *va_arg(arguments, const char *);
			break;
		}
	}
	return sum;
}

double types_variable(const char *classes, ...)
{
	va_list arguments;
	double sum;

	va_start(arguments, classes);
	sum = types_variable_list(classes, arguments);
	va_end(arguments);
	return sum;
}
