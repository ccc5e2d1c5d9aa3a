/* SPDX-License-Identifier: MIT */
/*
 * A client for tests/live/typed_prototypes.sh, compiled with what typed_prototypes.py has written of the functions.
 *
 * its first argument, and what it does with each call:
 *	look	reads the arguments in enter and leave
 *	change	changes every argument and the result
 *	ffi	calls the original itself
 *	closure	passes the call on, from a closure
 *	both	changes every argument and the result, from a closure
 */
#include <ffi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stubcache.h>

extern uint64_t seen;
extern uint64_t (*const sums[])(void **);
extern void (*const changes[])(void **);
extern void (*const results[])(void *);
extern void *const functions[];
extern const unsigned function_count;

static int change;

static unsigned number_of(struct stubcache_call *call)
{
	return (unsigned)atoi(stubcache_call_function(call) + 1);
}

static void look_enter(struct stubcache_call *call, void **args, void *user)
{
	(void)user;
	*stubcache_call_word(call) = (void *)sums[number_of(call)](args);
}

static void look_leave(struct stubcache_call *call, void **args, void *ret, void *user)
{
	uint64_t sum = sums[number_of(call)](args);
	(void)ret;
	(void)user;

	if (sum != seen || sum != (uint64_t)*stubcache_call_word(call))
		printf("f%u: %llx in leave, %llx in enter\n", number_of(call), (unsigned long long)sum,
		       (unsigned long long)*stubcache_call_word(call));
}

static void change_enter(struct stubcache_call *call, void **args, void *user)
{
	(void)user;
	changes[number_of(call)](args);
}

static void change_leave(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)args;
	(void)user;
	results[number_of(call)](ret);
}

static void ffi_enter(struct stubcache_call *call, void **args, void *user)
{
	char ret[4096] __attribute__((aligned(16)));
	int r = stubcache_call_original(call, args, ret);
	(void)user;

	if (r != 0)
		printf("f%u: %d\n", number_of(call), r);
	stubcache_call_skip(call, ret);
}

static void closure(ffi_cif *cif, void *ret, void **args, void *user)
{
	void (*original)(void) = stubcache_closure_original(cif);
	unsigned n = 0;
	(void)user;

	while (n < function_count && functions[n] != (void *)original)
		n++;
	if (n == function_count)
		printf("a closure of no function\n");
	else if (change)
		changes[n](args);
	ffi_call(cif, original, ret, args);
	if (n < function_count && change)
		results[n](ret);
}

void dr_client_main(unsigned int id, int argc, const char *argv[]);

__attribute__((visibility("default"))) void dr_client_main(unsigned int id, int argc, const char *argv[])
{
	struct stubcache_hook hook = { .struct_size = sizeof(hook), .targets = "f*@lib.so" };
	const char *what = argc > 1 ? argv[1] : "";
	int r;
	(void)id;

	if (strcmp(what, "look") == 0) {
		hook.enter = look_enter;
		hook.leave = look_leave;
	} else if (strcmp(what, "change") == 0) {
		hook.enter = change_enter;
		hook.leave = change_leave;
	} else if (strcmp(what, "ffi") == 0) {
		hook.enter = ffi_enter;
	} else {
		change = strcmp(what, "both") == 0;
		r = stubcache_closure(hook.targets, NULL, closure, NULL);
		if (r != 0)
			printf("closure: %d\n", r);
		return;
	}
	r = stubcache_hook(&hook);
	if (r != 0)
		printf("hook: %d\n", r);
}
