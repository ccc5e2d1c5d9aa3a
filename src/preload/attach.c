/* SPDX-License-Identifier: MIT */
/*
 * Owns the writing of slots: GOT words and data words that a relocation filled. A slot is replaced only if it
 * holds what it must: its target, or, for a lazily bound call, an address in its own module's PLT. Pages
 * that ld.so has made read-only (RELRO) are opened for a run of slots near each other and closed again; if
 * that is refused, the slots there stay as they are. (Clang has 8 MiB of such pages and slots in a hundred of them: to
 * open all at once takes longer than all else here.)
 *
 * Called by the constructor and by dlwatch.c, for cold and warm starts alike.
 */
#include "preload/attach.h"

#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/explain_slots.h"
#include "preload/modules.h"
#include "preload/wrappers.h"
#include "preload/runtime.h"

/* Between slots that are opened together: to open and close 27 pages more takes as long as to do it twice. */
#define NEAR_PAGES 16

struct range {
	uintptr_t start, end;
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

/* How many of the slots, from the first on, are written together: those outside RELRO, or those inside whose pages lie
 * near each other. */
static uint32_t run_length(const struct sc_module *module, const struct sc_image_slot *slots, uint32_t count)
{
	bool relro = in_relro(module, module->base + slots[0].offset);
	uint32_t length = 1;

	while (length < count && in_relro(module, module->base + slots[length].offset) == relro &&
	       (!relro || slots[length].offset - slots[length - 1].offset < NEAR_PAGES * sc_runtime.page_size))
		length++;
	return length;
}

/* The pages of a run inside RELRO. Its slots ascend, whatever the image says: a step back counts as a large one. */
static struct range run_pages(const struct sc_module *module, const struct sc_image_slot *slots, uint32_t length)
{
	const uintptr_t page = sc_runtime.page_size;
	struct range range = { .start = (module->base + slots[0].offset) & -page,
			       .end = (module->base + slots[length - 1].offset + sizeof(uintptr_t) + page - 1) & -page };

	if (range.end > module->relro_end)
		range.end = module->relro_end;
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

struct attaching {
	const struct sc_mapped_image *mapped;
	const struct sc_module *module;
	struct sc_attach_counts *counts;
	bool relro_open;
	bool same_context; /* the image's plan was made in the context of now */
	uint32_t definer;  /* of the slot before: its plan need not be looked for again */
	const struct sc_image_plan *definer_plan;
};

/* Where a slot is to lead; 0: nowhere, its definer is not bound. */
static uintptr_t destination(struct attaching *at, const struct sc_image_slot *slot, uintptr_t *original)
{
	uint32_t index;

	if (slot->module != at->definer) {
		at->definer = slot->module;
		at->definer_plan = sc_image_plan(&at->mapped->image, slot->module);
	}
	if (!at->definer_plan)
		return 0; /* not in an image that was checked */
	index = at->definer_plan->first_index + slot->target;
	if (at->mapped->modules[slot->module] == UINT32_MAX || !at->mapped->stubs[index])
		return 0;
	*original = at->mapped->originals[index];
	if (slot->flags & SC_IMAGE_SLOT_WATCH)
		return sc_wrapper_set(sc_image_targets(at->definer_plan)[slot->target].wrapper, at->module->space,
				      *original);
	return at->mapped->stubs[index];
}

static void attach_slot(struct attaching *at, const struct sc_image_slot *slot)
{
	uintptr_t address = at->module->base + slot->offset, value, original = 0;
	uintptr_t stub = destination(at, slot, &original);

	if (!stub)
		return;
	if (crosses_relro(at->module, address) ||
	    (in_relro(at->module, address) ? !at->relro_open : !in_writable_segment(at->module, address))) {
		at->counts->refused++;
		sc_explain_slot_left(at->mapped, slot, "its slot cannot be made writable");
		return;
	}
	memcpy(&value, (const void *)address, sizeof(value));
	if (value == stub) {
		at->counts->attached++;
	} else if (value != original && !is_unbound(at->module, slot, value)) {
		at->counts->unexpected++;
		sc_explain_slot_left(at->mapped, slot, "its slot holds another address, and is left alone");
	} else if (value != original && !at->same_context && depends_on_context(at->module, slot)) {
		at->counts->elsewhere++; /* the engine will look at it again */
	} else {
		memcpy((void *)address, &stub, sizeof(stub));
		at->counts->attached++;
	}
}

static void attach_run(struct attaching *at, const struct sc_image_slot *slots, uint32_t length)
{
	struct range relro = { 0, 0 };

	at->relro_open = false;
	if (in_relro(at->module, at->module->base + slots[0].offset)) {
		relro = run_pages(at->module, slots, length);
		at->relro_open = sc_sys_mprotect((void *)relro.start, relro.end - relro.start,
						 PROT_READ | PROT_WRITE) == 0;
	}
	for (uint32_t i = 0; i < length; i++)
		attach_slot(at, &slots[i]);
	if (at->relro_open)
		sc_sys_mprotect((void *)relro.start, relro.end - relro.start, PROT_READ);
}

void sc_attach_module(const struct sc_mapped_image *mapped, uint32_t image_module, uint32_t context,
		      struct sc_attach_counts *counts)
{
	const struct sc_image_plan *plan = sc_image_plan(&mapped->image, image_module);
	struct attaching at = { .mapped = mapped, .module = &sc_modules.list[mapped->modules[image_module]],
				.counts = counts, .definer = UINT32_MAX };
	const struct sc_image_slot *slots;

	if (!plan || plan->slot_count == 0)
		return;
	slots = sc_image_slots(plan);
	at.same_context = plan->context == context;
	for (uint32_t i = 0, length; i < plan->slot_count; i += length) {
		length = run_length(at.module, &slots[i], plan->slot_count - i);
		attach_run(&at, &slots[i], length);
	}
}
