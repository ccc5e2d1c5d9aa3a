/* SPDX-License-Identifier: MIT */
/*
 * Owns what `stubcache explain` hears of a selection: for each function that a rule names, what it gets, or why it
 * gets less than was asked for. Decides nothing. Called by select.c; without explain_fd nothing is noted or written.
 */
#include <string.h>

#include "common/explain.h"
#include "engine/select_internal.h"

static const char canonical[] =
	"holds the PLT entry of the program, which compares addresses: calls through it are seen there";
static const char untyped[] = "its symbol does not say that it is a function";
static const char uncertain[] = "a module that came with dlopen has yet to bind it, and several libraries define it";
static const char unreached[] = "no slot leads to it: nothing calls it from outside of its own library";

bool sc_select_explain_start(struct selection *s, struct candidate *candidate)
{
	if (s->request->explain_fd < 0)
		return true;
	candidate->considered = sc_arena_array(&s->plan->arena, candidate->symbols.symbol_count,
					       sizeof(*candidate->considered));
	s->failed = s->failed || !candidate->considered;
	return candidate->considered != NULL;
}

/* Of those that a hook stub is for, the one that changes the program most. */
static const char *hook_name(const struct selection *s, const struct candidate *in, const struct sc_plan_target *target)
{
	const char *version = *target->version ? target->version : NULL;
	unsigned actions = sc_rules_match(s->request->rules, target->name, version, &in->names, NULL, NULL);

	if (actions & SC_ACTION_INJECT)
		return "inject";
	if (actions & (SC_ACTION_CLIENT | SC_ACTION_CLOSURE))
		return "client";
	return actions & SC_ACTION_TRACE ? "trace" : "stack";
}

static const char *action_name(const struct selection *s, const struct candidate *in, const struct sc_plan_target *target)
{
	if (target->kind == SC_IMAGE_DIRECT)
		return "";
	if (target->kind == SC_IMAGE_HOOK)
		return hook_name(s, in, target);
	if (target->kind == SC_IMAGE_CLOSURE)
		return "client";
	if (target->flags & SC_IMAGE_TARGET_REPLACE)
		return "replace";
	return target->kind == SC_IMAGE_FRAME ? "time" : "count";
}

static void say(const struct selection *s, const struct candidate *in, const char *function, const char *version,
		const char *action, const char *way, uint32_t slots, const char *reason)
{
	const struct sc_explain_line line = { .program = s->request->modules[0].name, .function = function,
					      .library = in->name, .version = version ? version : "",
					      .action = action, .way = *action ? way : "",
					      .slots = slots, .reason = reason ? reason : "" };

	sc_explain(s->request->explain_fd, &line);
}

static struct considered *considered_of(struct selection *s, const struct sc_definition *definition)
{
	return &s->candidates[index_of(s, definition->in)].considered[definition->index];
}

void sc_select_explain_other(struct selection *s, const struct candidate *caller, uint32_t reference, unsigned type,
			     const struct sc_definition *definition)
{
	const struct scope *scope = &s->scopes[caller->symbols.module->space];
	struct sc_definition function;
	struct considered *considered;

	if (s->request->explain_fd < 0)
		return;
	if (definition->symbol->st_shndx == SHN_UNDEF) {
		if (sc_symbols_bind(&caller->symbols, reference, SC_LOOKUP_PLT, scope->modules, scope->count, &function))
			considered_of(s, &function)->canonical++;
	} else if (type == R_X86_64_JUMP_SLOT) {
		considered = considered_of(s, definition);
		considered->reason = untyped;
		considered->slots++;
	}
}

void sc_select_explain_uncertain(struct selection *s, const struct sc_definition *definition)
{
	if (s->request->explain_fd < 0)
		return;
	considered_of(s, definition)->reason = uncertain;
	considered_of(s, definition)->slots++;
}

void sc_select_explain_symbol(const struct selection *s, const struct candidate *in,
			      const struct sc_plan_target *target, const char *why)
{
	if (target->kind != SC_IMAGE_DIRECT || *why)
		say(s, in, target->name, target->version, action_name(s, in, target), "dlsym", 0, why);
}

static bool wanted(const struct selection *s, const struct candidate *in, const char *function, const char *version)
{
	return sc_rules_match(s->request->rules, function, version, &in->names, NULL, NULL) != 0;
}

static void say_considered(const struct selection *s, const struct candidate *in, uint32_t k)
{
	const struct considered *considered = &in->considered[k];
	const char *name = sc_symbol_name(&in->symbols, &in->symbols.symtab[k]);
	const char *version = sc_symbol_version(&in->symbols, k, NULL);
	const char *action = "";

	if (in->decided[k] >= FIRST_TARGET)
		action = action_name(s, in,
				     &s->plan->modules[in->plan_module].targets[in->decided[k] - FIRST_TARGET]);
	if (*action ||
	    (considered->reason && *considered->reason && wanted(s, in, name, version)))
		say(s, in, name, version, action, "slots", considered->slots, considered->reason);
	if (considered->canonical && wanted(s, in, name, version))
		say(s, in, name, version, "", "", considered->canonical, canonical);
}

/* A rule that names one function is about that one: if nothing leads to it, this is said. */
static void say_unreached(const struct selection *s, const struct candidate *in, const struct sc_rule_target *target)
{
	const char *version = strpbrk(target->version, "*?[") ? NULL : target->version;
	struct sc_definition definition;

	if (target->exclude || strpbrk(target->function, "*?[") ||
	    !sc_symbols_find(&in->symbols, target->function, version, &definition) ||
	    in->decided[definition.index] != UNDECIDED || in->considered[definition.index].reason ||
	    in->considered[definition.index].canonical || !wanted(s, in, target->function, definition.version))
		return;
	say(s, in, target->function, definition.version, "", "", 0, unreached);
}

void sc_select_explain_all(const struct selection *s)
{
	for (uint32_t i = 0; i < s->request->module_count && s->request->explain_fd >= 0; i++) {
		const struct candidate *in = &s->candidates[i];

		if (!in->open || (in->symbols.module->flags & SC_MODULE_OURS))
			continue;
		for (uint32_t k = 0; k < in->symbols.symbol_count; k++)
			say_considered(s, in, k);
		for (unsigned r = 0; r < s->request->rules->rule_count && s->request->wanted; r++)
			for (unsigned t = 0; t < s->request->rules->rules[r].target_count; t++)
				say_unreached(s, in, &s->request->rules->rules[r].targets[t]);
	}
}
