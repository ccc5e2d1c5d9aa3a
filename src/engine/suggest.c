/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether a rule can select anything at all, and names that are near when it cannot. Called by the
 * preload, on a cold start, for rules that selected nothing.
 */
#include <stdio.h>
#include <string.h>

#include "engine/select.h"
#include "engine/symbols.h"

#define NEAR 3 /* names, and the edit distance up to which one is near */

struct near {
	const char *names[NEAR];
	unsigned distances[NEAR];
	bool library; /* one that the rule names is loaded */
	bool defined; /* the name itself is defined somewhere: the program just does not call it */
};

static void consider(struct near *near, const char *wanted, const char *name)
{
	unsigned distance = sc_name_distance(wanted, name, NEAR);

	if (distance == 0)
		near->defined = true;
	if (distance > NEAR || distance >= strlen(wanted))
		return;
	for (unsigned i = 0; i < NEAR; i++) {
		if (near->names[i] && strcmp(near->names[i], name) == 0)
			return;
		if (near->names[i] && near->distances[i] <= distance)
			continue;
		for (unsigned k = NEAR - 1; k > i; k--) {
			near->names[k] = near->names[k - 1];
			near->distances[k] = near->distances[k - 1];
		}
		near->names[i] = name;
		near->distances[i] = distance;
		return;
	}
}

static void look_at(struct near *near, const struct sc_rule_target *target, const struct sc_module *module,
		    struct sc_arena *arena)
{
	struct sc_symbols symbols;

	if ((module->flags & (SC_MODULE_GONE | SC_MODULE_OURS)) || sc_symbols_open(&symbols, module, arena) < 0)
		return;
	if (!sc_glob_match(target->library, module->name) &&
	    !(symbols.soname && sc_glob_match(target->library, symbols.soname)))
		return;
	near->library = true;
	for (uint32_t i = 1; i < symbols.symbol_count; i++) {
		const ElfW(Sym) *symbol = &symbols.symtab[i];
		unsigned type = ELF64_ST_TYPE(symbol->st_info);

		if ((type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF)
			consider(near, target->function, sc_symbol_name(&symbols, symbol));
	}
}

enum sc_rule_reach sc_select_suggest(const struct sc_engine_request *request, const struct sc_rule *rule, char *out,
				     size_t size)
{
	struct near near = { 0 };
	struct sc_arena arena = { 0 };
	size_t used = 0;

	out[0] = 0;
	if (rule->target_count == 0 || strpbrk(rule->targets[0].function, "*?["))
		return SC_RULE_NOT_CALLED;
	for (uint32_t i = 0; i < request->module_count; i++)
		look_at(&near, &rule->targets[0], &request->modules[i], &arena);
	for (unsigned i = 0; i < NEAR && near.names[i] && !near.defined; i++) {
		int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", near.names[i]);

		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	sc_arena_release(&arena);
	if (near.defined)
		return SC_RULE_NOT_CALLED;
	return near.library ? SC_RULE_UNKNOWN_NAME : SC_RULE_NO_LIBRARY;
}
