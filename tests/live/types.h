/* SPDX-License-Identifier: MIT */
/*
 * Part of libprobe.so: one function for every class of argument and result of the x86-64 psABI.
 */
#ifndef TYPES_H
#define TYPES_H

#include <immintrin.h>
#include <stdarg.h>
#include <stdbool.h>

struct two_longs { long a, b; };
struct long_double_pair { long a; double b; };
struct double_long_pair { double a; long b; };
struct three_floats { float a, b, c; };
struct two_doubles { double a, b; };
struct seven_bytes { char bytes[7]; };
struct five_longs { long a[5]; };
struct extended { long double a; };
union int_or_double { double a; long b; };

void types_nothing(int *counter);
bool types_bool(int x);
signed char types_char(signed char x);
unsigned short types_short(unsigned short x);
int types_int(int x);
void *types_pointer(void *x);
__int128 types_int128(__int128 x);
float types_float(float x);
double types_double(double x);
long double types_long_double(long double x);
float _Complex types_complex_float(float _Complex x);
double _Complex types_complex_double(double _Complex x);
long double _Complex types_complex_long_double(long double _Complex x);
__float128 types_float128(__float128 x);
struct two_longs types_two_longs(struct two_longs x);
struct long_double_pair types_long_double_pair(struct long_double_pair x);
struct double_long_pair types_double_long_pair(struct double_long_pair x);
struct three_floats types_three_floats(struct three_floats x);
struct two_doubles types_two_doubles(struct two_doubles x);
struct seven_bytes types_seven_bytes(struct seven_bytes x);
struct five_longs types_five_longs(struct five_longs x);
struct extended types_extended(struct extended x);
union int_or_double types_union(union int_or_double x);
__m128 types_m128(__m128 x);
__attribute__((target("avx"))) __m256 types_m256(__m256 x);
__attribute__((target("avx"))) __m256d types_m256_many(__m256d a, __m256d b, __m256d c, __m256d d,
						       __m256d e, __m256d f, __m256d g, __m256d h,
						       __m256d on_stack);

/* The sum of i * argument i, arguments counted from 1. */
long types_twenty_longs(long, long, long, long, long, long, long, long, long, long, long, long, long,
			long, long, long, long, long, long, long);
double types_twenty_doubles(double, double, double, double, double, double, double, double, double,
			    double, double, double, double, double, double, double, double, double,
			    double, double);
struct five_longs types_mixed(int a, double b, struct five_longs c, long double d, char e, float f,
			      struct two_doubles g, long h, long i, long j, long k, double l);

/* A letter of `classes` an argument: i int, l long, d double, L long double, p const char * (its first
 * character counts). */
double types_variable(const char *classes, ...);
double types_variable_list(const char *classes, va_list arguments);

#endif
