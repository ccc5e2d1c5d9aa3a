/* SPDX-License-Identifier: MIT */
/*
 * Owns what the key is made of and in which order. Called once by init.c.
 */
#include "preload/key.h"

#include <errno.h>
#include <string.h>

#include "common/hash.h"
#include "preload/modules.h"

static void add(struct sc_key *key, uint32_t kind, const char *name, const uint8_t digest[16])
{
	struct sc_engine_component *component = &key->components[key->count++];

	component->kind = kind;
	component->name = name;
	memcpy(component->digest, digest, sizeof(component->digest));
}

static void add_hash(struct sc_key *key, uint32_t kind, const char *name, const void *data, size_t size)
{
	struct sc_hash128 hash = sc_hash128(data, size);

	add(key, kind, name, hash.bytes);
}

/* kind and digest of each component: names are for people. */
static void hash_components(struct sc_key *key)
{
	uint8_t data[SC_KEY_COMPONENTS * 20];
	size_t size = 0;
	struct sc_hash128 hash;

	for (uint32_t i = 0; i < key->count; i++) {
		memcpy(data + size, &key->components[i].kind, 4);
		memcpy(data + size + 4, key->components[i].digest, 16);
		size += 20;
	}
	hash = sc_hash128(data, size);
	memcpy(key->bytes, hash.bytes, sizeof(key->bytes));
}

static void make_file_name(struct sc_key *key, const char *program)
{
	struct sc_hash128 hash;
	char hex[33];
	size_t n = 0;

	memcpy(hash.bytes, key->bytes, sizeof(hash.bytes));
	sc_hash128_hex(&hash, hex);
	for (; *program && n < 48; program++) {
		char c = *program;
		int plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
			    c == '+' || (n > 0 && (c == '.' || c == '-'));

		key->file[n++] = plain ? c : '_';
	}
	key->file[n++] = '-';
	memcpy(key->file + n, hex, 32);
	memcpy(key->file + n + 32, ".so", 4);
}

int sc_key_make(struct sc_key *key, const char *rules, size_t rules_size, const uint8_t engine[16], int clock)
{
	const uint32_t format[2] = { SC_IMAGE_VERSION, SC_ENGINE_VERSION };
	uint8_t cpu = (uint8_t)clock;

	if (sc_modules.count + 8 > SC_KEY_COMPONENTS)
		return -E2BIG;
	key->count = 0;
	add_hash(key, SC_IMAGE_FORMAT, "format", format, sizeof(format));
	add_hash(key, SC_IMAGE_RULES, "rules", rules, rules_size);
	add(key, SC_IMAGE_PRELOAD, "libstubcache.so", sc_modules_self()->identity);
	add(key, SC_IMAGE_ENGINE, "libstubcache-engine.so", engine);
	add_hash(key, SC_IMAGE_CPU, "clock", &cpu, sizeof(cpu));
	for (uint32_t i = 0; i < sc_modules.count; i++)
		add(key, SC_IMAGE_MODULE, sc_modules.list[i].name, sc_modules.list[i].identity);
	hash_components(key);
	make_file_name(key, sc_modules.list[0].name);
	return 0;
}
