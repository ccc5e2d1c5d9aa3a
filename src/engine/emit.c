/* SPDX-License-Identifier: MIT */
/*
 * Owns the copying of the stub templates and the filling of their fields. What the code does is stub.S's, where
 * the fields are layout.h's, where a stub lies generator.c's, which calls this.
 */
#include "engine/emit.h"

#include <string.h>

extern const uint8_t sc_stub_tail[], sc_stub_closure[], sc_stub_frame[], sc_stub_frame_clock[], sc_stub_hook[];

#define TRAP 0xcc /* int3 */

static void put(uint8_t *field, uint32_t value)
{
	memcpy(field, &value, sizeof(value));
}

/* A displacement counts from the end of its field: no instruction here has an immediate behind it. */
static void put_distance(uint8_t *out, const struct sc_emit *stub, uint32_t field, uint32_t target)
{
	put(out + field, target - (stub->code + field + 4));
}

static uint32_t counter(const struct sc_emit *stub)
{
	return SC_REGION_COUNTS + 8 * stub->index;
}

static void emit_tail(uint8_t *out, const struct sc_emit *stub)
{
	memcpy(out, sc_stub_tail, SC_TAIL_SIZE);
	put_distance(out, stub, SC_TAIL_TLS, stub->words + SC_WORD_TLS);
	put(out + SC_TAIL_INDEX, counter(stub));
	put_distance(out, stub, SC_TAIL_WORD, stub->word);
	put_distance(out, stub, SC_TAIL_SLOW, stub->words + SC_WORD_SLOW_TAIL);
}

static void emit_closure(uint8_t *out, const struct sc_emit *stub)
{
	memcpy(out, sc_stub_closure, SC_TAIL_SIZE);
	put_distance(out, stub, SC_TAIL_TLS, stub->words + SC_WORD_TLS);
	put(out + SC_TAIL_INDEX, counter(stub));
	put_distance(out, stub, SC_CLOSURE_WORD, stub->word);
	put_distance(out, stub, SC_CLOSURE_SLOW, stub->words + SC_WORD_SLOW_TAIL);
}

/* What all variants share. */
static void emit_frame(uint8_t *out, const uint8_t *stencil, const struct sc_emit *stub, uint32_t kind)
{
	memcpy(out, stencil, SC_CELL_SIZE);
	put_distance(out, stub, SC_FRAME_TLS, stub->words + SC_WORD_TLS);
	put(out + SC_FRAME_INDEX, counter(stub));
	put_distance(out, stub, SC_FRAME_WORD, stub->word);
	put(out + SC_FRAME_NUMBER, stub->index | kind | (uint32_t)SC_FRAME_USED);
	put_distance(out, stub, SC_FRAME_SLOW_WORD, stub->words + SC_WORD_SLOW_FRAME);
}

void sc_emit_stub(uint8_t *out, enum sc_image_target_kind kind, const struct sc_emit *stub)
{
	if (kind == SC_IMAGE_HOOK) {
		emit_frame(out, sc_stub_hook, stub, SC_FRAME_KIND_HOOK);
		put_distance(out, stub, SC_HOOK_ENTER, stub->words + SC_WORD_HOOK_ENTER);
		put_distance(out, stub, SC_HOOK_DECIDED, stub->words + SC_WORD_HOOK_DECIDED);
	} else if (kind == SC_IMAGE_FRAME && stub->clock) {
		emit_frame(out, sc_stub_frame_clock, stub, SC_FRAME_KIND_CLOCK);
		put_distance(out, stub, SC_FRAME_CLOCK_ENTER, stub->words + SC_WORD_CLOCK_ENTER);
	} else if (kind == SC_IMAGE_FRAME) {
		emit_frame(out, sc_stub_frame, stub, 0);
	} else if (kind == SC_IMAGE_CLOSURE) {
		emit_closure(out, stub);
	} else {
		emit_tail(out, stub);
	}
}

void sc_emit_padding(uint8_t cell[SC_CELL_SIZE], uint32_t used)
{
	memset(cell + used, TRAP, SC_CELL_SIZE - 1 - used);
	cell[SC_CELL_SIZE - 1] = SC_CELL_TAIL;
}
