/* SPDX-License-Identifier: MIT */
/* Owns nothing: the one place that compiles XXH3 in. Called for keys and whole-file checks. */
#include "common/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

uint64_t sc_hash64(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}

struct sc_hash128 sc_hash128(const void *data, size_t size)
{
	struct sc_hash128 out;
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, size));
	memcpy(out.bytes, canonical.digest, sizeof(out.bytes));
	return out;
}

void sc_hash128_hex(const struct sc_hash128 *hash, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < sizeof(hash->bytes); i++) {
		out[2 * i] = digits[hash->bytes[i] >> 4];
		out[2 * i + 1] = digits[hash->bytes[i] & 15];
	}
	out[32] = 0;
}
