/* SPDX-License-Identifier: MIT */
/* Owns the reading of sizes. Called by config.c of the preload, and by the command. */
#include "common/size.h"

#include <string.h>

bool sc_size_parse(const char *text, uint64_t *out)
{
	static const char units[4] = "KMGT"; /* without a terminator, which is what a blank would be in upper case */
	uint64_t value = 0;
	const char *unit;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
	if (*text) {
		unit = memchr(units, *text & ~0x20, sizeof(units));
		if (!unit || text[1])
			return false;
		for (const char *at = units; at <= unit; at++)
			if (__builtin_mul_overflow(value, 1024, &value))
				return false;
	}
	*out = value;
	return true;
}
