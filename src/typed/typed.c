/* SPDX-License-Identifier: MIT */
/*
 * Owns the entry of libstubcache-typed.so and the prototypes that hooks are given: as text, or by a function's name out
 * of the prototype files, which are read when something must be looked for in them. Called by the preload alone.
 */
#include "typed/typed_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/sys.h"

#define FILE_MOST ((uint64_t)64 << 20)

struct sc_arena sc_typed_arena;
const struct sc_typed_host *sc_typed_preload;

static struct sc_protos protos = { .arena = &sc_typed_arena };
static bool files_read;

/* What cannot be understood in a file is told by the engine, whose concern the files are. */
static void read_file(const char *path)
{
	int fd = sc_sys_openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	struct stat stat;
	char *text;

	if (fd < 0)
		return;
	if (sc_sys_fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && (uint64_t)stat.st_size <= FILE_MOST) {
		text = sc_arena_alloc(&sc_typed_arena, (size_t)stat.st_size + 1);
		if (text && sc_sys_pread_full(fd, text, (size_t)stat.st_size, 0) == 0)
			sc_protos_read(&protos, text, (size_t)stat.st_size, path, NULL);
	}
	sc_sys_close(fd);
}

static void read_files(const char *const *files, uint32_t count)
{
	if (files_read || !count)
		return;
	files_read = true;
	for (uint32_t i = 0; i < count; i++)
		read_file(files[i]);
}

static int compile(const char *prototype, const char *function, const char *const *files, uint32_t file_count,
		   const struct sc_typed_program **out, char *message, size_t size)
{
	const struct sc_proto *proto = NULL;
	struct sc_proto_error error;
	int r = 0;

	read_files(files, file_count);
	if (prototype)
		r = sc_protos_read_one(&protos, prototype, strlen(prototype), &proto, &error);
	else
		proto = sc_protos_find(&protos, function);
	if (r == -EINVAL)
		snprintf(message, size, "column %u: %s", error.column, error.message);
	if (r < 0)
		return r;
	return sc_typed_program_make(proto ? proto->type : NULL, out);
}

__attribute__((visibility("default"))) sc_typed_entry stubcache_typed;

const struct sc_typed_api *stubcache_typed(uint32_t version, const struct sc_typed_host *host)
{
	static const struct sc_typed_api api = {
		.version = SC_TYPED_VERSION,
		.size = sizeof(api),
		.compile = compile,
		.call = sc_typed_call,
		.closure = sc_typed_closure_make,
		.closure_lead = sc_typed_closure_lead,
		.closure_original = sc_typed_closure_original,
		.closure_call = sc_typed_closure_call,
		.closure_words = sc_typed_closure_words,
	};

	if (version != SC_TYPED_VERSION)
		return NULL;
	sc_typed_preload = host;
	return &api;
}
