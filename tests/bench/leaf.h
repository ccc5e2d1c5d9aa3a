/* SPDX-License-Identifier: MIT */
/*
 * The thousand empty functions of libleaf.so, leaf_000 to leaf_999, traced, which has arguments, and bare, which no rule names. X is
 * expanded once for each with its number's three digits.
 */
#ifndef BENCH_LEAF_H
#define BENCH_LEAF_H

#define LEAF_TEN(X, tens) \
	X(tens##0) X(tens##1) X(tens##2) X(tens##3) X(tens##4) X(tens##5) X(tens##6) X(tens##7) X(tens##8) X(tens##9)
#define LEAF_HUNDRED(X, hundreds)                                                                         \
	LEAF_TEN(X, hundreds##0) LEAF_TEN(X, hundreds##1) LEAF_TEN(X, hundreds##2) LEAF_TEN(X, hundreds##3) \
	LEAF_TEN(X, hundreds##4) LEAF_TEN(X, hundreds##5) LEAF_TEN(X, hundreds##6) LEAF_TEN(X, hundreds##7) \
	LEAF_TEN(X, hundreds##8) LEAF_TEN(X, hundreds##9)
#define LEAVES(X)                                                                                     \
	LEAF_HUNDRED(X, 0) LEAF_HUNDRED(X, 1) LEAF_HUNDRED(X, 2) LEAF_HUNDRED(X, 3) LEAF_HUNDRED(X, 4) \
	LEAF_HUNDRED(X, 5) LEAF_HUNDRED(X, 6) LEAF_HUNDRED(X, 7) LEAF_HUNDRED(X, 8) LEAF_HUNDRED(X, 9)

#define LEAF_DECLARE(number) void leaf_##number(void);
LEAVES(LEAF_DECLARE)
void bare(void);
void traced(int descriptor, void *pointer, const char *text);

#endif
