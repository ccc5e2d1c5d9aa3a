/* SPDX-License-Identifier: MIT */
/*
 * Owns the entry of libstubcache-typed.so and the prototypes that hooks are given: as text, or by a function's name out
 * of the prototype files, which are read when something must be looked for in them, and parsed when it may be there.
 * Called by the preload alone.
 */
#include "typed/typed_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/sys.h"

#define FILE_MOST ((uint64_t)64 << 20)
#define SOUGHT_MOST 64

struct sc_arena sc_typed_arena;
const struct sc_typed_host *sc_typed_preload;

static struct sc_protos protos = { .arena = &sc_typed_arena };

static struct {
	struct text {
		const char *path, *text; /* terminated; NULL: not to be had */
		size_t size;
	} *texts;
	uint32_t count;
	bool read, parsed;
	unsigned sought; /* names that none of them has */
} files;

static void read_file(struct text *out, const char *path)
{
	int fd = sc_sys_openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	struct stat stat;
	char *text;

	if (fd < 0)
		return;
	if (sc_sys_fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && (uint64_t)stat.st_size <= FILE_MOST) {
		text = sc_arena_alloc(&sc_typed_arena, (size_t)stat.st_size + 1);
		if (text && sc_sys_pread_full(fd, text, (size_t)stat.st_size, 0) == 0)
			*out = (struct text){ .path = path, .text = text, .size = (size_t)stat.st_size };
	}
	sc_sys_close(fd);
}

static void read_files(const char *const *paths, uint32_t count)
{
	if (files.read || !count)
		return;
	files.read = true;
	files.texts = sc_arena_array(&sc_typed_arena, count, sizeof(*files.texts));
	files.count = files.texts ? count : 0;
	for (uint32_t i = 0; i < files.count; i++)
		read_file(&files.texts[i], paths[i]);
}

/* What cannot be understood in a file is told by the engine, whose concern the files are. */
static void parse_files(void)
{
	if (files.parsed || !files.read)
		return;
	files.parsed = true;
	for (uint32_t i = 0; i < files.count; i++)
		if (files.texts[i].text)
			sc_protos_read(&protos, files.texts[i].text, files.texts[i].size, files.texts[i].path, NULL);
}

static bool is_in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; length && (at = strstr(at, word)); at++)
		if ((at == text || !is_in_name(at[-1])) && !is_in_name(at[length]))
			return true;
	return false;
}

/* Whether it pays to parse the files for a function's sake: that takes as long as to seek many names in them. */
static bool may_be_declared(const char *function)
{
	if (files.sought == SOUGHT_MOST)
		return true;
	for (uint32_t i = 0; i < files.count; i++) {
		const struct text *file = &files.texts[i];

		if (file->text && (strlen(file->text) != file->size || has_word(file->text, function)))
			return true;
	}
	files.sought++;
	return false;
}

static int compile(const char *prototype, const char *function, const char *const *paths, uint32_t path_count,
		   const struct sc_typed_program **out, char *message, size_t size)
{
	const struct sc_proto *proto = NULL;
	struct sc_proto_error error;
	int r = 0;

	read_files(paths, path_count);
	if (prototype || files.parsed || may_be_declared(function))
		parse_files();
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
