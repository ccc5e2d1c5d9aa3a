/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of loaded modules. Reads program headers and build-ids, which lie in pages that ld.so has
 * touched already; no symbol, no string table. Called by the constructor and by dlwatch.c.
 */
#include "preload/modules.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>

#include "common/arena.h"
#include "common/hash.h"
#include "common/sys.h"
#include "preload/hot.h"
#include "preload/runtime.h"

#define MODULES_MOST 2048 /* untouched ones take no memory */

struct sc_modules sc_modules SC_HOT;

static const char *program_path SC_HOT;
static const struct sc_module *self SC_HOT;
static struct sc_arena paths SC_HOT;

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

static bool identity_from_note(struct sc_module *module, const ElfW(Phdr) *segment)
{
	const char *at = (const char *)(module->base + segment->p_vaddr);
	size_t left = segment->p_memsz;
	size_t align = segment->p_align == 8 ? 8 : 4;

	while (left >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = ((size_t)note->n_namesz + align - 1) & -align;
		size_t size = sizeof(*note) + name + (((size_t)note->n_descsz + align - 1) & -align);

		if (size > left)
			return false;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(note + 1, "GNU", 4) == 0) {
			hash_identity(module, at + sizeof(*note) + name, note->n_descsz);
			return true;
		}
		at += size;
		left -= size;
	}
	return false;
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
	    (module->path == program_path && !look_at_file("/proc/self/exe", &known.started))) {
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

static struct sc_module *find_known(const struct dl_phdr_info *info)
{
	for (uint32_t i = 0; i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		if (module->phdr == info->dlpi_phdr && module->base == info->dlpi_addr &&
		    !(module->flags & SC_MODULE_GONE))
			return module;
	}
	return NULL;
}

static uint32_t count_copies(const struct sc_module *of)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (!(sc_modules.list[i].flags & SC_MODULE_GONE) &&
		    memcmp(sc_modules.list[i].identity, of->identity, sizeof(of->identity)) == 0)
			n++;
	return n;
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

/* Returns its entry, or NULL when there is no room. */
static struct sc_module *add(const struct dl_phdr_info *info, uint32_t flags)
{
	struct sc_module *module = free_entry(flags & SC_MODULE_STARTUP ? NULL : info->dlpi_name);
	const char *path = info->dlpi_name;

	if (!module)
		return NULL;
	if (sc_modules.count == 0) {
		flags |= SC_MODULE_MAIN;
		path = program_path;
	} else if (!(flags & SC_MODULE_STARTUP)) {
		path = keep_path(module, path);
		if (!path)
			return NULL;
	}
	/* Gone until it is complete: sc_modules_at may be looking. */
	*module = (struct sc_module){ .base = info->dlpi_addr, .phdr = info->dlpi_phdr, .phnum = info->dlpi_phnum,
				      .flags = SC_MODULE_GONE, .path = path, .name = base_name(path),
				      .image_module = UINT32_MAX };
	read_segments(module);
	if ((uintptr_t)&sc_modules >= module->start && (uintptr_t)&sc_modules < module->end)
		self = module;
	if (self == module || (sc_modules.count > 0 && name_is_ours(module->name)))
		flags |= SC_MODULE_OURS;
	if (strncmp(module->name, "ld-linux", 8) == 0)
		flags |= SC_MODULE_LOADER;
	module->ordinal = count_copies(module);
	__atomic_store_n(&module->flags, flags, __ATOMIC_RELEASE);
	if (module == &sc_modules.list[sc_modules.count])
		sc_modules.count++;
	return module;
}

struct look {
	uint32_t flags;
	bool again;	 /* not the first look */
	bool same;	 /* nothing has changed since the last one */
	uint64_t adds;	 /* all that was loaded since, */
	uint64_t found;	 /* and how much of it was found */
	uint8_t *seen;
};

static int visit(struct dl_phdr_info *info, size_t size, void *user)
{
	struct look *look = user;
	struct sc_module *module = NULL;
	(void)size;

	if (look->again && info->dlpi_adds == sc_modules.adds && info->dlpi_subs == sc_modules.subs) {
		look->same = true;
		return 1;
	}
	look->adds = info->dlpi_adds - sc_modules.adds;
	/* The vdso has no file, and nothing calls it through a slot. */
	if (strncmp(info->dlpi_name, "linux-vdso", 10) == 0 || strncmp(info->dlpi_name, "linux-gate", 10) == 0)
		return 0;
	if (look->again)
		module = find_known(info);
	if (!module) {
		module = add(info, look->flags);
		look->found++;
	}
	if (module && look->seen)
		look->seen[module - sc_modules.list] = 1;
	return 0;
}

static int remember_generation(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size;
	(void)user;
	sc_modules.adds = info->dlpi_adds;
	sc_modules.subs = info->dlpi_subs;
	return 1;
}

static int compare_generation(struct dl_phdr_info *info, size_t size, void *changed)
{
	(void)size;
	*(bool *)changed = info->dlpi_adds != sc_modules.adds || info->dlpi_subs != sc_modules.subs;
	return 1;
}

bool sc_modules_changed(void)
{
	bool changed = true;

	dl_iterate_phdr(compare_generation, &changed);
	return changed;
}

int sc_modules_start(const char *program)
{
	struct look look = { .flags = SC_MODULE_STARTUP };
	static struct sc_module list[MODULES_MOST] SC_HOT_LONGEST;

	program_path = program;
	sc_modules.list = list;
	sc_modules.room = MODULES_MOST;
	dl_iterate_phdr(visit, &look);
	dl_iterate_phdr(remember_generation, NULL);
	return self ? 0 : -ENOMEM;
}

/* The entries of what went are given to new modules from the next look on: until then images are bound to them. */
static void set_gone(const uint8_t *seen)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (!seen[i])
			sc_modules.list[i].flags |= SC_MODULE_GONE;
}

static void free_gone(void)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (sc_modules.list[i].flags & SC_MODULE_GONE)
			sc_modules.list[i].flags |= SC_MODULE_FREE;
}

/* Between two looks a module may have gone and come back to the same place, where it looks as before: more was loaded
 * than was found. All that came after the start counts as new then. */
static void forget_later(void)
{
	for (uint32_t i = 0; i < sc_modules.count; i++)
		if (!(sc_modules.list[i].flags & (SC_MODULE_STARTUP | SC_MODULE_OURS)))
			sc_modules.list[i].flags |= SC_MODULE_GONE;
}

bool sc_modules_look(void)
{
	uint8_t seen[MODULES_MOST] = { 0 };
	struct look look = { .flags = SC_MODULE_NEW, .again = true, .seen = seen };

	free_gone();
	dl_iterate_phdr(visit, &look);
	if (look.same)
		return false;
	if (look.adds > look.found) {
		forget_later();
		dl_iterate_phdr(visit, &look);
	}
	set_gone(seen);
	dl_iterate_phdr(remember_generation, NULL);
	return look.found > 0;
}

uint32_t sc_modules_context(void)
{
	struct {
		struct sc_hash128 before;
		uint8_t identity[16];
		uint32_t ordinal, deepbind;
	} link = { .deepbind = sc_modules.deepbind };
	uint32_t context;

	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if (module->flags & (SC_MODULE_STARTUP | SC_MODULE_OURS | SC_MODULE_GONE))
			continue;
		memcpy(link.identity, module->identity, sizeof(link.identity));
		link.ordinal = module->ordinal;
		link.before = sc_hash128(&link, sizeof(link));
	}
	memcpy(&context, link.before.bytes, sizeof(context));
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

const struct sc_module *sc_modules_self(void)
{
	return self;
}
