/* SPDX-License-Identifier: MIT */
/*
 * Owns the walk over relocations and what becomes of each: which definition it binds to, whether a rule wants that,
 * what kind of stub it may get. Called by engine.c. Reads modules, writes only the plan.
 *
 * A relocation is a slot when it is a JUMP_SLOT, a GLOB_DAT, or a 64 without addend, and names a function. A reference
 * that ld.so bound to a program's own PLT entry (a non-PIE program that takes a function's address) is no slot: the
 * call goes on through that PLT, whose JUMP_SLOT is one, and the address must stay what the program compares with.
 *
 * A program at a fixed address may have copies of a library's variables (COPY), made after the library was relocated;
 * then everybody uses the copy. What is a slot in such a variable is one in its copy, too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/exclude.h"
#include "engine/select_internal.h"

#define HOOKED ((unsigned)(SC_ACTION_TRACE | SC_ACTION_STACK | SC_ACTION_INJECT))
#define CALLED ((unsigned)(SC_ACTION_CLIENT | SC_ACTION_CLOSURE)) /* functions of clients are */

static void *take(struct selection *s, size_t count, size_t size)
{
	void *memory = sc_arena_array(&s->plan->arena, count, size);

	s->failed = s->failed || !memory;
	return memory;
}

static void open_candidate(struct selection *s, uint32_t i)
{
	const struct sc_module *module = &s->request->modules[i];
	struct candidate *candidate = &s->candidates[i];

	candidate->plan_module = UINT32_MAX;
	candidate->names.file = module->name;
	candidate->name = module->name;
	if ((module->flags & SC_MODULE_GONE) || sc_symbols_open(&candidate->symbols, module, &s->plan->arena) < 0)
		return;
	candidate->names.soname = candidate->symbols.soname;
	if (candidate->symbols.soname && !(module->flags & SC_MODULE_MAIN))
		candidate->name = candidate->symbols.soname;
	candidate->decided = take(s, candidate->symbols.symbol_count, sizeof(uint32_t));
	candidate->open = candidate->decided && sc_select_explain_start(s, candidate);
}

static uint32_t plan_module(struct selection *s, uint32_t i)
{
	const struct sc_module *module = &s->request->modules[i];
	struct candidate *candidate = &s->candidates[i];
	uint32_t flags = module->flags & SC_MODULE_STARTUP ? SC_IMAGE_MODULE_STARTUP : 0;

	if (candidate->plan_module != UINT32_MAX)
		return candidate->plan_module;
	if (sc_plan_module(s->plan, module->identity, module->ordinal, candidate->name, flags,
			   &candidate->plan_module) < 0) {
		s->failed = true;
		return UINT32_MAX;
	}
	sc_plan_locate(&s->plan->modules[candidate->plan_module], module);
	/* Clients have portions of it already, in an image that is in use; or it is none of the program's. */
	s->plan->modules[candidate->plan_module].is_closed =
		module->image_module != UINT32_MAX || (module->flags & SC_MODULE_OURS);
	return candidate->plan_module;
}

/* One that can be called: what lies in no executable segment is refused when the image is loaded. */
static bool is_function(const struct sc_definition *definition)
{
	const struct sc_module *module = definition->in->module;
	const ElfW(Sym) *symbol = definition->symbol;
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
	       sc_module_has_code(module, module->base + symbol->st_value);
}

static uint32_t watched(const struct selection *s, const struct candidate *in, const char *name)
{
	if (!s->request->keep_watch)
		return SC_WRAPPER_NONE;
	return sc_exclude_wrapper(name, in->name, in->symbols.module->space);
}

/* What a function gets, from the rules and its nature, into planned->kind (SC_IMAGE_DIRECT: no stub) and flags. */
static void decide_kind(struct selection *s, const struct sc_definition *definition, const struct candidate *in,
			const struct candidate *caller, struct sc_plan_target *planned, const char **why)
{
	const char *name = sc_symbol_name(definition->in, definition->symbol);
	uint64_t by = 0;
	unsigned actions = sc_rules_match(s->request->rules, name, definition->version, &in->names,
					  caller ? &caller->names : NULL, &by);
	enum sc_treatment treatment;

	*why = "";
	planned->kind = SC_IMAGE_DIRECT;
	if (!actions)
		return;
	s->request->selection.selected_by |= by;
	treatment = sc_exclude(name, why);
	if (definition->in->module->flags & (SC_MODULE_OURS | SC_MODULE_LOADER)) {
		if (!**why)
			*why = "belongs to the loader or to stubcache";
		treatment = SC_TREAT_ALONE;
	}
	if (treatment == SC_TREAT_ALONE)
		return;
	if (!(actions & (SC_ACTION_TIME | HOOKED | CALLED)))
		*why = ""; /* counting is what was asked for */
	planned->kind = SC_IMAGE_TAIL;
	if (treatment == SC_TREAT_FULLY && (actions & SC_ACTION_TIME))
		planned->kind = SC_IMAGE_FRAME;
	if (treatment == SC_TREAT_FULLY && (actions & SC_ACTION_CLOSURE))
		planned->kind = planned->kind == SC_IMAGE_TAIL ? SC_IMAGE_CLOSURE : SC_IMAGE_HOOK;
	if (treatment == SC_TREAT_FULLY && (actions & (HOOKED | SC_ACTION_CLIENT)))
		planned->kind = SC_IMAGE_HOOK;
	if (treatment == SC_TREAT_FULLY && (actions & HOOKED))
		planned->capture = sc_select_capture(s, name);
	if (actions & SC_ACTION_REPLACE)
		planned->flags |= SC_IMAGE_TARGET_REPLACE;
}

/* Decides about a definition, and enters it into the plan if it gets a stub or is watched. Again for each caller where
 * rules look at callers: a target then gets the most that any of them wants. */
static void decide(struct selection *s, const struct sc_definition *definition, const struct candidate *caller,
		   struct sc_plan_target *planned)
{
	uint32_t i = index_of(s, definition->in), target;
	struct candidate *in = &s->candidates[i];
	const char *why;

	planned->name = sc_symbol_name(definition->in, definition->symbol);
	planned->version = definition->version ? definition->version : "";
	planned->value = definition->symbol->st_value;
	decide_kind(s, definition, in, caller, planned, &why);
	planned->wrapper = watched(s, in, planned->name);
	if (ELF64_ST_TYPE(definition->symbol->st_info) == STT_GNU_IFUNC)
		planned->flags |= SC_IMAGE_TARGET_IFUNC;
	if (in->considered && (*why || !in->considered[definition->index].reason))
		in->considered[definition->index].reason = why;
	if (planned->kind == SC_IMAGE_DIRECT && !planned->wrapper) {
		if (in->decided[definition->index] == UNDECIDED)
			in->decided[definition->index] = REFUSED;
		return;
	}
	if (plan_module(s, i) == UINT32_MAX || sc_plan_target(s->plan, plan_module(s, i), planned, &target) < 0)
		s->failed = true;
	else
		in->decided[definition->index] = FIRST_TARGET + target;
}

/* Points the slot to the plan's target for a definition; false: it stays as it is. */
static bool target_of(struct selection *s, const struct sc_definition *definition, const struct candidate *caller,
		      struct sc_plan_slot *slot)
{
	struct candidate *in = &s->candidates[index_of(s, definition->in)];
	const uint32_t *decided = &in->decided[definition->index];
	struct sc_plan_target planned = { 0 };

	if (*decided == UNDECIDED || s->by_caller)
		decide(s, definition, caller, &planned);
	if (*decided < FIRST_TARGET)
		return false;
	if (s->by_caller && planned.kind == SC_IMAGE_DIRECT) {
		if (!planned.wrapper)
			return false;
		slot->flags |= SC_IMAGE_SLOT_WATCH;
	}
	slot->module = in->plan_module;
	slot->target = *decided - FIRST_TARGET;
	return !s->failed;
}

/* A word of a module, by its offset. */
struct place {
	uint32_t module;
	ElfW(Addr) offset;
};

/* What a relocation of module i makes of the word at a place: its own, or that of a copy. */
static void consider(struct selection *s, uint32_t i, const ElfW(Rela) *relocation, struct place at)
{
	struct candidate *caller = &s->candidates[i];
	uint32_t reference = (uint32_t)ELF64_R_SYM(relocation->r_info);
	unsigned type = (unsigned)ELF64_R_TYPE(relocation->r_info);
	struct sc_plan_slot slot = { .offset = (uint32_t)at.offset };
	struct sc_definition definition;
	struct considered *considered;
	bool found;

	if (reference == 0 || reference >= caller->symbols.symbol_count || at.offset > UINT32_MAX)
		return;
	if (type == R_X86_64_64 ? relocation->r_addend != 0 : type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT)
		return;
	if (!sc_select_bind(s, i, relocation, &definition))
		return;
	if (!is_function(&definition)) {
		sc_select_explain_other(s, caller, reference, type, &definition);
		return;
	}
	found = target_of(s, &definition, caller, &slot);
	considered = s->candidates[index_of(s, definition.in)].considered;
	if (considered && (found ? !(slot.flags & SC_IMAGE_SLOT_WATCH) : !s->by_caller))
		considered[definition.index].slots++;
	if (!found)
		return;
	if (type == R_X86_64_JUMP_SLOT && !caller->symbols.bind_now) {
		slot.flags |= SC_IMAGE_SLOT_LAZY;
		if (!sc_select_is_fixed(s, i, &definition))
			slot.flags |= SC_IMAGE_SLOT_CONTEXT;
	}
	if (plan_module(s, at.module) == UINT32_MAX || sc_plan_slot(s->plan, plan_module(s, at.module), &slot) < 0)
		s->failed = true;
}

/* A COPY of module i, the program: of the first definition behind its own, as ld.so has found it. */
static void consider_copy(struct selection *s, uint32_t i, const ElfW(Rela) *relocation)
{
	const struct sc_symbols *program = &s->candidates[i].symbols;
	const struct scope *scope = &s->scopes[0];
	uint32_t reference = (uint32_t)ELF64_R_SYM(relocation->r_info), from;
	struct sc_definition copied;
	ElfW(Addr) size;

	if (reference == 0 || reference >= program->symbol_count || scope->count == 0 || scope->modules[0] != program ||
	    !sc_symbols_bind(program, reference, 0, scope->modules + 1, scope->count - 1, &copied))
		return;
	from = index_of(s, copied.in);
	size = copied.symbol->st_size;
	if (program->symtab[reference].st_size < size)
		size = program->symtab[reference].st_size;
	for (size_t k = copied.in->rela_relative; k < copied.in->rela_count && !s->failed; k++) {
		const ElfW(Rela) *inside = &copied.in->rela[k];
		ElfW(Addr) distance = inside->r_offset - copied.symbol->st_value;

		if (inside->r_offset >= copied.symbol->st_value && distance < size &&
		    size - distance >= sizeof(distance))
			consider(s, from, inside, (struct place){ i, relocation->r_offset + distance });
	}
}

static void consider_own(struct selection *s, uint32_t i, const ElfW(Rela) *relocation)
{
	if (ELF64_R_TYPE(relocation->r_info) != R_X86_64_COPY)
		consider(s, i, relocation, (struct place){ i, relocation->r_offset });
	else if (s->request->modules[i].flags & SC_MODULE_MAIN)
		consider_copy(s, i, relocation);
}

static void select_module(struct selection *s, uint32_t i)
{
	const struct sc_symbols *symbols = &s->candidates[i].symbols;

	plan_module(s, i); /* known, even when it has nothing: a later run then needs no engine */
	if (s->failed)
		return;
	if (!(s->request->modules[i].flags & SC_MODULE_STARTUP))
		s->plan->modules[s->candidates[i].plan_module].context =
			s->request->contexts[s->request->modules[i].space];
	if (!s->candidates[i].open || (s->request->modules[i].flags & (SC_MODULE_OURS | SC_MODULE_LOADER)))
		return;
	for (size_t k = symbols->rela_relative; k < symbols->rela_count && !s->failed; k++)
		consider_own(s, i, &symbols->rela[k]);
	for (size_t k = 0; k < symbols->jmprel_count && !s->failed; k++)
		consider_own(s, i, &symbols->jmprel[k]);
}

/* A function that dlsym returned: a target without a slot, of kind DIRECT when it may have no stub, so that it
 * is known. */
static int select_symbol(struct selection *s)
{
	struct sc_engine_request *request = s->request;
	uint32_t i = (uint32_t)(request->symbol_module - request->modules), target;
	struct candidate *in = &s->candidates[i];
	struct sc_plan_target planned = { 0 };
	struct sc_definition definition;
	const char *why;

	if (!in->open || !sc_symbols_find(&in->symbols, request->symbol_name, request->symbol_version, &definition) ||
	    !is_function(&definition)) {
		snprintf(request->failure, sizeof(request->failure), "'%s' is no function by its symbol",
			 request->symbol_name);
		return -ENOENT;
	}
	planned.name = sc_symbol_name(definition.in, definition.symbol);
	planned.version = definition.version ? definition.version : "";
	planned.value = definition.symbol->st_value;
	decide_kind(s, &definition, in, NULL, &planned, &why);
	planned.wrapper = watched(s, in, planned.name);
	if (ELF64_ST_TYPE(definition.symbol->st_info) == STT_GNU_IFUNC)
		planned.flags |= SC_IMAGE_TARGET_IFUNC;
	sc_select_explain_symbol(s, in, &planned, why);
	if (plan_module(s, i) == UINT32_MAX || sc_plan_target(s->plan, plan_module(s, i), &planned, &target) < 0)
		return -ENOMEM;
	return 0;
}

int sc_select(struct sc_engine_request *request, struct sc_plan *plan)
{
	struct selection s = { .request = request, .plan = plan };
	int r = 0;

	for (unsigned i = 0; i < request->rules->rule_count; i++)
		s.by_caller = s.by_caller || request->rules->rules[i].from;
	s.candidates = take(&s, request->module_count, sizeof(*s.candidates));
	if (!s.candidates)
		return -ENOMEM;
	for (uint32_t i = 0; i < request->module_count; i++)
		open_candidate(&s, i);
	if (!sc_select_scopes(&s))
		return -ENOMEM;
	for (uint32_t i = 0; request->wanted && i < request->module_count && !s.failed; i++)
		if (request->wanted[i])
			select_module(&s, i);
	if (request->symbol_module)
		r = select_symbol(&s);
	sc_select_explain_all(&s);
	return s.failed ? -ENOMEM : r;
}
