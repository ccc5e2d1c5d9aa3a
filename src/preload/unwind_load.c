/* SPDX-License-Identifier: MIT */
/*
 * Owns the loading of libstubcache-unwind.so, and of libunwind with it. Called when the first rule wants stacks, which a
 * process without such rules never does.
 *
 * libunwind is the only one whose slots lead to what we want in libc's place (unwind/unwind.c says why).
 */
#include "preload/unwind.h"

#include <dlfcn.h>
#include <elf.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/engine_file.h"
#include "preload/libc_start.h"
#include "preload/log.h"
#include "preload/module_names.h"
#include "preload/modules.h"
#include "preload/runtime.h"
#include "preload/unwind_internal.h"
#include "x86_64/on_stack.h"

#define NAME "libstubcache-unwind.so"
#define LIBUNWIND "libunwind"

static bool tried, loaded;

static uintptr_t replacement(const struct sc_unwind_api *api, const char *name)
{
	for (size_t i = 0; i < api->replacement_count; i++)
		if (strcmp(api->replacements[i].name, name) == 0)
			return api->replacements[i].function;
	return 0;
}

static bool write_slot(const struct sc_module *module, uintptr_t *slot, uintptr_t value)
{
	bool closed = (uintptr_t)slot >= module->relro_start && (uintptr_t)slot < module->relro_end;
	void *pages = (void *)module->relro_start;
	size_t size = module->relro_end - module->relro_start;

	if (closed && sc_sys_mprotect(pages, size, PROT_READ | PROT_WRITE) < 0)
		return false;
	__atomic_store_n(slot, value, __ATOMIC_RELEASE);
	if (closed)
		sc_sys_mprotect(pages, size, PROT_READ);
	return true;
}

static bool write_slots(const struct sc_unwind_api *api, const struct sc_module *module, ElfW(Sxword) table_tag,
			ElfW(Sxword) size_tag)
{
	const ElfW(Dyn) *table = sc_module_dynamic(module, table_tag), *size = sc_module_dynamic(module, size_tag);
	const ElfW(Dyn) *symbols = sc_module_dynamic(module, DT_SYMTAB), *strings = sc_module_dynamic(module, DT_STRTAB);
	const ElfW(Rela) *relocation;
	bool ok = true;

	if (!table || !size || !symbols || !strings)
		return true;
	relocation = (const void *)sc_module_pointer(module, table);
	for (size_t n = size->d_un.d_val / sizeof(*relocation); n > 0; n--, relocation++) {
		const ElfW(Sym) *symbol = (const ElfW(Sym) *)sc_module_pointer(module, symbols) +
					  ELF64_R_SYM(relocation->r_info);
		const char *name = (const char *)sc_module_pointer(module, strings) + symbol->st_name;
		uintptr_t value;

		if (ELF64_R_TYPE(relocation->r_info) != R_X86_64_JUMP_SLOT &&
		    ELF64_R_TYPE(relocation->r_info) != R_X86_64_GLOB_DAT)
			continue;
		value = symbol->st_shndx == SHN_UNDEF ? replacement(api, name) : 0;
		if (value)
			ok = write_slot(module, (uintptr_t *)(module->base + relocation->r_offset), value) && ok;
	}
	return ok;
}

static bool replace_functions(const struct sc_unwind_api *api)
{
	bool ok = true;

	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if ((module->flags & SC_MODULE_GONE) || module->space > 0 ||
		    strncmp(module->name, LIBUNWIND, sizeof(LIBUNWIND) - 1) != 0)
			continue;
		ok = write_slots(api, module, DT_JMPREL, DT_PLTRELSZ) && ok;
		ok = write_slots(api, module, DT_RELA, DT_RELASZ) && ok;
	}
	return ok;
}

/* What can be known of an address of ours in the constructor: libunwind then has set up all it needs. */
static bool ask_once(void)
{
	return sc_unwind_entry_of((uintptr_t)__builtin_return_address(0) - 1) != NULL;
}

struct starting {
	const struct sc_unwind_api *api;
	int r;
};

static void start_here(void *argument)
{
	struct starting *starting = argument;

	starting->r = starting->api->start();
}

static bool start(void *handle)
{
	sc_unwind_entry_type *entry = (sc_unwind_entry_type *)dlsym(handle, SC_UNWIND_ENTRY);
	struct starting starting;
	char *work = sc_sys_mmap(NULL, SC_UNWIND_WORK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (work == (char *)MAP_FAILED)
		return false;
	starting.api = entry ? entry(SC_UNWIND_VERSION, work, SC_UNWIND_WORK) : NULL;
	if (!starting.api)
		return false;
	sc_modules_look(); /* what came is among them now, and ours by its name */
	if (!replace_functions(starting.api))
		return false;
	sc_on_stack(start_here, &starting, work + SC_UNWIND_WORK);
	if (starting.r < 0)
		return false;
	sc_unwind_rules_start(starting.api, work);
	return ask_once();
}

static bool load(void)
{
	static char path[PATH_MAX]; /* the host's stack may be small */
	void *handle;

	if (!sc_engine_companion(path, sizeof(path), NAME)) {
		sc_log(SC_LOG_ERROR, "no stacks: cannot find " NAME " beside '%s' nor in '%s'", sc_modules_self()->path,
		       SC_PKGLIBDIR);
		return false;
	}
	if (sc_runtime.starting && !sc_libc_start(sc_runtime.starting)) {
		sc_log(SC_LOG_ERROR, "no stacks: cannot load '%s': this libc is not known", path);
		return false;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		sc_log(SC_LOG_ERROR, "no stacks: cannot load '%s': %s", path, dlerror());
		return false;
	}
	if (start(handle))
		return true;
	sc_log(SC_LOG_ERROR, "no stacks: cannot use '%s': it is of another version, or libunwind cannot be set up", path);
	return false;
}

bool sc_unwind_load(void)
{
	if (!tried) {
		tried = true;
		loaded = load();
	}
	return loaded;
}
