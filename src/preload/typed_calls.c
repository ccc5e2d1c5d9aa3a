/* SPDX-License-Identifier: MIT */
/*
 * Owns what a hook is given of a call and what becomes of it: arguments out of registers and the stack into the call's
 * block, and back; likewise the result. Called by hooks.c inside intercepted calls. The functions that vector_call.S calls may
 * use everything that C has; the others run while the vector registers are the call's, and touch none.
 *
 *	sc_typed_enter -> vector_call.S -> enter_all: registers, stack -> block -> each enter -> block -> registers, stack
 *	   the original
 *	sc_typed_leave -> vector_call.S -> leave_all: registers -> ret -> each leave -> ret -> registers
 */
#include "preload/typed_calls.h"

#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/hook_threads.h"
#include "preload/inject.h"
#include "x86_64/local_add.h"
#include "x86_64/vector_call.h"

/* ---- Blocks: a state keeps the one it has had, and gets a larger one when it needs it ---- */

#define CHUNK_SIZE (64u << 10)
#define BLOCK_UNIT 64

struct chunk {
	uint64_t used;
	uint64_t size;
	uint64_t reserved[6];
};

static void *take_from(struct chunk *chunk, uint32_t size)
{
	uint64_t at = chunk ? sc_local_fetch_add(&chunk->used, size) : 0;

	return chunk && at + size <= chunk->size ? (char *)chunk + at : NULL;
}

/* A signal handler may come in between and have its own chunk then. */
static struct chunk *renew_chunk(struct sc_hook_thread *hooks, uint32_t size)
{
	uint64_t whole = size + sizeof(struct chunk) > CHUNK_SIZE ? (size + sizeof(struct chunk) + 4095) & ~4095u :
								  CHUNK_SIZE;
	struct chunk *chunk = sc_sys_mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (chunk == MAP_FAILED)
		return NULL;
	chunk->used = sizeof(*chunk);
	chunk->size = whole;
	hooks->blocks = chunk;
	return chunk;
}

static struct stubcache_call *block_of(struct sc_hook_state *state, struct sc_hook_thread *hooks, uint32_t size)
{
	void *block;

	if ((uint32_t)state->block_units * BLOCK_UNIT >= size)
		return state->block;
	block = take_from(hooks->blocks, size);
	if (!block)
		block = take_from(renew_chunk(hooks, size), size);
	if (!block)
		return NULL;
	state->block = block;
	state->block_units = (uint16_t)(size / BLOCK_UNIT);
	return block;
}

/* ---- Arguments ---- */

static char *area_of(struct stubcache_call *call, uint32_t area)
{
	switch (area) {
	case SC_TYPED_GENERAL:
		return (char *)call->general;
	case SC_TYPED_VECTOR:
		return (char *)call->vectors;
	case SC_TYPED_STACK:
		return (char *)call->on_stack;
	default:
		return (char *)call + call->binding->gathered;
	}
}

/* To where the hook sees them, or back. */
static void move_pieces(struct stubcache_call *call, bool back)
{
	const struct sc_typed_program *program = call->binding->program;

	for (uint32_t i = 0; program->gathered && i < program->count; i++) {
		const struct sc_typed_place *place = &program->places[i];
		uint64_t *whole = (uint64_t *)(area_of(call, SC_TYPED_GATHERED) + place->offset);

		for (unsigned k = 0; place->area == SC_TYPED_GATHERED && k < 2; k++) {
			char *piece = area_of(call, place->pieces[k].area) + place->pieces[k].offset;

			if (back)
				memcpy(piece, &whole[k], 8);
			else
				memcpy(&whole[k], piece, 8);
		}
	}
}

static void make_args(struct stubcache_call *call)
{
	const struct sc_typed_program *program = call->binding->program;
	void **args = sc_typed_args(call);

	for (uint32_t i = 0; i < program->count; i++)
		args[i] = area_of(call, program->places[i].area) + program->places[i].offset;
	*stubcache_call_word(call) = NULL;
	move_pieces(call, false);
}

/* ---- Results ---- */

struct registers {
	uintptr_t *general; /* rdx, rax */
	sc_vectors *vectors;
	struct sc_vectors_x87 *x87;
};

static uint64_t *register_of(const struct registers *registers, unsigned word)
{
	switch (word) {
	case SC_TYPED_RAX:
		return &registers->general[1];
	case SC_TYPED_RDX:
		return &registers->general[0];
	case SC_TYPED_XMM1:
		return (*registers->vectors)[1];
	case SC_TYPED_XMM0_HIGH:
		return &(*registers->vectors)[0][1];
	default:
		return (*registers->vectors)[0];
	}
}

static void *load_result(struct stubcache_call *call, const struct sc_typed_program *program,
			 const struct registers *registers)
{
	switch (program->result) {
	case SC_TYPED_PIECES:
		for (unsigned i = 0; i < program->result_words; i++)
			call->ret[i] = *register_of(registers, program->result_word[i]);
		return call->ret;
	case SC_TYPED_MEMORY:
		return (void *)registers->general[1];
	case SC_TYPED_X87:
	case SC_TYPED_X87_PAIR:
		memcpy(call->ret, registers->x87->values, sizeof(call->ret));
		return call->ret;
	default:
		return NULL;
	}
}

static void store_result(const struct stubcache_call *call, const struct sc_typed_program *program, const uint64_t ret[4],
			 const struct registers *registers)
{
	switch (program->result) {
	case SC_TYPED_PIECES:
		for (unsigned i = 0; i < program->result_words; i++)
			*register_of(registers, program->result_word[i]) = ret[i];
		break;
	case SC_TYPED_MEMORY:
		if (call->skipped_by)
			registers->general[1] = call->hidden;
		break;
	case SC_TYPED_X87:
	case SC_TYPED_X87_PAIR:
		memcpy(registers->x87->values, ret, sizeof(registers->x87->values));
		registers->x87->count = program->result == SC_TYPED_X87 ? 1 : 2;
		break;
	default:
		break;
	}
}

/* ---- Entry ---- */

static void run_closure(struct stubcache_call *call)
{
	uint64_t ret[4] __attribute__((aligned(16))) = { 0 };
	const struct sc_typed_program *program = call->binding->program;
	void *at = program->result == SC_TYPED_MEMORY ? (void *)call->hidden : ret;

	call->hooks->inside = 0; /* what it calls otherwise is its own affair */
	sc_typed_get()->closure_call(call->binding->closure, at, sc_typed_args(call));
	call->skipped_by = call->binding;
	memcpy(call->skipped, ret, sizeof(ret));
}

static void run_enter(struct stubcache_call *call)
{
	const struct sc_typed_binding *binding = call->binding;

	make_args(call);
	if (binding->closure)
		run_closure(call);
	else if (binding->hook->enter)
		binding->hook->enter(call, sc_typed_args(call), binding->hook->user);
	move_pieces(call, true);
}

struct entry {
	struct stubcache_call *call;
	struct sc_hook_call *registers;
};

static void enter_all(void *context, sc_vectors *vectors, struct sc_vectors_x87 *x87)
{
	const struct entry *entry = context;
	struct stubcache_call *call = entry->call;
	const struct sc_typed_function *function = call->function;
	(void)x87;

	memcpy(call->general, entry->registers->arguments, sizeof(call->general));
	if (function->vectors)
		memcpy(call->vectors, *vectors, sizeof(call->vectors));
	if (function->stack)
		memcpy(call->on_stack, call->stack, 8 * function->stack);
	for (uint32_t i = 0; i < function->count && !call->skipped_by; i++) {
		call->binding = &function->bindings[i];
		if (call->binding->from && !sc_inject_comes_from(call->binding->from, call->caller))
			continue;
		call->ran |= (uint64_t)1 << i;
		run_enter(call);
	}
	memcpy(entry->registers->arguments, call->general, sizeof(call->general));
	if (function->vectors)
		memcpy(*vectors, call->vectors, sizeof(call->vectors));
	if (function->stack)
		memcpy(call->stack, call->on_stack, 8 * function->stack);
}

bool sc_typed_enter(struct sc_typed_function *function, struct sc_hook_call *registers, struct sc_hook_state *state,
		    struct sc_hook_thread *hooks, bool *keep)
{
	struct stubcache_call *call = block_of(state, hooks, function->block_size);
	struct entry entry = { .call = call, .registers = registers };
	int *error = sc_hooks_errno();
	uintptr_t mark;

	*keep = false;
	if (!call || !sc_typed_gate_begin(hooks, (uintptr_t)(registers + 1), &mark))
		return false;
	call->function = function;
	call->hooks = hooks;
	call->caller = state->frame->return_address;
	call->stack = (uintptr_t *)(registers + 1);
	call->ran = 0;
	call->skipped_by = NULL;
	call->entering = true;
	call->hidden = registers->arguments[0];
	call->error = *error;
	sc_vector_call(enter_all, &entry, NULL);
	*error = call->error;
	sc_typed_gate_end(hooks, mark);
	*keep = function->leaves || call->skipped_by;
	state->typed = *keep;
	return call->skipped_by != NULL;
}

/* ---- Return ---- */

struct leaving {
	struct stubcache_call *call;
	uintptr_t *returned;
	bool run;
};

static void run_leave(struct stubcache_call *call, const struct registers *registers)
{
	const struct sc_typed_binding *binding = call->binding;
	void *ret = load_result(call, binding->program, registers);

	binding->hook->leave(call, sc_typed_args(call), ret, binding->hook->user);
	store_result(call, binding->program, call->ret, registers);
}

static void leave_all(void *context, sc_vectors *vectors, struct sc_vectors_x87 *x87)
{
	const struct leaving *leaving = context;
	struct stubcache_call *call = leaving->call;
	const struct registers registers = { .general = leaving->returned, .vectors = vectors, .x87 = x87 };

	if (call->skipped_by)
		store_result(call, call->skipped_by->program, call->skipped, &registers);
	for (uint32_t i = call->function->count; leaving->run && i-- > 0;) {
		call->binding = &call->function->bindings[i];
		if (call->ran >> i & 1 && call->binding->hook->leave)
			run_leave(call, &registers);
	}
}

void sc_typed_leave(struct sc_hook_state *state, uintptr_t returned[2])
{
	struct stubcache_call *call = state->block;
	struct sc_hook_thread *hooks = sc_hook_thread_here();
	struct leaving leaving = { .call = call, .returned = returned };
	struct sc_vectors_x87 x87;
	int *error = sc_hooks_errno();
	uintptr_t mark = 0;

	leaving.run = call->function->leaves && hooks && sc_typed_gate_begin(hooks, sc_frame_stack(state->frame), &mark);
	if (!leaving.run && !call->skipped_by)
		return;
	call->hooks = hooks;
	call->entering = false;
	call->error = *error;
	sc_vector_call(leave_all, &leaving, call->function->x87 ? &x87 : NULL);
	*error = call->error;
	if (leaving.run)
		sc_typed_gate_end(hooks, mark);
}
