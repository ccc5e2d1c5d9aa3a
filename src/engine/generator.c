/* SPDX-License-Identifier: MIT */
/*
 * Owns where a module's stubs and words lie in its portions, and writes the portions: the half of the stub
 * generator that makes them. What brings them back is src/preload/generator.c, which has registered
 * callbacks that lead here. Called by the generation driver (common/persist_generate.c).
 *
 *	ro	struct sc_image_plan, its targets, its slots, what is recorded of their calls
 *	rx	padding to a cell, frame and hook stubs, tail stubs, padding of the last cell
 *	rw	the words all stubs use, then one for each stub, four for a closure
 *
 * The driver measures all sections before it writes the first, so the plan in ro can name what lies in the others.
 */
#include "engine/generator.h"

#include <errno.h>
#include <string.h>

#include "common/sys.h"
#include "engine/emit.h"
#include "engine/image_write.h"

#define BATCH_SIZE (256 * SC_CELL_SIZE)

/* Stubs of a size: those that fill a cell, or those that share one. */
static uint32_t count_size(const struct sc_plan_module *module, uint32_t size)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < module->target_count; i++)
		count += sc_image_stub_size(module->targets[i].kind) == size;
	return count;
}

static struct sc_generator_module *generator_of(void *perscxt)
{
	return ((struct sc_persist_context *)perscxt)->generator;
}

/* A capture program, where it lies in the portion. */
static uint32_t capture_room(const struct sc_capture *capture)
{
	return ((uint32_t)sc_capture_size(capture) + 7) & ~7u;
}

static uint32_t capture_count(const struct sc_plan_module *module, uint32_t *room)
{
	uint32_t count = 0;

	*room = 0;
	for (uint32_t i = 0; i < module->target_count; i++)
		if (module->targets[i].capture) {
			*room += capture_room(module->targets[i].capture);
			count++;
		}
	return count;
}

/* Where the programs begin: behind the plan and its tables. */
static uint32_t captures_start(const struct sc_plan_module *module, uint32_t count)
{
	size_t tables = sizeof(struct sc_image_plan) + module->target_count * sizeof(struct sc_image_target) +
			module->slot_count * sizeof(struct sc_image_slot) + count * sizeof(struct sc_image_capture);

	return ((uint32_t)tables + 7) & ~7u;
}

static size_t size_ro(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	const struct sc_plan_module *module = generator_of(perscxt)->module;
	uint32_t room, count = capture_count(module, &room);
	(void)drcontext;
	(void)file_offs;
	(void)user_data;

	if (module->target_count == 0 && module->slot_count == 0)
		return 0;
	return captures_start(module, count) + room;
}

static size_t size_rx(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	struct sc_generator_module *g = generator_of(perscxt);
	uint32_t cells = count_size(g->module, SC_CELL_SIZE), tails = count_size(g->module, SC_TAIL_SIZE);
	uint32_t start = ((uint32_t)file_offs + SC_CELL_SIZE - 1) & -(uint32_t)SC_CELL_SIZE;
	uint32_t next_cell = start, next_tail = start + cells * SC_CELL_SIZE;
	(void)drcontext;
	(void)user_data;

	if (cells + tails == 0)
		return 0;
	for (uint32_t i = 0; i < g->module->target_count; i++) {
		uint32_t size = sc_image_stub_size(g->module->targets[i].kind);
		uint32_t *next = size == SC_CELL_SIZE ? &next_cell : &next_tail;

		if (size == 0)
			continue;
		g->stubs[i].code = *next;
		*next += size;
	}
	g->code_offset = (uint32_t)file_offs;
	g->code_start = start;
	g->code_size = (cells + (tails + 1) / 2) * SC_CELL_SIZE;
	return g->code_start + g->code_size - g->code_offset;
}

/* A module of DIRECT targets alone has words, too: the preload binds targets when it resurrects them. */
static size_t size_rw(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	struct sc_generator_module *g = generator_of(perscxt);
	uint32_t next = (uint32_t)file_offs + SC_WORDS_FIXED;
	(void)drcontext;
	(void)user_data;

	if (g->module->target_count == 0)
		return 0;
	for (uint32_t i = 0; i < g->module->target_count; i++) {
		if (g->module->targets[i].kind == SC_IMAGE_DIRECT)
			continue;
		g->stubs[i].word = next;
		next += sc_image_words_size(g->module->targets[i].kind);
	}
	g->words_offset = (uint32_t)file_offs;
	return next - g->words_offset;
}

static bool write_bytes(struct sc_generator_module *g, file_t fd, const void *bytes, size_t size)
{
	g->error = sc_sys_write_full(fd, bytes, size);
	return g->error >= 0;
}

static void *allocate(struct sc_generator_module *g, size_t size)
{
	void *out = sc_arena_alloc(&g->plan->arena, size);

	if (!out)
		g->error = -ENOMEM;
	return out;
}

static void fill_targets(const struct sc_generator_module *g, struct sc_image_target *out)
{
	for (uint32_t i = 0; i < g->module->target_count; i++) {
		const struct sc_plan_target *target = &g->module->targets[i];
		const struct sc_generator_stub *stub = &g->stubs[i];

		out[i] = (struct sc_image_target){
			.value = target->value,
			.name = stub->name,
			.symbol_version = stub->version,
			.code = stub->code,
			.word = stub->word,
			.kind = target->kind,
			.flags = target->flags,
			.wrapper = target->wrapper,
		};
	}
}

static void sift(struct sc_image_slot *slots, uint32_t from, uint32_t count)
{
	struct sc_image_slot slot = slots[from];
	uint32_t child;

	while ((child = 2 * from + 1) < count) {
		if (child + 1 < count && slots[child + 1].offset > slots[child].offset)
			child++;
		if (slots[child].offset <= slot.offset)
			break;
		slots[from] = slots[child];
		from = child;
	}
	slots[from] = slot;
}

/* By address, so that a warm start opens what is read-only in few pieces (attach.c). Heapsort: libc's sort takes
 * memory from the host's heap. */
static void sort_slots(struct sc_image_slot *slots, uint32_t count)
{
	for (uint32_t i = count / 2; i-- > 0;)
		sift(slots, i, count);
	for (uint32_t end = count; end-- > 1;) {
		struct sc_image_slot last = slots[end];

		slots[end] = slots[0];
		slots[0] = last;
		sift(slots, 0, end);
	}
}

static void fill_captures(const struct sc_plan_module *module, struct sc_image_plan *plan)
{
	uint32_t room, count = capture_count(module, &room), at = captures_start(module, count);
	struct sc_image_capture *out;

	plan->captures_offset = plan->slots_offset + plan->slot_count * (uint32_t)sizeof(struct sc_image_slot);
	out = (void *)((uint8_t *)plan + plan->captures_offset);
	for (uint32_t i = 0; i < module->target_count; i++) {
		const struct sc_capture *capture = module->targets[i].capture;

		if (!capture)
			continue;
		out[plan->capture_count++] = (struct sc_image_capture){
			.target = i, .offset = at, .size = (uint32_t)sc_capture_size(capture)
		};
		memcpy((uint8_t *)plan + at, capture, sc_capture_size(capture));
		at += capture_room(capture);
	}
}

static bool persist_ro(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	struct sc_generator_module *g = generator_of(perscxt);
	size_t size = size_ro(drcontext, perscxt, 0, NULL);
	struct sc_image_plan *plan = allocate(g, size);
	struct sc_image_target *targets;
	struct sc_image_slot *slots;
	(void)user_data;

	if (!plan)
		return false;
	targets = (void *)(plan + 1);
	slots = (void *)(targets + g->module->target_count);
	plan->target_count = g->module->target_count;
	plan->slot_count = g->module->slot_count;
	plan->targets_offset = (uint32_t)((uint8_t *)targets - (uint8_t *)plan);
	plan->slots_offset = (uint32_t)((uint8_t *)slots - (uint8_t *)plan);
	plan->first_index = g->first_index;
	plan->code_offset = g->code_offset;
	plan->words_offset = g->words_offset;
	plan->context = g->module->context;
	fill_targets(g, targets);
	for (uint32_t i = 0; i < g->module->slot_count; i++) {
		const struct sc_plan_slot *slot = &g->module->slots[i];

		slots[i] = (struct sc_image_slot){
			.offset = slot->offset, .module = slot->module, .target = slot->target, .flags = slot->flags
		};
	}
	sort_slots(slots, g->module->slot_count);
	fill_captures(g->module, plan);
	return write_bytes(g, fd, plan, size);
}

static void emit(const struct sc_generator_module *g, uint32_t number, uint8_t *out)
{
	const struct sc_emit stub = {
		.code = g->stubs[number].code,
		.words = g->words_offset,
		.word = g->stubs[number].word,
		.index = g->plan->first_index + g->first_index + number,
		.clock = g->plan->clock,
	};

	sc_emit_stub(out, g->module->targets[number].kind, &stub);
}

static bool make_code(struct sc_generator_module *g)
{
	g->code = allocate(g, g->code_size);
	if (!g->code)
		return false;
	for (uint32_t i = 0; i < g->module->target_count; i++)
		if (g->module->targets[i].kind != SC_IMAGE_DIRECT)
			emit(g, i, g->code + (g->stubs[i].code - g->code_start));
	if (count_size(g->module, SC_TAIL_SIZE) % 2)
		sc_emit_padding(g->code + g->code_size - SC_CELL_SIZE, SC_TAIL_SIZE);
	return true;
}

bool sc_generator_code(void *user, struct sc_persist_context *context, uint8_t **start, size_t *size)
{
	struct sc_generator_module *g = context->generator;
	(void)user;

	if (g->code_size == 0 || (!g->code && !make_code(g)))
		return false;
	*start = g->code;
	*size = g->code_size;
	return true;
}

/* All stubs of a size, in the order of their places; what does not fill the batch stays in it. */
static bool write_size(struct sc_generator_module *g, file_t fd, uint32_t size, uint8_t batch[BATCH_SIZE],
		       uint32_t *used)
{
	for (uint32_t i = 0; i < g->module->target_count; i++) {
		if (sc_image_stub_size(g->module->targets[i].kind) != size)
			continue;
		emit(g, i, batch + *used);
		*used += size;
		if (*used < BATCH_SIZE)
			continue;
		if (!write_bytes(g, fd, batch, *used))
			return false;
		*used = 0;
	}
	return true;
}

/* Where no client patches, the stubs are never in memory all at once: fresh pages cost more than emitting. */
static bool write_code(struct sc_generator_module *g, file_t fd)
{
	static uint8_t batch[BATCH_SIZE]; /* one generation at a time (engine.h) */
	uint32_t used = 0;

	if (!write_size(g, fd, SC_CELL_SIZE, batch, &used) || !write_size(g, fd, SC_TAIL_SIZE, batch, &used))
		return false;
	if (used % SC_CELL_SIZE) {
		sc_emit_padding(batch + used - SC_TAIL_SIZE, SC_TAIL_SIZE);
		used += SC_TAIL_SIZE;
	}
	return write_bytes(g, fd, batch, used);
}

static bool persist_rx(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	static const uint8_t traps[SC_CELL_SIZE] = { [0 ... SC_CELL_SIZE - 2] = 0xcc };
	struct sc_generator_module *g = generator_of(perscxt);
	uint32_t padding = g->code_start - g->code_offset;
	(void)drcontext;
	(void)user_data;

	if (g->error < 0 || !write_bytes(g, fd, traps + SC_CELL_SIZE - padding, padding))
		return false;
	return g->code ? write_bytes(g, fd, g->code, g->code_size) : write_code(g, fd);
}

/* Zeros: the preload fills them in each process. */
static bool persist_rw(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	static const uint8_t zeros[8192];
	struct sc_generator_module *g = generator_of(perscxt);
	size_t left = size_rw(drcontext, perscxt, g->words_offset, NULL);
	(void)user_data;

	while (left > 0) {
		size_t n = left < sizeof(zeros) ? left : sizeof(zeros);

		if (!write_bytes(g, fd, zeros, n))
			return false;
		left -= n;
	}
	return true;
}

const struct sc_generator_functions *sc_generator_functions(void)
{
	static const struct sc_generator_functions functions = {
		.size = { size_ro, size_rx, size_rw },
		.persist = { persist_ro, persist_rx, persist_rw },
	};

	return &functions;
}
