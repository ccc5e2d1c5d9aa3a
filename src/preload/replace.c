/* SPDX-License-Identifier: MIT */
/*
 * Owns the objects that replace rules name, and the list of originals. Which functions are replaced is in the image
 * (SC_IMAGE_TARGET_REPLACE); by what, the rules say in each process: an object that has changed needs no new image, and
 * a start without replaced functions comes here never.
 *
 *	image: open is replaced -> rules -> dlopen(object), dlsym(symbol) -> the word that open's stub jumps through
 *
 * Called by generator.c while an image is resurrected.
 */
#include "preload/replace.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "common/arena.h"
#include "preload/libc_start.h"
#include "preload/module_names.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/runtime.h"
#include "stubcache.h"

struct object {
	bool tried;
	void *handle;			/* NULL: it cannot be had */
	const struct sc_module *module; /* NULL: its symbols cannot be told from those of others */
};

static struct object *objects; /* by rule */

/* Read without a lock, by whoever calls stubcache_original: entries are complete before they are linked, and stay. */
struct original {
	struct original *next;
	const char *function, *soname, *file, *version;
	uintptr_t address;
};

static struct original *originals, **last = &originals;

/* Where with= begins, from 1. */
static unsigned with_column(const struct sc_rule *rule)
{
	const char *options = strchr(rule->text, ':');
	const char *with = options ? strstr(options, "with") : NULL;

	return with ? (unsigned)(with - rule->text) + 1 : 1;
}

static void complain(const struct sc_rule *rule, const char *what, const char *detail)
{
	sc_reason(SC_LOG_ERROR, "rule %u '%s', column %u: %s%s", rule->origin + 1, rule->text, with_column(rule), what,
		  detail);
}

/* What came just now is ours: what replaces open must reach open. What was new before is the host's, and still to be
 * planned. */
static void own_what_came(const uint8_t *pending)
{
	sc_modules_look();
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		if ((module->flags & SC_MODULE_NEW) && !pending[i])
			module->flags = (module->flags & ~(uint32_t)SC_MODULE_NEW) | SC_MODULE_OURS;
	}
}

static void load(const struct sc_rule *rule, struct object *object)
{
	uint8_t pending[SC_MODULES_MOST] = { 0 };
	struct sc_module *module;

	object->tried = true;
	if (sc_runtime.starting && !sc_libc_start(sc_runtime.starting)) {
		complain(rule, "cannot load the replacement: this libc is not known", "");
		return;
	}
	for (uint32_t i = 0; i < sc_modules.count; i++)
		pending[i] = (sc_modules.list[i].flags & SC_MODULE_NEW) != 0;
	object->handle = dlopen(rule->replace.object, RTLD_NOW | RTLD_LOCAL);
	if (!object->handle) {
		complain(rule, "cannot load the replacement: ", dlerror());
		return;
	}
	own_what_came(pending);
	module = sc_modules_opened(object->handle);
	if (module)
		module->flags |= SC_MODULE_OURS;
	object->module = module;
}

/* The rule's object, loaded; NULL when it cannot be had. */
static const struct object *object_of(const struct sc_rule *rule)
{
	struct object *object;

	if (!objects)
		objects = sc_arena_array(&sc_runtime.arena, sc_runtime.rules.rule_count, sizeof(*objects));
	if (!objects)
		return NULL;
	object = &objects[rule->origin];
	if (!object->tried)
		load(rule, object);
	return object->handle ? object : NULL;
}

/* 0 when the object itself does not define it: dlsym also finds what the libraries define that it NEEDs, and that would
 * be the original. */
static uintptr_t symbol_of(const struct sc_rule *rule, const struct object *object, const char *name)
{
	uintptr_t address = (uintptr_t)dlsym(object->handle, name);

	if (address && sc_modules_at(address) == object->module)
		return address;
	dlerror(); /* the host is not to find what we have left there */
	complain(rule, "the replacement does not define ", name);
	return 0;
}

static const struct sc_rule *find_rule(const struct sc_module *module, const char *function, const char *version)
{
	const struct sc_library_names names = sc_module_names(module);

	for (unsigned i = 0; sc_runtime_rules() && i < sc_runtime.rules.rule_count; i++) {
		const struct sc_rule *rule = &sc_runtime.rules.rules[i];

		if (rule->action == SC_ACTION_REPLACE && sc_rule_selects(rule, function, version, &names))
			return rule;
	}
	return NULL;
}

static const char *copy(const char *text)
{
	return text ? sc_arena_string(&sc_runtime.arena, text, strlen(text)) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The library may have been unloaded and loaded again since. */
static bool note_again(const struct sc_module *module, const char *function, const char *version, uintptr_t original)
{
	for (struct original *known = originals; known; known = known->next)
		if (same(known->function, function) && same(known->version, version) &&
		    same(known->file, module->name)) {
			__atomic_store_n(&known->address, original, __ATOMIC_RELEASE);
			return true;
		}
	return false;
}

void sc_replace_note(const struct sc_module *module, const char *function, const char *version, uintptr_t original)
{
	struct original *new;

	if (note_again(module, function, version, original))
		return;
	new = sc_arena_alloc(&sc_runtime.arena, sizeof(*new));
	if (!new)
		return;
	*new = (struct original){ .function = copy(function), .soname = copy(sc_module_soname(module)),
				  .file = copy(module->name), .version = copy(version), .address = original };
	__atomic_store_n(last, new, __ATOMIC_RELEASE);
	last = &new->next;
}

uintptr_t sc_replace_address(const struct sc_module *module, const char *function, const char *version,
			     uintptr_t original)
{
	const struct sc_rule *rule = find_rule(module, function, version);
	const struct object *object = rule ? object_of(rule) : NULL;
	uintptr_t address;

	if (!object)
		return original;
	address = symbol_of(rule, object, rule->replace.symbol ? rule->replace.symbol : function);
	if (!address)
		return original;
	sc_replace_note(module, function, version, original);
	return address;
}

/* Whether text[0..length) is all of a name; an empty text is any. */
static bool is_part(const char *name, const char *text, size_t length)
{
	return name && strncmp(name, text, length) == 0 && name[length] == '\0';
}

void *stubcache_original(const char *name)
{
	size_t function = strcspn(name, "@");
	const char *library = name[function] ? name + function + 1 : NULL;
	size_t library_length = library ? strcspn(library, "@") : 0;
	const char *version = library && library[library_length] ? library + library_length + 1 : NULL;

	for (const struct original *known = __atomic_load_n(&originals, __ATOMIC_ACQUIRE); known;
	     known = __atomic_load_n(&known->next, __ATOMIC_ACQUIRE)) {
		if (!is_part(known->function, name, function))
			continue;
		if (library && !is_part(known->soname, library, library_length) &&
		    !is_part(known->file, library, library_length))
			continue;
		if (!version || same(known->version, version))
			return (void *)__atomic_load_n(&known->address, __ATOMIC_ACQUIRE);
	}
	return NULL;
}
