/* SPDX-License-Identifier: MIT */
/*
 * Owns what clients register: hooks and closures, and the rules that these amount to. Called by clients in
 * dr_client_main, by clients.c for the key, by start.c when rules are parsed.
 *
 * A client's targets are read as a rule of the user's would be, so that nothing else selects functions.
 */
#include "preload/typed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/persist.h"
#include "dr_api.h"
#include "preload/prototypes.h"
#include "preload/reason.h"
#include "preload/runtime.h"
#include "x86_64/vector_call.h"

#define MESSAGE 300

static struct sc_typed_hook *first, **last = &first;
static struct sc_arena arena;
static struct sc_rules parsed = { .arena = &arena };
static unsigned user_rules;

const struct sc_typed_hook *sc_typed_hooks(void)
{
	return first;
}

unsigned sc_typed_user_rules(void)
{
	return user_rules;
}

void sc_typed_drop_client(uint32_t client)
{
	for (struct sc_typed_hook **at = &first; *at;)
		if ((*at)->client == client)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	for (last = &first; *last;)
		last = &(*last)->next;
}

void sc_typed_identity(uint32_t client, struct sc_hash128 *hash)
{
	for (const struct sc_typed_hook *hook = first; hook; hook = hook->next) {
		struct {
			struct sc_hash128 before, rule;
			uint64_t is_closure;
		} link = { .before = *hash, .is_closure = hook->closure != NULL };

		if (hook->client != client)
			continue;
		if (hook->rule)
			link.rule = sc_hash128(hook->rule, strlen(hook->rule));
		*hash = sc_hash128(&link, sizeof(link));
	}
}

int sc_typed_add_rules(struct sc_rules *rules)
{
	struct sc_rule_error error;

	user_rules = rules->rule_count;
	for (const struct sc_typed_hook *hook = first; hook; hook = hook->next) {
		int r = hook->rule ? sc_rules_parse(rules, hook->rule, strlen(hook->rule), SC_RULES_ARGUMENT, &error) : 0;

		if (r < 0)
			return r;
		if (hook->rule && hook->closure)
			rules->rules[rules->rule_count - 1].action = SC_ACTION_CLOSURE;
	}
	return 0;
}

/* The client whose dr_client_main runs; 0: none does. */
static uint32_t registering(void)
{
	const struct sc_persist_registry *registry = sc_persist_registry();

	return sc_runtime.starting && !registry->closed ? registry->client : 0;
}

static void complain(uint32_t client, const char *what, const char *text, const char *why)
{
	sc_reason(SC_LOG_ERROR, "client '%s': %s '%s': %s", dr_get_client_path(client), what, text, why);
}

/* Reads the targets, which may have a rule's options behind them. */
static int read_targets(struct sc_typed_hook *hook, const char *targets)
{
	struct sc_rule_error error;
	size_t length = strlen(targets);
	char *rule = sc_arena_alloc(&arena, length + sizeof("client="));
	unsigned before = parsed.rule_count;
	int r;

	if (!rule)
		return -ENOMEM;
	memcpy(rule, "client=", 7);
	memcpy(rule + 7, targets, length + 1);
	if (strchr(targets, ';') || (hook->closure && strchr(targets, ':'))) {
		complain(hook->client, "targets", targets, "no place for ';', nor for an option of a closure");
		return -EINVAL;
	}
	r = sc_rules_parse(&parsed, rule, length + 7, SC_RULES_ARGUMENT, &error);
	if (r == -EINVAL)
		complain(hook->client, "targets", targets, error.message);
	if (r < 0)
		return r;
	if (parsed.rule_count != before + 1)
		return -EINVAL;
	hook->rule = rule;
	return 0;
}

/* Types that the text does not declare are those of the files, which are read for them only then. */
static int read_prototype(struct sc_typed_hook *hook, const struct sc_typed_api *api, const char *prototype)
{
	char message[MESSAGE] = "it has a type that cannot be passed";
	const char *const *files;
	uint32_t count;
	int r = api->compile(prototype, NULL, NULL, 0, &hook->program, message, sizeof(message));

	if (r == -EINVAL) {
		sc_prototypes_need();
		files = sc_prototypes_files(&count);
		r = api->compile(prototype, NULL, files, count, &hook->program, message, sizeof(message));
	}
	if (r == -EINVAL || r == -ENOTSUP)
		complain(hook->client, "prototype", prototype, message);
	return r;
}

static int add(const struct sc_typed_hook *wanted, const char *targets, const char *prototype)
{
	struct sc_typed_hook *hook = sc_arena_alloc(&arena, sizeof(*hook));
	const struct sc_typed_api *api = hook ? sc_typed_get() : NULL;
	int r = 0;

	if (!hook)
		return -ENOMEM;
	if (!api)
		return -ENOTSUP;
	if (!first) {
		sc_vector_call_look();
		sc_typed_gate_start();
	}
	*hook = *wanted;
	if (targets)
		r = read_targets(hook, targets);
	if (r == 0 && prototype)
		r = read_prototype(hook, api, prototype);
	else if (r == 0)
		sc_prototypes_need();
	if (r == 0 && hook->program && hook->closure && (!hook->program->cif || hook->program->variadic)) {
		complain(hook->client, "prototype", prototype, "libffi has no closures for it");
		r = -ENOTSUP;
	}
	if (r < 0)
		return r;
	*last = hook;
	last = &hook->next;
	return 0;
}

int stubcache_hook(const struct stubcache_hook *hook)
{
	struct sc_typed_hook wanted = { .client = registering() };
	int saved = errno, r;

	if (!wanted.client)
		return -EBUSY;
	if (hook->struct_size < sizeof(*hook) || hook->struct_size > 4096 || (!hook->enter && !hook->leave))
		return -EINVAL;
	wanted.enter = hook->enter;
	wanted.leave = hook->leave;
	wanted.user = hook->user;
	r = add(&wanted, hook->targets, hook->prototype);
	errno = saved;
	return r;
}

/* Declared in stubcache.h for those who know libffi's types, which this file need not. */
int stubcache_closure(const char *targets, const char *prototype, sc_typed_function_called *function, void *user)
	__attribute__((visibility("default")));

int stubcache_closure(const char *targets, const char *prototype, sc_typed_function_called *function, void *user)
{
	const struct sc_typed_hook wanted = { .client = registering(), .closure = function, .user = user };
	int saved = errno, r;

	if (!wanted.client)
		return -EBUSY;
	if (!function)
		return -EINVAL;
	r = add(&wanted, targets, prototype);
	errno = saved;
	return r;
}
