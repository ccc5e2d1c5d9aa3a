/* SPDX-License-Identifier: MIT */
/*
 * Owns the question which definition a relocation binds to. For modules of the start that is what the modules of the
 * start say, in their order; of what came with dlopen less is known. Called by select.c.
 */
#include "engine/select_internal.h"

bool sc_select_start_scope(struct selection *s)
{
	s->scope = sc_arena_array(&s->plan->arena, s->request->module_count, sizeof(*s->scope));
	if (!s->scope)
		return false;
	for (uint32_t i = 0; i < s->request->module_count; i++)
		if ((s->request->modules[i].flags & SC_MODULE_STARTUP) && s->candidates[i].open)
			s->scope[s->scope_count++] = &s->candidates[i].symbols;
	return true;
}

bool sc_select_is_fixed(const struct selection *s, uint32_t i, const struct sc_definition *definition)
{
	if (s->request->modules[i].flags & SC_MODULE_STARTUP)
		return true;
	return (definition->in->module->flags & SC_MODULE_STARTUP) && !s->request->deepbind;
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

		if (!s->candidates[k].open ||
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
	unsigned flags = ELF64_R_TYPE(relocation->r_info) == R_X86_64_JUMP_SLOT ? SC_LOOKUP_PLT : 0;
	bool found = sc_symbols_bind(&s->candidates[i].symbols, (uint32_t)ELF64_R_SYM(relocation->r_info), flags,
				     s->scope, s->scope_count, definition);

	if (s->request->modules[i].flags & SC_MODULE_STARTUP)
		return found;
	return (found && sc_select_is_fixed(s, i, definition)) || bind_later(s, i, relocation, definition);
}
