/* SPDX-License-Identifier: MIT */
/*
 * Owns the walking of a hooked call's stack, and the counting of calls by stack for rules with per=stack. How a stack is
 * walked is unwind.c's; what is recorded of stacks is stacks.c's. Called by hooks.c and inject.c.
 *
 * Counts lie in a table for each thread: an entry is claimed by its key, and never given back. A signal handler may claim
 * another at any time. When the table is full, rules that need more of it do not fire.
 */
#include "preload/hook_stacks.h"

#include <limits.h>
#include <sys/mman.h>

#include "common/site.h"
#include "common/sys.h"
#include "preload/modules.h"
#include "preload/unwind.h"
#include "x86_64/local_add.h"

#define ENTRIES 32768u /* half a megabyte of address space, touched as it is used */

struct entry {
	uint64_t key; /* 0: free */
	uint64_t count;
};

void sc_hook_stack_walk(struct sc_hook_stack *stack)
{
	const uintptr_t *preserved = stack->call->preserved;
	const struct sc_unwind_start start = {
		.pc = stack->frame->return_address,
		.sp = sc_frame_stack(stack->frame),
		.rbx = stack->frame->rbx,
		.rbp = preserved[4],
		.r12 = preserved[3],
		.r13 = preserved[2],
		.r14 = preserved[1],
		.r15 = preserved[0],
	};

	if (stack->depth == 0 && stack->room > 0)
		stack->depth = (uint32_t)sc_unwind_stack(&start, stack->frames, stack->room, &stack->cut);
}

static uint32_t depth_of(struct sc_hook_stack *stack, uint32_t most)
{
	sc_hook_stack_walk(stack);
	return stack->depth < most ? stack->depth : most;
}

static struct entry *table_of(struct sc_hook_thread *hooks)
{
	uint64_t size = ENTRIES * sizeof(struct entry);
	void *made;

	if (hooks->sites)
		return hooks->sites;
	made = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (made == MAP_FAILED)
		return NULL;
	if (!sc_local_replace((uint64_t *)&hooks->sites, 0, (uint64_t)made))
		sc_sys_munmap(made, size); /* a handler was quicker */
	return hooks->sites;
}

uint64_t sc_hook_stack_count(struct sc_hook_stack *stack, struct sc_hook_thread *hooks, uint32_t counter, uint32_t most)
{
	uint32_t depth = depth_of(stack, most);
	uint64_t key = sc_site_mix(counter + 1);
	struct entry *table = table_of(hooks);

	for (uint32_t i = 0; i < depth; i++)
		key = sc_site_mix(key + stack->frames[i]);
	key |= 1;
	for (uint32_t probe = 0; table && probe < ENTRIES; probe++) {
		struct entry *entry = &table[(key / 2 + probe) % ENTRIES];

		if (entry->key != key && !(entry->key == 0 && sc_local_replace(&entry->key, 0, key)) && entry->key != key)
			continue;
		return sc_local_fetch_add(&entry->count, 1) + 1;
	}
	return 0;
}

void sc_hook_stack_forget(struct sc_hook_thread *hooks)
{
	void *table = __atomic_exchange_n(&hooks->sites, NULL, __ATOMIC_ACQ_REL); /* a handler may do it, too */

	if (table)
		sc_sys_munmap(table, ENTRIES * sizeof(struct entry));
}

/* The program's file, by whatever name it was started: a shell has several, and a script is none. */
static char program[PATH_MAX];
static const char *program_name;

static void find_program(void)
{
	ssize_t length = sc_sys_readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *name = program;

	program[length > 0 ? length : 0] = 0;
	for (const char *at = program; *at; at++)
		if (*at == '/')
			name = at + 1;
	program_name = name;
}

const char *sc_hook_stack_module(const struct sc_module *module)
{
	if (!(module->flags & SC_MODULE_MAIN))
		return module->name;
	if (!program_name)
		find_program();
	return *program_name ? program_name : module->name;
}

/* Where the calling instruction ends; an address in no module counts as nothing. */
static uint64_t add_frame(uint64_t site, uintptr_t address)
{
	const struct sc_module *module = sc_modules_at(address);

	return module ? sc_site_add(site, sc_hook_stack_module(module), address - module->base) : sc_site_add(site, "", 0);
}

uint64_t sc_hook_stack_site(struct sc_hook_stack *stack, uint32_t most)
{
	uint32_t depth = depth_of(stack, most);
	uint64_t site = stack->hook->site;

	for (uint32_t i = 0; i < depth; i++)
		site = add_frame(site, stack->frames[i]);
	return sc_site_end(site);
}
