/* SPDX-License-Identifier: MIT */
/*
 * Stubs out of their templates (src/x86_64/stub.S): copied, then told where they are. Offsets are file offsets of
 * the image, which equal addresses but for a base. No state, no failure; any thread.
 */
#ifndef SC_EMIT_H
#define SC_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/image.h"
#include "x86_64/layout.h"

/* The highest stub number that code can hold: its counter is reached by a signed 32-bit displacement. */
#define SC_EMIT_INDEX_MOST ((INT32_MAX - SC_REGION_COUNTS) / 8)

struct sc_emit {
	uint32_t code;	/* where the stub will lie */
	uint32_t words; /* where its module's words begin */
	uint32_t word;	/* the target's own */
	uint32_t index; /* number of the stub, as code has it: at most SC_EMIT_INDEX_MOST */
	bool clock;	/* the clock variant of a frame stub; a hook stub has none */
};

/* Writes sc_image_stub_size(kind) bytes. Code and words lie less than 2 GiB apart. kind: not SC_IMAGE_DIRECT. */
void sc_emit_stub(uint8_t *out, enum sc_image_target_kind kind, const struct sc_emit *stub);

/* Fills a cell from `used` on where half of it, or all, holds no stub: traps, and the kind that unwinders look for. */
void sc_emit_padding(uint8_t cell[SC_CELL_SIZE], uint32_t used);

#endif
