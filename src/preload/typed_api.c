/* SPDX-License-Identifier: MIT */
/*
 * Owns what hooks may ask of the call they are in, and do with it (include/stubcache.h). Called by clients, inside hooks:
 * the vector registers are free there.
 */
#include <errno.h>
#include <string.h>

#include "preload/hook_threads.h"
#include "preload/typed_calls.h"

/* As a function leaves an integer that is shorter than the register. */
static uint64_t extended(const struct sc_typed_program *program, uint64_t value)
{
	unsigned unused = 64 - 8 * (unsigned)program->result_size;

	if (program->result_signed)
		return (uint64_t)((int64_t)(value << unused) >> unused);
	return value << unused >> unused;
}

int stubcache_call_skip(struct stubcache_call *call, const void *value)
{
	const struct sc_typed_program *program = call->binding->program;
	void *to = call->skipped;

	if (!call->entering)
		return -EINVAL;
	call->skipped_by = call->binding;
	if (program->result == SC_TYPED_MEMORY)
		to = (void *)call->hidden;
	else
		memset(call->skipped, 0, sizeof(call->skipped));
	if (value && program->result != SC_TYPED_NOTHING)
		memmove(to, value, program->result_size);
	if (program->result_integer && program->result_size < 8)
		call->skipped[0] = extended(program, call->skipped[0]);
	return 0;
}

/* errno meanwhile is the program's: the original may look at it, and what it leaves there is its answer. */
int stubcache_call_original(struct stubcache_call *call, void **args, void *ret)
{
	const struct sc_typed_binding *binding = call->binding;
	uintptr_t inside = call->hooks->inside;
	int mine = errno;

	if (!binding->program->cif || binding->program->variadic)
		return -ENOTSUP;
	if (!args)
		args = sc_typed_args(call);
	errno = call->error;
	call->hooks->inside = 0;
	sc_typed_get()->call(binding->program, __atomic_load_n(&call->function->original, __ATOMIC_ACQUIRE), args, ret);
	call->hooks->inside = inside;
	call->error = errno;
	errno = mine;
	return 0;
}

int *stubcache_call_errno(struct stubcache_call *call)
{
	return &call->error;
}

const void *stubcache_call_caller(const struct stubcache_call *call)
{
	return (const void *)call->caller;
}

const char *stubcache_call_function(const struct stubcache_call *call)
{
	return call->function->name;
}

size_t stubcache_call_arguments(const struct stubcache_call *call)
{
	return call->binding->program->count;
}

int stubcache_call_typed(const struct stubcache_call *call)
{
	return call->binding->program->typed;
}

void **stubcache_call_word(struct stubcache_call *call)
{
	return (void **)((char *)call + call->binding->word);
}

/* System V ABI, AMD64 supplement, figure 3.34: what va_start makes. */
int stubcache_call_variadic(struct stubcache_call *call, va_list arguments)
{
	const struct sc_typed_program *program = call->binding->program;

	if (!program->variadic)
		return -EINVAL;
	memcpy(call->saved, call->general, sizeof(call->general));
	memcpy(call->saved + 6, call->vectors, sizeof(call->vectors));
	arguments->gp_offset = 8 * program->general;
	arguments->fp_offset = 48 + 16 * program->vector;
	arguments->reg_save_area = call->saved;
	arguments->overflow_arg_area = call->stack + program->stack;
	return 0;
}

/* Declared in stubcache.h for those who know libffi's types. */
void (*stubcache_closure_original(void *cif))(void) __attribute__((visibility("default")));

void (*stubcache_closure_original(void *cif))(void)
{
	return (void (*)(void))sc_typed_get()->closure_original(cif);
}
