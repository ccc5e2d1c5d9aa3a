/* SPDX-License-Identifier: MIT */
/*
 * Owns the dl lock and the C half of the dlopen family's wrappers (src/x86_64/wrappers.S). Called on whatever thread
 * the host calls them on, and waits for nothing but what the originals wait for, too: ld.so's recursive lock.
 * errno and dlerror are what the original left.
 */
#include "preload/dlwatch.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "common/persist.h"
#include "preload/activate.h"
#include "preload/generate.h"
#include "preload/hot.h"
#include "preload/loader_lock.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/record_modules.h"
#include "preload/runtime.h"
#include "preload/stats.h"
#include "preload/unwind.h"

#define ROUNDS_MOST 8

static int taken SC_HOT;

bool sc_dl_take(void)
{
	return __atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE) == 0;
}

void sc_dl_give(void)
{
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
}

void sc_dl_forked(void)
{
	sc_dl_give();
}

/* With both locks: attaches what has come, forgets what has gone. */
static void take_in(void)
{
	bool more = sc_modules_look() || sc_generate_are_put_off();
	const char *why;

	sc_record_modules_follow();
	sc_unwind_forget_gone();
	sc_activate_forget_gone();
	if (!more)
		return;
	for (uint32_t i = 0; i < sc_image_count(); i++)
		if (!sc_activate(sc_image_at(i), &why))
			sc_reason(SC_LOG_INFO, "what the image knows of later modules is not used: %s", why);
	sc_generate_modules();
	sc_stats_update();
}

/*
 * What comes while a callback of a client runs is put off: the registry is held, on this thread or on another. Nothing
 * is looked at then, so it counts as changed until somebody takes it in: who holds the lock, when the callback has come
 * back, or else the next call of this kind.
 */
static bool take_now(void)
{
	if (!sc_dl_take())
		return false;
	if (!sc_runtime.clients || !sc_persist_busy(sc_persist_registry()))
		return true;
	sc_dl_give();
	return false;
}

/* A client that loads something in each callback does not keep us for ever. */
static void take_in_all(void)
{
	unsigned rounds = sc_runtime.clients ? ROUNDS_MOST : 1;

	do
		take_in();
	while (--rounds > 0 && sc_modules_changed());
}

/* With ld.so's lock. */
static void update_locked(void *unused)
{
	(void)unused;
	if (!take_now())
		return;
	take_in_all();
	sc_dl_give();
}

static void update(void)
{
	int saved = errno;

	if (sc_modules_changed() || sc_generate_are_put_off())
		sc_loader_locked(update_locked, NULL);
	errno = saved;
}

/*
 * Whether dlopen may find us instead of its caller. It uses the caller for the namespace, for $ORIGIN and RUNPATH
 * of the calling module: none matters for a name with a slash and without $, nor when the caller is the program
 * or a library without either. Only DT_RUNPATH and DT_RPATH need looking at, in the caller's dynamic section.
 */
static bool caller_cannot_matter(const char *file, uintptr_t caller)
{
	const struct sc_module *module;

	if (!file)
		return true;
	if (strchr(file, '$'))
		return false;
	if (strchr(file, '/'))
		return true;
	module = sc_modules_at(caller);
	if (!module || !module->dynamic)
		return false;
	for (const ElfW(Dyn) *entry = module->dynamic; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_RUNPATH || entry->d_tag == DT_RPATH)
			return false;
	return true;
}

/* Of another namespace than the program's: dlopen would open into the caller's. */
static bool caller_elsewhere(uintptr_t caller)
{
	const struct sc_module *module = sc_modules_at(caller);

	return !module || module->space > 0;
}

int sc_dlwatch_dlopen_enter(const char *file, uintptr_t mode, uintptr_t unused, uintptr_t caller);
int sc_dlwatch_dlmopen_enter(uintptr_t space, const char *file, uintptr_t mode, uintptr_t caller);
void *sc_dlwatch_opened(void *handle, uintptr_t a, uintptr_t b, uintptr_t c);
int sc_dlwatch_dlsym_enter(void *handle, const char *name, const char *version, uintptr_t caller);
void *sc_dlwatch_dlsym_leave(void *address, void *handle, const char *name, const char *unused);
void *sc_dlwatch_dlvsym_leave(void *address, void *handle, const char *name, const char *version);
int sc_dlwatch_dlclose_enter(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t caller);
uintptr_t sc_dlwatch_dlclose_leave(uintptr_t result, uintptr_t a, uintptr_t b, uintptr_t c);

static void note_mode(uintptr_t mode)
{
	if (mode & RTLD_DEEPBIND)
		__atomic_store_n(&sc_modules.deepbind, true, __ATOMIC_RELAXED);
}

int sc_dlwatch_dlopen_enter(const char *file, uintptr_t mode, uintptr_t unused, uintptr_t caller)
{
	(void)unused;
	note_mode(mode);
	update(); /* what came by itself since (NSS, iconv), or behind an open that was jumped to */
	return caller_cannot_matter(file, caller) && !caller_elsewhere(caller);
}

int sc_dlwatch_dlmopen_enter(uintptr_t space, const char *file, uintptr_t mode, uintptr_t caller)
{
	(void)space;
	note_mode(mode);
	update();
	return caller_cannot_matter(file, caller) && !caller_elsewhere(caller);
}

void *sc_dlwatch_opened(void *handle, uintptr_t a, uintptr_t b, uintptr_t c)
{
	(void)a;
	(void)b;
	(void)c;
	if (handle)
		update();
	return handle;
}

int sc_dlwatch_dlsym_enter(void *handle, const char *name, const char *version, uintptr_t caller)
{
	const struct sc_module *module;
	(void)name;
	(void)version;

	if (handle == RTLD_NEXT)
		return 0; /* an interposer wants the original, and is known by its address */
	if (handle != RTLD_DEFAULT)
		return 1;
	/* The search starts with the caller's scope; a module of the start has the global one, as we have. */
	module = sc_modules_at(caller);
	return module && (module->flags & SC_MODULE_STARTUP);
}

struct lookup {
	uintptr_t address, stub;
	const char *name, *version;
};

/* With ld.so's lock. */
static void look_up_locked(void *argument)
{
	struct lookup *lookup = argument;

	if (!take_now())
		return;
	lookup->stub = sc_activate_stub_of(lookup->address);
	if (!lookup->stub) {
		take_in_all(); /* the engine reads all modules of the list */
		lookup->stub = sc_activate_stub_of(lookup->address);
	}
	if (!lookup->stub)
		lookup->stub = sc_generate_symbol(lookup->address, lookup->name, lookup->version);
	sc_dl_give();
}

static void *looked_up(void *address, const char *name, const char *version)
{
	struct lookup lookup = { .address = (uintptr_t)address, .name = name, .version = version };
	int saved = errno;

	if (address && name)
		sc_loader_locked(look_up_locked, &lookup);
	errno = saved;
	return lookup.stub ? (void *)lookup.stub : address;
}

void *sc_dlwatch_dlsym_leave(void *address, void *handle, const char *name, const char *unused)
{
	(void)handle;
	(void)unused;
	return looked_up(address, name, NULL);
}

void *sc_dlwatch_dlvsym_leave(void *address, void *handle, const char *name, const char *version)
{
	(void)handle;
	return looked_up(address, name, version);
}

int sc_dlwatch_dlclose_enter(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t caller)
{
	(void)a;
	(void)b;
	(void)c;
	(void)caller;
	return 1;
}

uintptr_t sc_dlwatch_dlclose_leave(uintptr_t result, uintptr_t a, uintptr_t b, uintptr_t c)
{
	(void)a;
	(void)b;
	(void)c;
	if (result == 0) /* else dlerror has something to say */
		update();
	return result;
}
