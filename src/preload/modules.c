/* SPDX-License-Identifier: MIT */
/*
 * Owns the entries of the list of loaded modules: what is read of each, and what tells them apart. Who is there is
 * found out by modules_look.c. Reads program headers and build-ids, which lie in pages that ld.so has touched already;
 * no symbol, no string table.
 */
#include "preload/modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "common/arena.h"
#include "common/hash.h"
#include "common/image.h"
#include "common/sys.h"
#include "preload/hot.h"
#include "preload/modules_internal.h"
#include "preload/runtime.h"

struct sc_modules sc_modules SC_HOT;

static const struct sc_module *self SC_HOT;
static struct sc_arena paths SC_HOT;
static uint32_t tags[SC_NAMESPACES]; /* by namespace, from 1: see tag_of; 0: empty */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What only the engine needs: libffi and libunwind under it must never run into their own stubs. */
static bool name_is_ours(const char *name)
{
	static const char *const prefixes[] = { "libstubcache", "libffi.so", "libunwind.so", "libunwind-x86_64.so",
						"liblzma.so" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static void hash_identity(struct sc_module *module, const void *data, size_t size)
{
	struct sc_hash128 hash = sc_hash128(data, size);

	memcpy(module->identity, hash.bytes, sizeof(module->identity));
}

/* The contents of the build-id's note in a segment of notes, or NULL. */
static const void *find_build_id(const struct sc_module *module, const ElfW(Phdr) *segment, uint32_t *size_out)
{
	const char *at = (const char *)(module->base + segment->p_vaddr);
	size_t left = segment->p_memsz;
	size_t align = segment->p_align == 8 ? 8 : 4;

	while (left >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = ((size_t)note->n_namesz + align - 1) & -align;
		size_t size = sizeof(*note) + name + (((size_t)note->n_descsz + align - 1) & -align);

		if (size > left)
			return NULL;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(note + 1, "GNU", 4) == 0) {
			*size_out = note->n_descsz;
			return at + sizeof(*note) + name;
		}
		at += size;
		left -= size;
	}
	return NULL;
}

static bool identity_from_note(struct sc_module *module, const ElfW(Phdr) *segment)
{
	uint32_t size;
	const void *build_id = find_build_id(module, segment, &size);

	if (build_id)
		hash_identity(module, build_id, size);
	return build_id != NULL;
}

const void *sc_module_build_id(const struct sc_module *module, uint32_t *size)
{
	const void *build_id = NULL;

	for (uint16_t i = 0; !build_id && i < module->phnum; i++)
		if (module->phdr[i].p_type == PT_NOTE)
			build_id = find_build_id(module, &module->phdr[i], size);
	return build_id;
}

struct file_identity {
	uint64_t size, seconds, nanoseconds, inode;
};

static bool look_at_file(const char *path, struct file_identity *out)
{
	struct stat stat;

	if (sc_sys_fstatat(-100 /* AT_FDCWD */, path, &stat, 0) < 0)
		return false;
	out->size = (uint64_t)stat.st_size;
	out->seconds = (uint64_t)stat.st_mtim.tv_sec;
	out->nanoseconds = (uint64_t)stat.st_mtim.tv_nsec;
	out->inode = stat.st_ino;
	return true;
}

/* A module without a build-id is known by its file: size, modification time and inode. The program's path may be that
 * of a script, and what the kernel has started may be ld.so: so the program is known by both. A module whose file
 * cannot be found any more is like no other, now or in another process. */
static void identity_from_file(struct sc_module *module)
{
	struct {
		struct sc_hash128 headers;
		struct file_identity file, started;
		uintptr_t base;
		char random[16];
	} known = { .headers = sc_hash128(module->phdr, module->phnum * sizeof(*module->phdr)) };
	const char *random = (const char *)getauxval(AT_RANDOM);

	if (!look_at_file(module->path, &known.file) ||
	    (module == sc_modules.list && !look_at_file("/proc/self/exe", &known.started))) {
		known.base = module->base;
		if (random)
			memcpy(known.random, random, sizeof(known.random));
	}
	hash_identity(module, &known, sizeof(known));
}

static void read_segments(struct sc_module *module)
{
	const uintptr_t page = sc_runtime.page_size;
	bool identified = false;

	module->start = module->code_start = UINTPTR_MAX;
	for (uint16_t i = 0; i < module->phnum; i++) {
		const ElfW(Phdr) *segment = &module->phdr[i];
		uintptr_t from = module->base + segment->p_vaddr, to = from + segment->p_memsz;

		switch (segment->p_type) {
		case PT_LOAD:
			module->start = from < module->start ? from : module->start;
			module->end = to > module->end ? to : module->end;
			if (segment->p_flags & PF_X) {
				module->code_start = from < module->code_start ? from : module->code_start;
				module->code_end = to > module->code_end ? to : module->code_end;
			}
			break;
		case PT_DYNAMIC:
			module->dynamic = (const ElfW(Dyn) *)from;
			break;
		case PT_GNU_RELRO: /* ld.so protects whole pages, both ends rounded down */
			module->relro_start = from & -page;
			module->relro_end = to & -page;
			break;
		case PT_NOTE:
			identified = identified || identity_from_note(module, segment);
			break;
		}
	}
	if (!identified)
		identity_from_file(module);
}

struct sc_module *sc_modules_find(const struct sc_module_seen *seen)
{
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		if (module->base != seen->base || module->space != seen->space ||
		    (module->flags & SC_MODULE_GONE))
			continue;
		if (seen->phdr ? module->phdr == seen->phdr : module->dynamic == seen->dynamic)
			return module;
	}
	return NULL;
}

static bool is_copy(const struct sc_module *module, const struct sc_module *of, uint32_t ordinal)
{
	return !(module->flags & SC_MODULE_GONE) && module->ordinal == ordinal &&
	       memcmp(module->identity, of->identity, sizeof(of->identity)) == 0;
}

static bool tag_is_taken(uint32_t tag)
{
	for (unsigned space = 0; space < SC_NAMESPACES; space++)
		if (tags[space] == tag)
			return true;
	return false;
}

static bool is_first(const struct sc_module *module)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (sc_modules.list[i].space == module->space && !(sc_modules.list[i].flags & SC_MODULE_GONE))
			return false;
	return true;
}

/* The ordinal of the first copy in the module's namespace. A namespace keeps its own until it is seen empty, or with
 * something else: slots in it lead to stubs that go by it. */
static uint32_t tag_of(const struct sc_module *module)
{
	uint16_t kind;
	uint32_t tag;

	if (module->space == 0)
		return 0;
	memcpy(&kind, module->identity, sizeof(kind));
	kind |= 1;
	if (is_first(module) && SC_IMAGE_ORDINAL_KIND(tags[module->space]) != kind) {
		tag = SC_IMAGE_ORDINAL(kind, 0, 0);
		while (tag_is_taken(tag))
			tag += SC_IMAGE_ORDINAL(0, 1, 0);
		tags[module->space] = tag;
	}
	return tags[module->space];
}

void sc_modules_space_empty(unsigned space)
{
	tags[space] = 0;
}

/* The first that no other copy in its namespace has: those that come and go are the same to images every time. */
static uint32_t free_ordinal(const struct sc_module *of)
{
	uint32_t ordinal = tag_of(of);

	for (uint32_t i = 0; i < sc_modules.count; i++) {
		if (!is_copy(&sc_modules.list[i], of, ordinal))
			continue;
		ordinal++;
		i = UINT32_MAX; /* from the beginning */
	}
	return ordinal;
}

/* An entry whose module went before this look, best one of the same file: its path is kept. Else a new one. */
static struct sc_module *free_entry(const char *name)
{
	struct sc_module *found = NULL;

	for (uint32_t i = 0; name && i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		if (!(module->flags & SC_MODULE_FREE))
			continue;
		if (strcmp(module->path, name) == 0)
			return module;
		found = found ? found : module;
	}
	return found || sc_modules.count == sc_modules.room ? found : &sc_modules.list[sc_modules.count];
}

static const char *keep_path(const struct sc_module *entry, const char *name)
{
	if (entry->path && strcmp(entry->path, name) == 0)
		return entry->path;
	return sc_arena_string(&paths, name, strlen(name));
}

struct sc_module *sc_modules_add(const struct sc_module_seen *seen, uint32_t flags)
{
	struct sc_module *module = free_entry(flags & SC_MODULE_STARTUP ? NULL : seen->name);
	const char *path = seen->name;

	if (!module)
		return NULL;
	if (sc_modules.count == 0) {
		flags |= SC_MODULE_MAIN;
	} else if (!(flags & SC_MODULE_STARTUP)) {
		path = keep_path(module, path);
		if (!path)
			return NULL;
	}
	/* Gone until it is complete: sc_modules_at may be looking. */
	*module = (struct sc_module){ .base = seen->base, .phdr = seen->phdr, .phnum = seen->phnum,
				      .space = (uint16_t)seen->space, .flags = SC_MODULE_GONE, .path = path,
				      .name = base_name(path), .image_module = UINT32_MAX };
	read_segments(module);
	if ((uintptr_t)&sc_modules >= module->start && (uintptr_t)&sc_modules < module->end)
		self = module;
	if (self == module || (sc_modules.count > 0 && name_is_ours(module->name)))
		flags |= SC_MODULE_OURS;
	if (strncmp(module->name, "ld-linux", 8) == 0)
		flags |= SC_MODULE_LOADER;
	module->ordinal = free_ordinal(module);
	__atomic_store_n(&module->flags, flags, __ATOMIC_RELEASE);
	if (module == &sc_modules.list[sc_modules.count])
		sc_modules.count++;
	return module;
}

/* A sum, since entries are used again in any order; places in the load order are part of what is added up. */
uint32_t sc_modules_context(unsigned space)
{
	struct {
		uint8_t identity[16];
		uint32_t ordinal, position, deepbind;
	} link = { .deepbind = sc_modules.deepbind };
	uint32_t context = 0;

	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if (module->space != space ||
		    (module->flags & (SC_MODULE_STARTUP | SC_MODULE_OURS | SC_MODULE_GONE)))
			continue;
		memcpy(link.identity, module->identity, sizeof(link.identity));
		link.ordinal = module->ordinal;
		link.position = module->position;
		context += (uint32_t)sc_hash64(&link, sizeof(link));
	}
	return context ? context : 1;
}

struct sc_module *sc_modules_at(uintptr_t address)
{
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		if (!(module->flags & SC_MODULE_GONE) && address >= module->start && address < module->end)
			return module;
	}
	return NULL;
}

struct sc_module *sc_modules_opened(void *handle)
{
	const struct link_map *map = NULL;

	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
		return NULL;
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (sc_modules.list[i].dynamic == map->l_ld && !(sc_modules.list[i].flags & SC_MODULE_GONE))
			return &sc_modules.list[i];
	return NULL;
}

const struct sc_module *sc_modules_self(void)
{
	return self;
}

bool sc_modules_second(void)
{
	for (const struct sc_module *module = sc_modules.list; module != self; module++)
		if (strncmp(module->name, "libstubcache.so", strlen("libstubcache.so")) == 0)
			return true;
	return false;
}
