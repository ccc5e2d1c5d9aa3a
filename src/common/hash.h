/* SPDX-License-Identifier: MIT */
/*
 * XXH3 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md), 64 and 128 bits, from Debian's
 * header-only libxxhash-dev. Not cryptographic: it finds damage, not malice; who may write the
 * cache is decided by ownership and permissions (store.h). Thread and signal safe.
 */
#ifndef SC_HASH_H
#define SC_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t sc_hash64(const void *data, size_t size);

struct sc_hash128 {
	uint8_t bytes[16]; /* canonical (big-endian) form */
};

struct sc_hash128 sc_hash128(const void *data, size_t size);
/* Lower-case hexadecimal and a terminating zero: out holds 33 bytes. */
void sc_hash128_hex(const struct sc_hash128 *hash, char *out);

#endif
