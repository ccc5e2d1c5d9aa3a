/* SPDX-License-Identifier: MIT */
/*
 * Sizes as users write them: STUBCACHE_LIMIT, cache prune --limit. No locale, allocation or errno.
 */
#ifndef SC_SIZE_H
#define SC_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits and perhaps one of K, M, G and T, in either case: powers of 1024. False, and *out untouched, for
 * anything else and for what 64 bits do not hold. */
bool sc_size_parse(const char *text, uint64_t *out);

#endif
