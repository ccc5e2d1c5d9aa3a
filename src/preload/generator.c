/* SPDX-License-Identifier: MIT */
/*
 * Owns the stub generator's three registrations. Generating is passed on to the engine; loading is done
 * here: the plan is looked at (ro), the stubs need nothing (rx), the words are filled with what this process
 * has: the thread-local offset, the slow paths, the addresses of the originals (rw).
 *
 * Nothing becomes reachable by this: only attaching (attach.c) makes a slot point to a stub.
 */
#include "preload/generator.h"

#include <string.h>

#include "preload/hooks.h"
#include "preload/hot.h"
#include "preload/modules.h"
#include "preload/replace.h"
#include "preload/threads.h"
#include "preload/typed.h"
#include "preload/wrappers.h"
#include "x86_64/layout.h"

extern const char sc_slow_tail[], sc_slow_frame[], sc_clock_enter[], sc_hook_enter[], sc_hook_decided[];

static struct sc_generator_functions generating SC_HOT;

void sc_generator_use(const struct sc_generator_functions *functions)
{
	generating = *functions;
}

static size_t portion_size(const void *perscxt, enum sc_image_section section)
{
	const struct sc_persist_context *context = perscxt;
	const struct sc_generator_load *load = context->generator;

	return sc_image_find_portion(&load->mapped->image, context->module, 0, section)->size;
}

static bool resurrect_ro(void *drcontext, void *perscxt, byte **map)
{
	struct sc_persist_context *context = perscxt;
	struct sc_generator_load *load = context->generator;
	(void)drcontext;

	load->plan = (const void *)*map; /* its tables were checked with the image */
	*map += portion_size(perscxt, SC_IMAGE_RO);
	return true;
}

static bool resurrect_rx(void *drcontext, void *perscxt, byte **map)
{
	struct sc_persist_context *context = perscxt;
	struct sc_generator_load *load = context->generator;
	(void)drcontext;

	load->code = load->plan != NULL;
	*map += portion_size(perscxt, SC_IMAGE_RX);
	return load->code;
}

/* IFUNC: what the resolver chooses on this processor, now, as ld.so asks it. */
static uintptr_t original_address(const struct sc_generator_load *load, const struct sc_image_target *target)
{
	uintptr_t address = load->base + target->value;

	if (target->flags & SC_IMAGE_TARGET_IFUNC)
		address = ((uintptr_t(*)(void))address)();
	return address;
}

static void fill_words(byte *words)
{
	uint64_t fixed[SC_WORDS_FIXED / 8] = { 0 };

	fixed[SC_WORD_TLS / 8] = (uint64_t)sc_threads_tls_offset();
	fixed[SC_WORD_SLOW_TAIL / 8] = (uintptr_t)sc_slow_tail;
	fixed[SC_WORD_SLOW_FRAME / 8] = (uintptr_t)sc_slow_frame;
	fixed[SC_WORD_CLOCK_ENTER / 8] = (uintptr_t)sc_clock_enter;
	fixed[SC_WORD_HOOK_ENTER / 8] = (uintptr_t)sc_hook_enter;
	fixed[SC_WORD_HOOK_DECIDED / 8] = (uintptr_t)sc_hook_decided;
	memcpy(words, fixed, sizeof(fixed));
}

/* The target's function has hooks of clients, or a closure. */
static struct sc_typed_function *hooked(uint32_t index)
{
	const struct sc_hook *hook = sc_hooks_at(index);

	return hook ? hook->typed : NULL;
}

/* Makes a target's stub lead to the original, what stands before it (`through`), or what replaces it. */
static void lead(const struct sc_persist_context *context, uint32_t number, uintptr_t through,
		 const struct sc_capture *capture)
{
	const struct sc_generator_load *load = context->generator;
	const struct sc_image_target *target = &sc_image_targets(load->plan)[number];
	const struct sc_module *module = &sc_modules.list[load->mapped->modules[context->module]];
	uint32_t index = load->mapped->first_index + load->plan->first_index + number;
	uint64_t words[SC_IMAGE_CLOSURE_WORDS] = { through };
	struct sc_typed_function *typed = NULL;
	const char *name, *version;

	if (target->kind == SC_IMAGE_HOOK || target->kind == SC_IMAGE_CLOSURE ||
	    (target->flags & SC_IMAGE_TARGET_REPLACE)) {
		name = sc_image_string(&load->mapped->image, target->name);
		version = sc_image_string(&load->mapped->image, target->symbol_version);
		if (target->kind == SC_IMAGE_HOOK) {
			sc_hooks_bind(index, module, name, version, capture);
			typed = hooked(index);
		}
		if (typed || target->kind == SC_IMAGE_CLOSURE)
			sc_replace_note(module, name, version, through);
		if (target->flags & SC_IMAGE_TARGET_REPLACE)
			words[0] = sc_replace_address(module, name, version, through);
		if (typed)
			sc_typed_lead(typed, words[0]);
		if (target->kind == SC_IMAGE_CLOSURE)
			sc_typed_bind_closure(module, name, version, words[0], words);
	}
	memcpy(load->mapped->base + target->word, words, sc_image_words_size(target->kind));
}

static bool resurrect_rw(void *drcontext, void *perscxt, byte **map)
{
	struct sc_persist_context *context = perscxt;
	struct sc_generator_load *load = context->generator;
	size_t size = portion_size(perscxt, SC_IMAGE_RW);
	const struct sc_image_target *targets;
	const struct sc_image_capture *capture, *end;
	(void)drcontext;

	if (!load->plan || size < SC_WORDS_FIXED)
		return false;
	fill_words(*map);
	targets = sc_image_targets(load->plan);
	capture = sc_image_captures(load->plan);
	end = capture + load->plan->capture_count;
	for (uint32_t i = 0; i < load->plan->target_count; i++) {
		uintptr_t address = original_address(load, &targets[i]);
		uint32_t index = load->plan->first_index + i;
		uintptr_t through = sc_wrapper_set(targets[i].wrapper, load->space, address);

		load->mapped->originals[index] = address;
		load->mapped->stubs[index] = through;
		if (targets[i].kind == SC_IMAGE_DIRECT)
			continue;
		for (; capture < end && capture->target < i; capture++)
			;
		lead(context, i, through,
		     capture < end && capture->target == i ? sc_image_capture(load->plan, capture) : NULL);
		load->mapped->stubs[index] = (uintptr_t)load->mapped->base + targets[i].code;
	}
	load->words = true;
	*map += size;
	return true;
}

static size_t size_ro(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	return generating.size[0](drcontext, perscxt, file_offs, user_data);
}

static size_t size_rx(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	return generating.size[1](drcontext, perscxt, file_offs, user_data);
}

static size_t size_rw(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	return generating.size[2](drcontext, perscxt, file_offs, user_data);
}

static bool persist_ro(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	return generating.persist[0](drcontext, perscxt, fd, user_data);
}

static bool persist_rx(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	return generating.persist[1](drcontext, perscxt, fd, user_data);
}

static bool persist_rw(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	return generating.persist[2](drcontext, perscxt, fd, user_data);
}

void sc_generator_register(void)
{
	sc_persist_set_client(0);
	dr_register_persist_ro(size_ro, persist_ro, resurrect_ro);
	dr_register_persist_rx(size_rx, persist_rx, resurrect_rx);
	dr_register_persist_rw(size_rw, persist_rw, resurrect_rw);
}
