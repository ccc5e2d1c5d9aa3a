/* SPDX-License-Identifier: MIT */
/*
 * leaf_123 hooked, as a client: with argument "closure" by a closure that calls the original, else by an enter and a leave
 * that do nothing. Preloaded by itself it is the same by hand: a libffi closure, and ffi_call in it.
 */
#include <dlfcn.h>
#include <ffi.h>
#include <string.h>

#include <dr_api.h>
#include <stubcache.h>

#pragma weak stubcache_hook
#pragma weak stubcache_closure
#pragma weak stubcache_closure_original

static void (*original)(void), (*code)(void);

static void nothing(struct stubcache_call *call, void **args, void *user)
{
	(void)call;
	(void)args;
	(void)user;
}

static void nothing_after(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)ret;
	nothing(call, args, user);
}

static void pass_on(ffi_cif *cif, void *ret, void **args, void *user)
{
	(void)user;
	ffi_call(cif, original ? original : stubcache_closure_original(cif), ret, args);
}

DR_EXPORT void leaf_123(void);

DR_EXPORT void leaf_123(void)
{
	static ffi_cif cif;

	if (!code) {
		ffi_closure *closure = ffi_closure_alloc(sizeof(*closure), (void **)&code);

		original = (void (*)(void))dlsym(RTLD_NEXT, "leaf_123");
		ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL);
		ffi_prep_closure_loc(closure, &cif, pass_on, NULL, (void *)code);
	}
	code();
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	struct stubcache_hook hook = { sizeof(hook), "leaf_123@libleaf.so", "void f(void)", nothing, nothing_after, NULL };
	(void)id;

	if (argc > 1 && strcmp(argv[1], "closure") == 0)
		stubcache_closure(hook.targets, hook.prototype, pass_on, NULL);
	else
		stubcache_hook(&hook);
}
