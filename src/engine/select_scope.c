/* SPDX-License-Identifier: MIT */
/*
 * Owns the question which definition a relocation binds to. For modules of the start that is what the modules of the
 * start say, in their order; in another namespace, what was loaded first there. Of what came with dlopen less is known.
 * Called by select.c.
 */
#include <string.h>

#include "engine/select_internal.h"

static bool is_named(const struct candidate *candidate, const char *name)
{
	const struct sc_module *module = candidate->symbols.module;

	return (candidate->symbols.soname && strcmp(candidate->symbols.soname, name) == 0) ||
	       strcmp(module->name, name) == 0 || strcmp(module->path, name) == 0;
}

/* The module that a name in DT_NEEDED stands for in a namespace. All have the same ld.so. */
static const struct sc_symbols *find_needed(const struct selection *s, unsigned space, const char *name)
{
	for (uint32_t i = 0; i < s->request->module_count; i++) {
		const struct sc_module *module = &s->request->modules[i];

		if (s->candidates[i].open && (module->space == space || (module->flags & SC_MODULE_LOADER)) &&
		    is_named(&s->candidates[i], name))
			return &s->candidates[i].symbols;
	}
	return NULL;
}

static bool has(const struct scope *scope, const struct sc_symbols *symbols)
{
	for (size_t i = 0; i < scope->count; i++)
		if (scope->modules[i] == symbols)
			return true;
	return false;
}

static void add_start(const struct selection *s, struct scope *scope)
{
	for (uint32_t i = 0; i < s->request->module_count; i++)
		if ((s->request->modules[i].flags & SC_MODULE_STARTUP) && s->candidates[i].open)
			scope->modules[scope->count++] = &s->candidates[i].symbols;
}

/* Of another namespace: what was loaded first there, and then, level by level, what that needs. */
static void add_first_group(const struct selection *s, unsigned space, struct scope *scope)
{
	for (uint32_t i = 0; i < s->request->module_count && scope->count == 0; i++)
		if (s->request->modules[i].space == space && s->request->modules[i].position == 0 &&
		    s->candidates[i].open)
			scope->modules[scope->count++] = &s->candidates[i].symbols;
	for (size_t at = 0; at < scope->count; at++) {
		for (uint32_t n = 0; n < scope->modules[at]->needed_count; n++) {
			const struct sc_symbols *needed = find_needed(s, space, scope->modules[at]->needed[n]);

			if (needed && !has(scope, needed))
				scope->modules[scope->count++] = needed;
		}
	}
}

bool sc_select_scopes(struct selection *s)
{
	for (uint32_t i = 0; i < s->request->module_count; i++) {
		unsigned space = s->request->modules[i].space;
		struct scope *scope = &s->scopes[space];

		if (scope->modules)
			continue;
		scope->modules = sc_arena_array(&s->plan->arena, s->request->module_count, sizeof(*scope->modules));
		if (!scope->modules)
			return false;
		if (space == 0)
			add_start(s, scope);
		else
			add_first_group(s, space, scope);
	}
	return true;
}

bool sc_select_is_fixed(const struct selection *s, uint32_t i, const struct sc_definition *definition)
{
	if (s->request->modules[i].flags & SC_MODULE_STARTUP)
		return true;
	return s->request->modules[i].space == 0 && (definition->in->module->flags & SC_MODULE_STARTUP) &&
	       !s->request->deepbind;
}

/* Whether a definition may be reached from module i at all: namespaces have but ld.so in common. */
static bool may_reach(const struct selection *s, uint32_t i, uint32_t definer)
{
	return s->request->modules[definer].space == s->request->modules[i].space ||
	       (s->request->modules[definer].flags & SC_MODULE_LOADER);
}

/*
 * For a module that came with dlopen: what it binds to depends on the flags of all dlopens before, which nobody tells.
 * A slot that is bound says it itself; of a lazy one it is certain when a single module offers the name.
 */
static bool bind_later(struct selection *s, uint32_t i, const ElfW(Rela) *relocation, struct sc_definition *definition)
{
	uint32_t reference = (uint32_t)ELF64_R_SYM(relocation->r_info);
	uintptr_t value = *(const uintptr_t *)(s->request->modules[i].base + relocation->r_offset);
	const ElfW(Sym) *first = NULL;
	bool single = true;

	for (uint32_t k = 0; k < s->request->module_count; k++) {
		const struct sc_symbols *scope = &s->candidates[k].symbols;

		if (!s->candidates[k].open || !may_reach(s, i, k) ||
		    !sc_symbols_bind(&s->candidates[i].symbols, reference, SC_LOOKUP_PLT, &scope, 1, definition))
			continue;
		if (value == sc_definition_address(definition))
			return true;
		single = single && (!first || first == definition->symbol);
		first = definition->symbol;
	}
	if (first && !single)
		sc_select_explain_uncertain(s, definition);
	return first && single;
}

bool sc_select_bind(struct selection *s, uint32_t i, const ElfW(Rela) *relocation, struct sc_definition *definition)
{
	const struct sc_module *module = &s->request->modules[i];
	const struct scope *scope = &s->scopes[module->space];
	unsigned flags = ELF64_R_TYPE(relocation->r_info) == R_X86_64_JUMP_SLOT ? SC_LOOKUP_PLT : 0;
	bool found = sc_symbols_bind(&s->candidates[i].symbols, (uint32_t)ELF64_R_SYM(relocation->r_info), flags,
				     scope->modules, scope->count, definition);

	if (module->flags & SC_MODULE_STARTUP)
		return found;
	if (found && (module->space ? !s->request->deepbind : sc_select_is_fixed(s, i, definition)))
		return true;
	return bind_later(s, i, relocation, definition);
}
