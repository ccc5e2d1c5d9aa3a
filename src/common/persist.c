/* SPDX-License-Identifier: MIT */
/*
 * Owns the registry of the persistence protocol and defines the functions that clients see
 * (include/dr_persist.h). Does not own the phases: the drivers in persist_load.c and
 * persist_generate.c walk the registry. Called by the stub generator and clients; linked into
 * libstubcache.so alone.
 *
 *   list[kind] -> last registered -> ... -> first registered -> NULL
 */
#include "common/persist.h"

#include <errno.h>
#include <unistd.h> /* SEEK_CUR */

#include "common/sys.h"

static struct sc_persist_registry the_registry __attribute__((aligned(64)));

struct sc_persist_registry *sc_persist_registry(void)
{
	return &the_registry;
}

bool sc_persist_set_client(client_id_t client)
{
	if (client >= SC_PERSIST_CLIENTS)
		return false;
	the_registry.client = client;
	return true;
}

void sc_persist_set_persistable(bool (*persistable)(void *perscxt, const void *tag))
{
	the_registry.persistable = persistable;
}

void sc_persist_forked(void)
{
	the_registry.writing.file = 0;
	sc_persist_give(&the_registry);
}

uint64_t sc_persist_shape(const struct sc_persist_registry *registry)
{
	uint64_t shape = 0xcbf29ce484222325; /* FNV-1a, a registration at a time */

	for (unsigned kind = SC_PERSIST_RO; kind < SC_PERSIST_KINDS; kind++)
		for (const struct sc_persist_registration *r = registry->list[kind]; r != NULL; r = r->next)
			shape = (shape ^ (kind << 16 | r->client)) * 0x100000001b3;
	return shape;
}

static bool is_complete(enum sc_persist_kind kind, const union sc_persist_functions *call)
{
	if (kind > SC_PERSIST_RW)
		return call->any[0] != NULL;
	return call->any[0] != NULL && call->any[1] != NULL && call->any[2] != NULL;
}

/* Of patch and abandoned the second and third are NULL on both sides. */
static bool is_same(const union sc_persist_functions *a, const union sc_persist_functions *b)
{
	return a->any[0] == b->any[0] && a->any[1] == b->any[1] && a->any[2] == b->any[2];
}

static struct sc_persist_registration *free_entry(struct sc_persist_registry *registry)
{
	struct sc_persist_registration *entry = registry->entries;

	while (entry->kind != 0)
		entry++;
	return entry;
}

/* The stub generator leads in rx: its portions are mapped apart, and file order is calling order. */
static struct sc_persist_registration **place_for(struct sc_persist_registry *registry, enum sc_persist_kind kind)
{
	struct sc_persist_registration **at = &registry->list[kind];

	if (kind == SC_PERSIST_RX && registry->client != 0)
		while (*at != NULL && (*at)->client == 0)
			at = &(*at)->next;
	return at;
}

static uint16_t number_for(const struct sc_persist_registry *registry, enum sc_persist_kind kind, uint32_t client)
{
	uint16_t number = 0;

	for (const struct sc_persist_registration *r = registry->list[kind]; r != NULL; r = r->next)
		number += r->client == client;
	return number;
}

static bool has_room(const struct sc_persist_registry *registry, enum sc_persist_kind kind)
{
	unsigned most = SC_PERSIST_REGISTRATIONS;

	if (registry->client != 0 && number_for(registry, kind, 0) != 0)
		most++;
	return registry->count[kind] < most;
}

static bool add(enum sc_persist_kind kind, union sc_persist_functions call)
{
	struct sc_persist_registry *registry = &the_registry;
	struct sc_persist_registration *entry, **at;
	bool added = false;

	if (!is_complete(kind, &call) || registry->closed || !sc_persist_take(registry))
		return false;
	if (has_room(registry, kind)) {
		entry = free_entry(registry);
		at = place_for(registry, kind);
		entry->call = call;
		entry->client = registry->client;
		entry->number = number_for(registry, kind, registry->client);
		entry->kind = kind;
		entry->next = *at;
		*at = entry;
		registry->count[kind]++;
		if (registry->client_end <= entry->client)
			registry->client_end = entry->client + 1;
		added = true;
	}
	sc_persist_give(registry);
	return added;
}

/* Later ones of the same client move up, so that numbers say what is registered, not what was. */
static void take_out(struct sc_persist_registry *registry, struct sc_persist_registration **at)
{
	struct sc_persist_registration *gone = *at;

	*at = gone->next;
	for (struct sc_persist_registration *r = registry->list[gone->kind]; r != NULL; r = r->next)
		if (r->client == gone->client && r->number > gone->number)
			r->number--;
	registry->count[gone->kind]--;
	gone->kind = 0;
}

static bool remove_latest(enum sc_persist_kind kind, union sc_persist_functions call)
{
	struct sc_persist_registry *registry = &the_registry;
	struct sc_persist_registration **at;
	bool found;

	if (!is_complete(kind, &call) || registry->closed || !sc_persist_take(registry))
		return false;
	at = &registry->list[kind];
	while (*at != NULL && !is_same(&(*at)->call, &call))
		at = &(*at)->next;
	found = *at != NULL;
	if (found)
		take_out(registry, at);
	sc_persist_give(registry);
	return found;
}

void sc_persist_drop_client(client_id_t client)
{
	for (unsigned kind = SC_PERSIST_RO; kind < SC_PERSIST_KINDS; kind++)
		for (struct sc_persist_registration **at = &the_registry.list[kind]; *at != NULL;)
			if ((*at)->client == client)
				take_out(&the_registry, at);
			else
				at = &(*at)->next;
}

void sc_persist_close(void)
{
	the_registry.closed = true;
}

static union sc_persist_functions section_call(sc_persist_size *func_size, sc_persist_persist *func_persist,
					       sc_persist_resurrect *func_resurrect)
{
	return (union sc_persist_functions){
		.section = {.size = func_size, .persist = func_persist, .resurrect = func_resurrect},
	};
}

/* Assigned, not initialised: initialising one member leaves the rest of a union unspecified, and
 * is_same looks at all of it. */
static union sc_persist_functions patch_call(sc_persist_patch *func_patch)
{
	union sc_persist_functions call = {.any = {NULL, NULL, NULL}};

	call.patch = func_patch;
	return call;
}

static union sc_persist_functions abandoned_call(sc_persist_abandoned *func_abandoned)
{
	union sc_persist_functions call = {.any = {NULL, NULL, NULL}};

	call.abandoned = func_abandoned;
	return call;
}

bool dr_register_persist_ro(sc_persist_size *func_size, sc_persist_persist *func_persist,
			    sc_persist_resurrect *func_resurrect)
{
	return add(SC_PERSIST_RO, section_call(func_size, func_persist, func_resurrect));
}

bool dr_register_persist_rx(sc_persist_size *func_size, sc_persist_persist *func_persist,
			    sc_persist_resurrect *func_resurrect)
{
	return add(SC_PERSIST_RX, section_call(func_size, func_persist, func_resurrect));
}

bool dr_register_persist_rw(sc_persist_size *func_size, sc_persist_persist *func_persist,
			    sc_persist_resurrect *func_resurrect)
{
	return add(SC_PERSIST_RW, section_call(func_size, func_persist, func_resurrect));
}

bool dr_unregister_persist_ro(sc_persist_size *func_size, sc_persist_persist *func_persist,
			      sc_persist_resurrect *func_resurrect)
{
	return remove_latest(SC_PERSIST_RO, section_call(func_size, func_persist, func_resurrect));
}

bool dr_unregister_persist_rx(sc_persist_size *func_size, sc_persist_persist *func_persist,
			      sc_persist_resurrect *func_resurrect)
{
	return remove_latest(SC_PERSIST_RX, section_call(func_size, func_persist, func_resurrect));
}

bool dr_unregister_persist_rw(sc_persist_size *func_size, sc_persist_persist *func_persist,
			      sc_persist_resurrect *func_resurrect)
{
	return remove_latest(SC_PERSIST_RW, section_call(func_size, func_persist, func_resurrect));
}

bool dr_register_persist_patch(sc_persist_patch *func_patch)
{
	return add(SC_PERSIST_PATCH, patch_call(func_patch));
}

bool dr_unregister_persist_patch(sc_persist_patch *func_patch)
{
	return remove_latest(SC_PERSIST_PATCH, patch_call(func_patch));
}

bool stubcache_register_persist_abandoned(sc_persist_abandoned *func_abandoned)
{
	return add(SC_PERSIST_ABANDONED, abandoned_call(func_abandoned));
}

bool stubcache_unregister_persist_abandoned(sc_persist_abandoned *func_abandoned)
{
	return remove_latest(SC_PERSIST_ABANDONED, abandoned_call(func_abandoned));
}

const char *stubcache_persist_reason(int reason)
{
	return sc_persist_reason_name((enum sc_persist_reason)reason);
}

app_pc dr_persist_start(void *perscxt)
{
	const struct sc_persist_context *context = perscxt;

	return context == NULL ? NULL : context->base;
}

size_t dr_persist_size(void *perscxt)
{
	const struct sc_persist_context *context = perscxt;

	return context == NULL ? 0 : context->size;
}

bool dr_fragment_persistable(void *drcontext, void *perscxt, void *tag)
{
	(void)drcontext;
	return the_registry.persistable != NULL && the_registry.persistable(perscxt, tag);
}

/* Notes when it is not: the file is abandoned, whatever the client makes of that. */
static bool is_within_portion(file_t f, size_t count)
{
	struct sc_persist_registry *registry = &the_registry;
	off_t at;

	if (f < 0 || registry->writing.file != f + 1)
		return true;
	at = sc_sys_lseek(f, 0, SEEK_CUR);
	if (at >= 0 && at <= registry->writing.end && count <= (size_t)(registry->writing.end - at))
		return true;
	registry->writing.overrun = true;
	return false;
}

ssize_t dr_write_file(file_t f, const void *buf, size_t count)
{
	const char *from = buf;
	size_t done = 0;
	int r = sc_sys_check_limit(f, count, SC_HERE);

	if (r < 0)
		return r;
	if (!is_within_portion(f, count))
		return -EFBIG;
	while (done < count) {
		long n = sc_syscall3(SYS_write, f, from + done, count - done);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return done > 0 ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}
