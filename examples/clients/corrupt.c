/* SPDX-License-Identifier: MIT */
/*
 * A client that breaks what a program reads, to see what it makes of that: one bit of every N-th successful read().
 *
 *	cc -shared -fPIC -O2 -o corrupt.so corrupt.c $(pkg-config --cflags stubcache)
 *	STUBCACHE_CLIENTS=$PWD/corrupt.so,100 LD_PRELOAD=libstubcache.so gzip -t archive.gz
 */
#include <stdlib.h>
#include <sys/types.h>

#include <dr_api.h>
#include <stubcache.h>

static unsigned every, reads;

/* After the original: ret points to what it returned, args to what it was given. */
static void after_read(struct stubcache_call *call, void **args, void *ret, void *user)
{
	ssize_t got = *(ssize_t *)ret;
	unsigned char *buffer = *(unsigned char **)args[1];

	(void)call;
	(void)user;
	if (got > 0 && __atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED) % every == 0)
		buffer[got / 2] ^= 1;
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	struct stubcache_hook hook = {
		.struct_size = sizeof(hook),
		.targets = "read@libc.so.6",
		.prototype = "ssize_t read(int fd, void *buffer, size_t size)",
		.leave = after_read,
	};

	(void)id;
	every = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	if (every == 0)
		every = 1;
	if (stubcache_hook(&hook) != 0)
		dr_fprintf(STDERR, "corrupt: read cannot be hooked\n");
}
