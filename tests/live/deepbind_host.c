/* SPDX-License-Identifier: MIT */
/*
 * Libraries loaded with RTLD_DEEPBIND call their own definitions, and those of what they need, before the program's:
 * scope_answer is 1 in libscope1.so, which is loaded first and globally, and 2 in what libscope_user_linked.so needs.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>

LIVE_MAIN_STATE;

static int ask(const char *path, int mode)
{
	void *handle = dlopen(path, mode);
	int (*function)(void) = handle ? (int (*)(void))dlsym(handle, "scope_ask") : NULL;
	int answer = function ? function() * 10 + function() : -1;

	expect(function);
	if (handle)
		expect(dlclose(handle) == 0);
	return answer;
}

int main(void)
{
	static const char user[] = LIVE_LIBDIR "/libscope_user_linked.so", plugin[] = LIVE_LIBDIR "/libplugin.so";
	void *first = dlopen(LIVE_LIBDIR "/libscope1.so", RTLD_NOW | RTLD_GLOBAL), *handle;
	unsigned long (*run)(unsigned long);
	int i;

	expect(first);
	for (i = 0; i < 5; i++) {
		printf("lazy: %d", ask(user, RTLD_LAZY));
		printf(" now: %d", ask(user, RTLD_NOW));
		printf(" lazy, deep: %d", ask(user, RTLD_LAZY | RTLD_DEEPBIND));
		printf(" now, deep: %d", ask(user, RTLD_NOW | RTLD_DEEPBIND));
		printf(" deep and global: %d\n", ask(user, RTLD_NOW | RTLD_DEEPBIND | RTLD_GLOBAL));
	}
	for (i = 0; i < 5; i++) {
		handle = dlopen(plugin, RTLD_LAZY | RTLD_DEEPBIND);
		run = handle ? (unsigned long (*)(unsigned long))dlsym(handle, "plugin_run") : NULL;
		printf("plugin: %lu\n", run ? run((unsigned long)i) : 0);
		expect(handle && dlclose(handle) == 0);
	}
	return live_end("deepbind");
}
