/* SPDX-License-Identifier: MIT */
/*
 * A client that counts what a program asks malloc for, by size, and says so when it ends:
 *
 *	cc -shared -fPIC -O2 -o malloc_sizes.so malloc_sizes.c $(pkg-config --cflags stubcache)
 *	STUBCACHE_CLIENTS=$PWD/malloc_sizes.so LD_PRELOAD=libstubcache.so ls
 */
#include <stdint.h>

#include <dr_api.h>
#include <stubcache.h>

static uint64_t calls[65]; /* by the number of bits of the size */

/* args[0] points to malloc's first argument. Called by many threads at once, so the counters are atomic. */
static void on_malloc(struct stubcache_call *call, void **args, void *user)
{
	size_t size = *(size_t *)args[0];
	unsigned bits = 0;

	(void)call;
	(void)user;
	while (bits < 64 && size >> bits)
		bits++;
	__atomic_fetch_add(&calls[bits], 1, __ATOMIC_RELAXED);
}

static void at_exit(void)
{
	dr_fprintf(STDERR, "malloc, by size:\n");
	for (unsigned bits = 0; bits < 65; bits++)
		if (calls[bits])
			dr_fprintf(STDERR, "  up to %20lu bytes %10lu\n", bits ? ((uint64_t)1 << (bits - 1)) * 2 - 1 : 0,
				   calls[bits]);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	struct stubcache_hook hook = {
		.struct_size = sizeof(hook),
		.targets = "malloc@libc.so.6",
		.prototype = "void *malloc(size_t size)",
		.enter = on_malloc,
	};

	(void)id;
	(void)argc;
	(void)argv;
	if (stubcache_hook(&hook) == 0)
		dr_register_exit_event(at_exit);
}
