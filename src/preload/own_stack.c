/* SPDX-License-Identifier: MIT */
/*
 * Owns the stacks that our own work gets when it may take more than a call. Called at the end of a process and where
 * something is generated while it runs.
 */
#include "preload/own_stack.h"

#include <errno.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "x86_64/on_stack.h"

#define SIZE ((size_t)256 << 10)

int sc_own_stack_run(void (*work)(void *), void *argument)
{
	char *stack = sc_sys_mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return -ENOMEM;
	sc_on_stack(work, argument, stack + SIZE);
	sc_sys_munmap(stack, SIZE);
	return 0;
}
