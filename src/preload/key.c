/* SPDX-License-Identifier: MIT */
/*
 * Owns what the key is made of and in which order. Called by start.c, and by engine_use.c and miss.c for the
 * list of it.
 */
#include "preload/key.h"

#include <errno.h>
#include <string.h>

#include "common/hash.h"
#include "common/persist.h"
#include "preload/clients.h"
#include "preload/modules.h"
#include "preload/prototypes.h"
#include "preload/runtime.h"

#define ENTRY_SIZE 20	/* of what is hashed of a component: kind and digest; names are for people */
#define FEW_COMPONENTS 40 /* that fit into a small piece of stack: a page that is not touched costs nothing */

typedef void visitor(void *user, uint32_t kind, const char *name, const uint8_t digest[16]);

static void visit_hash(visitor *visit, void *user, uint32_t kind, const char *name, const void *data, size_t size)
{
	struct sc_hash128 hash = sc_hash128(data, size);

	visit(user, kind, name, hash.bytes);
}

/* Clients in their order, and what they have registered, which tells a registration without a portion from none. */
static void visit_clients(visitor *visit, void *user)
{
	uint64_t shape = sc_persist_shape(sc_persist_registry());

	for (uint32_t i = 0; i < sc_runtime.clients; i++) {
		uint8_t digest[16];
		const char *name = sc_clients_component(i, digest);

		visit(user, SC_IMAGE_CLIENT, name, digest);
	}
	visit_hash(visit, user, SC_IMAGE_CLIENT, "registrations", &shape, sizeof(shape));
}

/* Every component, in the order of the key. */
static void visit_components(const struct sc_key *key, visitor *visit, void *user)
{
	const uint32_t format[2] = { SC_IMAGE_VERSION, SC_ENGINE_VERSION };
	uint8_t prototypes[16];

	visit_hash(visit, user, SC_IMAGE_FORMAT, "format", format, sizeof(format));
	visit(user, SC_IMAGE_RULES, "rules", key->rules);
	visit(user, SC_IMAGE_PRELOAD, "libstubcache.so", sc_modules_self()->identity);
	visit(user, SC_IMAGE_ENGINE, "libstubcache-engine.so", key->engine);
	visit_hash(visit, user, SC_IMAGE_CPU, "clock", &key->clock, sizeof(key->clock));
	if (sc_prototypes_identity(prototypes))
		visit(user, SC_IMAGE_PROTOTYPES, "prototypes", prototypes);
	for (uint32_t i = 0; i < key->modules; i++)
		visit(user, SC_IMAGE_MODULE, sc_modules.list[i].name, sc_modules.list[i].identity);
	if (sc_runtime.clients)
		visit_clients(visit, user);
}

static void put_entry(void *user, uint32_t kind, const char *name, const uint8_t digest[16])
{
	uint8_t **at = user;
	(void)name;

	memcpy(*at, &kind, 4);
	memcpy(*at + 4, digest, 16);
	*at += ENTRY_SIZE;
}

static void hash_components(struct sc_key *key, uint8_t *buffer)
{
	uint8_t *end = buffer;
	struct sc_hash128 hash;

	visit_components(key, put_entry, &end);
	hash = sc_hash128(buffer, (size_t)(end - buffer));
	memcpy(key->bytes, hash.bytes, sizeof(key->bytes));
}

static __attribute__((noinline)) void hash_few(struct sc_key *key)
{
	uint8_t buffer[FEW_COMPONENTS * ENTRY_SIZE];

	hash_components(key, buffer);
}

static __attribute__((noinline)) void hash_many(struct sc_key *key)
{
	uint8_t buffer[SC_KEY_COMPONENTS * ENTRY_SIZE];

	hash_components(key, buffer);
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

/* Of the start: what clients have brought comes behind. */
static uint32_t count_modules(void)
{
	uint32_t count = sc_modules.count;

	while (!(sc_modules.list[count - 1].flags & SC_MODULE_STARTUP))
		count--;
	return count;
}

int sc_key_make(struct sc_key *key, const char *rules, size_t rules_size, const uint8_t engine[16], int clock)
{
	struct sc_hash128 hash = sc_hash128(rules, rules_size);
	uint32_t others = 9 + sc_runtime.clients;

	if (sc_modules.count + others > SC_KEY_COMPONENTS)
		return -E2BIG;
	memcpy(key->rules, hash.bytes, sizeof(key->rules));
	memcpy(key->engine, engine, sizeof(key->engine));
	key->clock = (uint8_t)clock;
	key->modules = count_modules();
	if (key->modules + others <= FEW_COMPONENTS)
		hash_few(key);
	else
		hash_many(key);
	make_file_name(key, sc_modules.list[0].name);
	return 0;
}

struct list {
	struct sc_engine_component *components;
	uint32_t count;
};

static void put_component(void *user, uint32_t kind, const char *name, const uint8_t digest[16])
{
	struct list *list = user;
	struct sc_engine_component *component = &list->components[list->count++];

	component->kind = kind;
	component->name = name;
	memcpy(component->digest, digest, sizeof(component->digest));
}

const struct sc_engine_component *sc_key_components(const struct sc_key *key, uint32_t *count)
{
	static struct sc_engine_component components[SC_KEY_COMPONENTS];
	struct list list = { components, 0 };

	visit_components(key, put_component, &list);
	*count = list.count;
	return components;
}
