/* SPDX-License-Identifier: MIT */
/*
 * Owns the writing of slots: GOT words and data words that a relocation filled. A slot is replaced only if it
 * holds what it must: its target, or, for a lazily bound call, an address in its own module's PLT. Pages
 * that ld.so has made read-only (RELRO) are opened once for all slots of a module and closed again; if
 * that is refused, the slots there stay as they are.
 *
 * Called by the constructor and by dlwatch.c, for cold and warm starts alike.
 */
#include "preload/attach.h"

#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/explain_slots.h"
#include "preload/modules.h"
#include "preload/runtime.h"

struct range {
	uintptr_t start, end; /* start >= end: empty */
};

static bool in_relro(const struct sc_module *module, uintptr_t address)
{
	return address >= module->relro_start && address + sizeof(uintptr_t) <= module->relro_end;
}

/* Half in RELRO, half outside: no linker makes such a slot. */
static bool crosses_relro(const struct sc_module *module, uintptr_t address)
{
	return !in_relro(module, address) && address < module->relro_end &&
	       address + sizeof(uintptr_t) > module->relro_start;
}

/* Whether ld.so mapped the word writable: a slot elsewhere (a text relocation) is not ours to touch. */
static bool in_writable_segment(const struct sc_module *module, uintptr_t address)
{
	for (uint16_t i = 0; i < module->phnum; i++) {
		const ElfW(Phdr) *segment = &module->phdr[i];
		uintptr_t start = module->base + segment->p_vaddr;

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) && address >= start &&
		    address + sizeof(uintptr_t) <= start + segment->p_memsz)
			return true;
	}
	return false;
}

/* The pages of RELRO that hold slots. */
static struct range relro_pages(const struct sc_module *module, const struct sc_image_slot *slots, uint32_t count)
{
	const uintptr_t page = sc_runtime.page_size;
	struct range range = { UINTPTR_MAX, 0 };

	for (uint32_t i = 0; i < count; i++) {
		uintptr_t address = module->base + slots[i].offset;

		if (!in_relro(module, address))
			continue;
		if (address < range.start)
			range.start = address;
		if (address + sizeof(uintptr_t) > range.end)
			range.end = address + sizeof(uintptr_t);
	}
	if (range.start < range.end) {
		range.start &= -page;
		range.end = (range.end + page - 1) & -page;
		if (range.end > module->relro_end)
			range.end = module->relro_end;
	}
	return range;
}

/* Still to be bound, by ld.so, at the first call. */
static bool is_unbound(const struct sc_module *module, const struct sc_image_slot *slot, uintptr_t value)
{
	return (slot->flags & SC_IMAGE_SLOT_LAZY) && value >= module->code_start && value < module->code_end;
}

/* Modules of the start bind to modules of the start, and so does what was loaded later, unless it was loaded with
 * RTLD_DEEPBIND: sc_modules_context is another one then. */
static bool depends_on_context(const struct sc_module *module, const struct sc_image_slot *slot)
{
	return (slot->flags & SC_IMAGE_SLOT_CONTEXT) || (sc_modules.deepbind && !(module->flags & SC_MODULE_STARTUP));
}

void sc_attach_module(const struct sc_mapped_image *mapped, uint32_t image_module, uint32_t context,
		      struct sc_attach_counts *counts)
{
	const struct sc_image_plan *plan = sc_image_plan(&mapped->image, image_module);
	const struct sc_module *module = &sc_modules.list[mapped->modules[image_module]];
	const struct sc_image_slot *slots;
	const struct sc_image_plan *definer_plan = NULL;
	uint32_t definer = UINT32_MAX;
	bool relro_open = false;
	struct range relro;

	if (!plan || plan->slot_count == 0)
		return;
	slots = sc_image_slots(plan);
	relro = relro_pages(module, slots, plan->slot_count);
	if (relro.start < relro.end)
		relro_open = sc_sys_mprotect((void *)relro.start, relro.end - relro.start,
					     PROT_READ | PROT_WRITE) == 0;
	for (uint32_t i = 0; i < plan->slot_count; i++) {
		uintptr_t address = module->base + slots[i].offset, value, stub;
		uint32_t index;

		if (slots[i].module != definer) {
			definer = slots[i].module;
			definer_plan = sc_image_plan(&mapped->image, definer);
		}
		if (!definer_plan)
			continue; /* not in an image that was checked */
		index = definer_plan->first_index + slots[i].target;
		stub = mapped->stubs[index];
		if (mapped->modules[definer] == UINT32_MAX || !stub)
			continue;
		if (crosses_relro(module, address) ||
		    (in_relro(module, address) ? !relro_open : !in_writable_segment(module, address))) {
			counts->refused++;
			sc_explain_slot_left(mapped, &slots[i], "its slot cannot be made writable");
			continue;
		}
		memcpy(&value, (const void *)address, sizeof(value));
		if (value == stub) {
			counts->attached++;
		} else if (value != mapped->originals[index] && !is_unbound(module, &slots[i], value)) {
			counts->unexpected++;
			sc_explain_slot_left(mapped, &slots[i], "its slot holds another address, and is left alone");
		} else if (value != mapped->originals[index] && plan->context != context &&
			   depends_on_context(module, &slots[i])) {
			counts->elsewhere++; /* the engine will look at it again */
		} else {
			memcpy((void *)address, &stub, sizeof(stub));
			counts->attached++;
		}
	}
	if (relro_open)
		sc_sys_mprotect((void *)relro.start, relro.end - relro.start, PROT_READ);
}
