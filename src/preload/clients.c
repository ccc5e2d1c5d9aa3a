/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of clients: what STUBCACHE_CLIENTS says, loading, entering, and what the key learns of them. Does not
 * own what they register (common/persist.c) nor when they are called. Called by start.c, only when the variable is
 * set.
 *
 *	STUBCACHE_CLIENTS=path[,argument...][:path...]
 *	    libc's start, ahead of its turn	libc_start.c
 *	    for each: dlopen -> its module and all that came with it are ours: never intercepted
 *	              dr_client_main		under client_guard.c
 *	    the registry is closed
 */
#include "preload/clients.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>

#include "common/hash.h"
#include "common/persist.h"
#include "dr_api.h"
#include "preload/client_events.h"
#include "preload/client_files.h"
#include "preload/client_fragments.h"
#include "preload/client_guard.h"
#include "preload/client_memory.h"
#include "preload/libc_start.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/runtime.h"
#include "preload/typed.h"

struct client {
	client_id_t id;
	int argc;
	const char **argv; /* the path first, NULL last */
	const struct sc_module *module;
	struct sc_hash128 company; /* what came with it */
	bool in_use;
};

static struct client clients[SC_PERSIST_CLIENTS]; /* by id; 0 is the stub generator */
static client_id_t last;			   /* id given out */
static uint8_t in_use[SC_PERSIST_CLIENTS];	   /* ids, in their order */

/* Its constructors may have registered something already. */
static void drop(const struct client *client)
{
	sc_persist_drop_client(client->id);
	sc_client_events_drop(client->id);
	sc_typed_drop_client(client->id);
}

static void refuse(const struct client *client, const char *word, const char *why)
{
	sc_reason(SC_LOG_ERROR, "%s: cannot use client '%s': %s", word, client->argv[0], why);
	drop(client);
}

static unsigned count(const char *text, char wanted)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == wanted;
	return n;
}

/* Splits text, which is ours to write to, at every separator, into out[]. */
static int split(char *text, char separator, const char **out)
{
	int n = 0;

	for (char *at = text; at; n++) {
		out[n] = at;
		at = strchr(at, separator);
		if (at)
			*at++ = 0;
	}
	return n;
}

static bool make_arguments(struct client *client, char *text)
{
	client->argv = sc_arena_array(&sc_runtime.arena, count(text, ',') + 2, sizeof(*client->argv));
	if (client->argv)
		client->argc = split(text, ',', client->argv);
	return client->argv != NULL;
}

/* What an object brings along is its own: nothing of it is intercepted, wherever else it is used. */
static void take_new_modules(struct client *client)
{
	struct {
		struct sc_hash128 before;
		uint8_t identity[16];
	} link = { 0 };

	sc_modules_look();
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		if (!(module->flags & SC_MODULE_NEW))
			continue;
		module->flags = (module->flags & ~(uint32_t)SC_MODULE_NEW) | SC_MODULE_OURS;
		memcpy(link.identity, module->identity, sizeof(link.identity));
		link.before = sc_hash128(&link, sizeof(link));
	}
	client->company = link.before;
}

struct opening {
	const char *path;
	void *handle;
};

static void open_object(void *user)
{
	struct opening *opening = user;

	opening->handle = dlopen(opening->path, RTLD_NOW | RTLD_LOCAL);
}

/* The client's own dr_client_main, or NULL: dlsym also finds those of the objects that it NEEDs. */
static void *find_entry(void *handle, const struct sc_module *module)
{
	void *entry = dlsym(handle, "dr_client_main");

	return sc_modules_at((uintptr_t)entry) == module ? entry : NULL;
}

struct entering {
	const struct client *client;
	void (*entry)(client_id_t id, int argc, const char *argv[]);
};

static void enter(void *user)
{
	const struct entering *entering = user;

	entering->entry(entering->client->id, entering->client->argc, entering->client->argv);
}

static bool enter_client(struct client *client, void *entry)
{
	struct entering entering = { .client = client };
	int crash;

	memcpy(&entering.entry, &entry, sizeof(entry));
	sc_client_guard_name(client->argv[0], "dr_client_main");
	crash = sc_client_guard_call(enter, &entering, client->module->code_start, client->module->code_end);
	if (crash)
		drop(client);
	return crash == 0;
}

static void load_client(struct client *client)
{
	struct opening opening = { .path = client->argv[0] };
	struct sc_module *module;
	void *entry;

	sc_persist_set_client(client->id);
	sc_client_guard_name(client->argv[0], "its constructors");
	sc_client_guard_call(open_object, &opening, 0, 0);
	if (!opening.handle) {
		refuse(client, "client-not-loaded", dlerror());
		return;
	}
	take_new_modules(client);
	module = sc_modules_opened(opening.handle);
	entry = module ? find_entry(opening.handle, module) : NULL;
	if (!entry) {
		refuse(client, "client-no-entry", "it defines no dr_client_main");
		dlclose(opening.handle);
		sc_modules_look();
		return;
	}
	module->flags |= SC_MODULE_OURS;
	client->module = module;
	if (!enter_client(client, entry)) {
		sc_reason(SC_LOG_QUIET, "client-crashed: '%s' crashed in dr_client_main", client->argv[0]);
		return;
	}
	client->in_use = true;
	in_use[sc_runtime.clients++] = (uint8_t)client->id;
}

static void load_each(char *list)
{
	for (char *at = list, *next; at; at = next) {
		struct client *client;

		next = strchr(at, ':');
		if (next)
			*next++ = 0;
		if (!*at)
			continue;
		if (last + 1 == SC_PERSIST_CLIENTS) {
			sc_reason(SC_LOG_ERROR, "client-too-many: more than %d clients", SC_PERSIST_CLIENTS - 1);
			return;
		}
		client = &clients[++last];
		client->id = last;
		if (make_arguments(client, at))
			load_client(client);
	}
}

void sc_clients_load(void)
{
	const char *text = sc_runtime.config.clients;
	char *list = sc_arena_string(&sc_runtime.arena, text, strlen(text));

	if (!list || !sc_libc_start(sc_runtime.starting)) {
		sc_reason(SC_LOG_ERROR, "client-not-loaded: cannot load clients: this libc is not known");
		return;
	}
	sc_client_files_look();
	sc_client_guard_begin();
	load_each(list);
	sc_client_guard_end();
	sc_persist_close();
	if (!sc_runtime.clients)
		return;
	sc_persist_set_persistable(sc_client_fragment_persistable);
	sc_client_files_keep();
}

void sc_clients_forked(void)
{
	sc_client_events_forked();
	sc_client_files_forked();
	sc_client_memory_forked();
}

const char *sc_clients_component(uint32_t i, uint8_t digest[16])
{
	const struct client *client = &clients[in_use[i]];
	struct sc_hash128 hash = sc_hash128(client->module->identity, sizeof(client->module->identity));
	struct {
		struct sc_hash128 before, now;
		uint64_t id;
	} link = { .before = client->company, .now = hash, .id = client->id };

	hash = sc_hash128(&link, sizeof(link));
	for (int k = 1; k < client->argc; k++) {
		link.before = hash;
		link.now = sc_hash128(client->argv[k], strlen(client->argv[k]));
		hash = sc_hash128(&link, sizeof(link));
	}
	sc_typed_identity(client->id, &hash);
	memcpy(digest, hash.bytes, sizeof(hash.bytes));
	return client->module->name;
}

byte *dr_get_client_base(client_id_t id)
{
	if (id == 0 || id > last || !clients[id].module)
		return NULL;
	return (byte *)clients[id].module->start;
}

const char *dr_get_client_path(client_id_t id)
{
	return id == 0 || id > last || !clients[id].argv ? NULL : clients[id].argv[0];
}
