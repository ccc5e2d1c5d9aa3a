/* SPDX-License-Identifier: MIT */
/* Owns the stacks below lines (-k): module, function and offset of each frame. Called by lines.c. */
#include <string.h>

#include "cmd/lines.h"
#include "cmd/symbolize.h"

/* A return address is that of the next instruction, which may be another function's. */
static const struct sc_symbol_place *find(struct sc_symbols *symbols, const struct sc_events_module *module, uint64_t address)
{
	const struct sc_record_module *of = &module->module;
	int number = symbols ? sc_symbols_module(symbols, module->path, of->build_id, of->build_id_size) : -1;

	return number < 0 ? NULL : sc_symbols_find(symbols, number, address - of->base - 1);
}

static void put_frame(struct sc_text *text, struct sc_symbols *symbols, const struct sc_calls_call *call, uint64_t address)
{
	const struct sc_events *events = call->thread->process->events;
	const struct sc_events_module *module = events ? sc_events_module_at(events, address, call->ticks) : NULL;
	const struct sc_symbol_place *place = module ? find(symbols, module, address) : NULL;
	const struct sc_symbol *symbol = place ? &place->symbols[0] : NULL;

	if (!module) {
		sc_text_format(text, " > [0x%llx]\n", (unsigned long long)address);
		return;
	}
	sc_text_format(text, " > %s(%s) [0x%llx]", module->path, symbol ? symbol->function : "",
		       (unsigned long long)(address - module->module.base));
	if (symbol && symbol->file)
		sc_text_format(text, " %s:%u", symbol->file, symbol->line);
	sc_text_char(text, '\n');
}

void sc_lines_stack(struct sc_text *text, struct sc_symbols *symbols, const struct sc_calls_call *call)
{
	struct sc_blob_view blob;

	if (!sc_event_find_blob(call->line.enter, 255, 1u << SC_BLOB_STACK, &blob) &&
	    !sc_event_find_blob(call->line.leave, 255, 1u << SC_BLOB_STACK, &blob)) {
		if (call->caller)
			put_frame(text, symbols, call, call->caller);
		return;
	}
	for (size_t at = 0; blob.length - at >= 8; at += 8) {
		uint64_t address;

		memcpy(&address, blob.bytes + at, sizeof(address));
		put_frame(text, symbols, call, address);
	}
}
