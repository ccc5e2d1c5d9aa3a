/* SPDX-License-Identifier: MIT */
/*
 * Owns what is known of a function ahead of its calls: which hooks are on it, by which prototype each, and how a call's
 * block is laid out. Called by hooks_bind.c and generator.c while an image is resurrected.
 *
 *	block	struct stubcache_call | arguments on the stack | for each hook: its args, what was gathered, its word
 */
#include <string.h>

#include "preload/module_names.h"
#include "preload/prototypes.h"
#include "preload/reason.h"
#include "preload/runtime.h"
#include "preload/typed.h"
#include "preload/typed_calls.h"

/* A function, and the walk over what is registered. The rules are parsed. */
struct walk {
	const struct sc_module *module;
	const char *function, *version;
	struct sc_library_names names;
	unsigned rule; /* of the next hook that has one */
};

static struct walk walk_begin(const struct sc_module *module, const char *function, const char *version)
{
	return (struct walk){ .module = module, .function = function, .version = version,
			      .names = sc_module_names(module), .rule = sc_typed_user_rules() };
}

static bool selects(const struct walk *walk, const struct sc_rule *rule)
{
	return sc_rule_selects(rule, walk->function, walk->version, &walk->names);
}

/* The user's rule for hooks without targets; one without from= is worth more. */
static const struct sc_rule *users_rule(const struct walk *walk)
{
	const struct sc_rule *found = NULL;

	for (unsigned i = 0; i < sc_typed_user_rules(); i++) {
		const struct sc_rule *rule = &sc_runtime.rules.rules[i];

		if (rule->action == SC_ACTION_CLIENT && (!found || !rule->from) && selects(walk, rule))
			found = rule;
	}
	return found;
}

/* The rule by which the walk's next hook is on the function, or NULL. */
static const struct sc_rule *rule_of(struct walk *walk, const struct sc_typed_hook *hook)
{
	const struct sc_rule *rule;

	if (!hook->rule)
		return users_rule(walk);
	rule = &sc_runtime.rules.rules[walk->rule++];
	return selects(walk, rule) ? rule : NULL;
}

static const struct sc_typed_program *program_of(const struct sc_typed_hook *hook, const char *function)
{
	const struct sc_typed_program *program = hook->program;
	char message[200] = "";
	const char *const *files;
	uint32_t count;
	int r;

	if (program)
		return program;
	files = sc_prototypes_files(&count);
	r = sc_typed_get()->compile(NULL, function, files, count, &program, message, sizeof(message));
	if (r < 0)
		sc_reason(SC_LOG_INFO, "no hook for '%s': %s", function, message[0] ? message : strerrordesc_np(-r));
	return r < 0 ? NULL : program;
}

static struct sc_typed_closure *closure_of(const struct sc_typed_hook *hook, const struct sc_typed_program *program)
{
	if (!program->cif || program->variadic || !program->typed)
		return NULL;
	return sc_typed_get()->closure(program, hook->closure, hook->user);
}

static bool bind(struct sc_typed_binding *out, struct walk *walk, const struct sc_typed_hook *hook)
{
	const struct sc_rule *rule = rule_of(walk, hook);

	if (!rule)
		return false;
	*out = (struct sc_typed_binding){ .hook = hook, .from = rule->from, .program = program_of(hook, walk->function) };
	if (out->program && hook->closure)
		out->closure = closure_of(hook, out->program);
	return out->program && (out->closure || !hook->closure);
}

static uint32_t round_up(uint32_t size)
{
	return (size + 15) & ~15u;
}

static bool sees_vectors(const struct sc_typed_program *program)
{
	bool sees = !program->typed || program->variadic;

	for (uint32_t i = 0; i < program->count && !sees; i++) {
		const struct sc_typed_place *place = &program->places[i];

		sees = place->area == SC_TYPED_VECTOR || place->area == SC_TYPED_GATHERED;
	}
	return sees;
}

static void lay_out(struct sc_typed_function *function)
{
	uint32_t at;

	for (uint32_t i = 0; i < function->count; i++) {
		const struct sc_typed_binding *binding = &function->bindings[i];

		if (binding->program->stack > function->stack)
			function->stack = binding->program->stack;
		function->leaves = function->leaves || binding->hook->leave;
		function->vectors = function->vectors || sees_vectors(binding->program);
		function->x87 = function->x87 || !binding->program->typed ||
				binding->program->result == SC_TYPED_X87 ||
				binding->program->result == SC_TYPED_X87_PAIR;
	}
	at = round_up(sizeof(struct stubcache_call) + 8 * function->stack);
	for (uint32_t i = 0; i < function->count; i++) {
		struct sc_typed_binding *binding = &function->bindings[i];

		binding->gathered = at;
		binding->pointers = round_up(at + binding->program->gathered);
		binding->word = binding->pointers + 8 * binding->program->count;
		at = round_up(binding->word + 8);
	}
	function->block_size = (at + 63) & ~63u;
}

struct sc_typed_function *sc_typed_bind(const struct sc_module *module, const char *name, const char *version)
{
	struct walk walk = walk_begin(module, name, version);
	struct sc_typed_function *function;
	uint32_t count = 0;

	for (const struct sc_typed_hook *hook = sc_typed_hooks(); hook; hook = hook->next)
		count += rule_of(&walk, hook) != NULL;
	if (!count)
		return NULL;
	function = sc_arena_alloc(&sc_runtime.arena, sizeof(*function) + count * sizeof(function->bindings[0]));
	if (!function)
		return NULL;
	function->name = sc_arena_string(&sc_runtime.arena, name, strlen(name));
	walk = walk_begin(module, name, version);
	for (const struct sc_typed_hook *hook = sc_typed_hooks(); hook; hook = hook->next)
		if (function->count == SC_TYPED_BINDINGS)
			sc_reason(SC_LOG_ERROR, "more than %d hooks on '%s': the last ones are left out",
				  SC_TYPED_BINDINGS, name);
		else
			function->count += bind(&function->bindings[function->count], &walk, hook);
	lay_out(function);
	return function->count && function->block_size < SC_TYPED_BLOCK_MOST && function->name ? function : NULL;
}

void sc_typed_lead(struct sc_typed_function *function, uintptr_t original)
{
	__atomic_store_n(&function->original, original, __ATOMIC_RELEASE);
	for (uint32_t i = 0; i < function->count; i++)
		if (function->bindings[i].closure)
			sc_typed_get()->closure_lead(function->bindings[i].closure, original);
}

void sc_typed_bind_closure(const struct sc_module *module, const char *function, const char *version, uintptr_t original,
			   uint64_t words[SC_IMAGE_CLOSURE_WORDS])
{
	struct sc_typed_binding binding = { .closure = NULL };
	struct walk walk;

	words[0] = words[SC_IMAGE_CLOSURE_ORIGINAL] = original;
	if (!sc_runtime_rules())
		return;
	walk = walk_begin(module, function, version);
	for (const struct sc_typed_hook *hook = sc_typed_hooks(); hook && !binding.closure; hook = hook->next)
		bind(&binding, &walk, hook);
	if (!binding.closure)
		return;
	sc_typed_get()->closure_lead(binding.closure, original);
	sc_typed_get()->closure_words(binding.closure, words);
}
