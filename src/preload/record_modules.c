/* SPDX-License-Identifier: MIT */
/*
 * Owns what the record says of loaded modules. Called by the constructor and by dlwatch.c, when there are rules that
 * record addresses. Does not own the list of modules (modules.c).
 *
 * A chunk belongs to one stay of a module: one that comes back later has another. The child of fork has the same chunks
 * at the same offsets (record_fork.c).
 */
#include "preload/record_modules.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "common/event.h"
#include "common/sys.h"
#include "preload/modules.h"
#include "preload/record_chunks.h"
#include "preload/record_internal.h"

static uint64_t offsets[SC_MODULES_MOST]; /* by entry of the list: its chunk, or 0 */
static bool wanted;

/* The file that was started is what addresses belong to: the program's path may be that of a script. */
static size_t program_path(char *out, size_t size)
{
	ssize_t length = sc_sys_readlink("/proc/self/exe", out, size - 1);

	if (length <= 0)
		return 0;
	out[length] = '\0';
	return (size_t)length;
}

/* ld.so keeps a path as it was found, which may be relative to where the process was then; it mostly still is there. */
static size_t absolute_path(char *out, size_t size, const char *path)
{
	size_t length = strlen(path), directory = 0;

	if (path[0] != '/') {
		long r = sc_syscall2(SYS_getcwd, out, size);

		directory = r > 1 ? (size_t)r - 1 : 0;
		if (directory && directory + 1 < size)
			out[directory++] = '/';
	}
	if (directory + length + 1 > size)
		return 0;
	memcpy(out + directory, path, length + 1);
	return directory + length;
}

static size_t path_of(char *out, size_t size, const struct sc_module *module)
{
	size_t length = module->flags & SC_MODULE_MAIN ? program_path(out, size) : 0;

	return length ? length : absolute_path(out, size, module->path);
}

static uint64_t note(const struct sc_module *module)
{
	static char path[PATH_MAX]; /* the host's stack may be small */
	size_t length = path_of(path, sizeof(path), module);
	uint64_t size = sizeof(struct sc_record_module) + length + 1, offset;
	struct sc_record_module *out;
	uint32_t id_size = 0;
	const void *id = sc_module_build_id(module, &id_size);

	size = (size + SC_CHUNK_ALIGNMENT - 1) & ~(uint64_t)(SC_CHUNK_ALIGNMENT - 1);
	offset = sc_chunks_claim(size, size);
	if (!offset)
		return 0;
	out = sc_chunks_at(offset);
	out->start = module->start;
	out->end = module->end;
	out->base = module->base;
	out->loaded = sc_record_ticks();
	if (id && id_size <= sizeof(out->build_id)) {
		memcpy(out->build_id, id, id_size);
		out->build_id_size = id_size;
	}
	memcpy(out + 1, path, length);
	out->path_size = (uint32_t)length + 1;
	sc_chunks_publish(offset, SC_RECORD_MODULES);
	return offset;
}

static void note_gone(uint64_t offset)
{
	struct sc_record_module *module = sc_chunks_at(offset);

	__atomic_store_n(&module->unloaded, sc_record_ticks(), __ATOMIC_RELEASE);
}

void sc_record_modules_update(void)
{
	wanted = true;
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];
		bool here = !(module->flags & SC_MODULE_GONE);

		if (here && !offsets[i]) {
			offsets[i] = note(module);
		} else if (!here && offsets[i]) {
			note_gone(offsets[i]);
			offsets[i] = 0;
		}
	}
}

void sc_record_modules_follow(void)
{
	if (wanted)
		sc_record_modules_update();
}
