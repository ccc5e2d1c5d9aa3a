/* SPDX-License-Identifier: MIT */
/*
 * dlopen, dlsym, dlvsym, dlclose and dlmopen in loops: what they answer, what the opened module's
 * constructor, functions, data pointers and destructor do, and that a closed module can be opened
 * again at whatever address. LIVE_LIBDIR is the directory of libplugin.so and libversions.so.
 */
#define _GNU_SOURCE
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

LIVE_MAIN_STATE;

#ifndef LIVE_LIBDIR
#error "LIVE_LIBDIR must name the directory of the test libraries"
#endif

static const char plugin_path[] = LIVE_LIBDIR "/libplugin.so";
static const char versions_path[] = LIVE_LIBDIR "/libversions.so";

static unsigned long use_plugin(void *handle, unsigned long x)
{
	unsigned long (*run)(unsigned long) = (unsigned long (*)(unsigned long))dlsym(handle, "plugin_run");
	unsigned long (**pointers)(unsigned long) = dlsym(handle, "plugin_pointers");
	long *constructed = dlsym(handle, "plugin_constructed");

	expect(run && pointers && constructed);
	if (!run || !pointers || !constructed)
		return 0;
	return run(x) + pointers[0](x) + pointers[1](x) + (unsigned long)*constructed;
}

static void open_and_close(void)
{
	unsigned long sum = 0, i;
	long destroyed = 0;

	for (i = 0; i < 300; i++) {
		void *handle = dlopen(plugin_path, i % 2 ? RTLD_NOW : RTLD_LAZY);
		long **report = handle ? dlsym(handle, "plugin_report") : NULL;

		expect(handle && report);
		if (!handle || !report) {
			printf("%s\n", dlerror());
			return;
		}
		*report = &destroyed;
		sum += use_plugin(handle, i);
		expect(dlclose(handle) == 0);
		expect(!dlopen(plugin_path, RTLD_LAZY | RTLD_NOLOAD));
	}
	printf("open and close: %lu, destructors %ld\n", sum, destroyed);
}

static void many_handles(void)
{
	void *handles[10];
	unsigned long sum = 0, i;

	for (i = 0; i < 10; i++)
		handles[i] = dlopen(plugin_path, RTLD_LAZY | RTLD_GLOBAL);
	for (i = 0; i < 10; i++) {
		expect(handles[i] == handles[0]);
		sum += use_plugin(handles[i], i);
		expect(dlclose(handles[i]) == 0);
	}
	printf("many handles: %lu\n", sum);
}

static void namespaces(void)
{
	unsigned long sum = 0, i;
	Lmid_t id;

	/* Each namespace has a libc and a libprobe of its own. */
	for (i = 0; i < 5; i++) {
		void *handle = dlmopen(LM_ID_NEWLM, plugin_path, RTLD_NOW);

		expect(handle);
		if (!handle) {
			printf("%s\n", dlerror());
			continue;
		}
		expect(dlinfo(handle, RTLD_DI_LMID, &id) == 0 && id != LM_ID_BASE);
		sum += use_plugin(handle, i);
		expect(dlclose(handle) == 0);
	}
	printf("namespaces: %lu\n", sum);
}

/* As libc unloads its own (iconv, NSS): by a dlclose that nobody sees. */
static void closed_unseen(void)
{
	int (*unseen)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "dlclose");
	void *plugin = dlopen(plugin_path, RTLD_LAZY), *versions = dlopen(versions_path, RTLD_LAZY);

	expect(unseen && plugin && versions);
	if (!unseen || !plugin || !versions)
		return;
	expect(unseen(plugin) == 0 && !dlopen(plugin_path, RTLD_LAZY | RTLD_NOLOAD));
	plugin = dlopen(plugin_path, RTLD_LAZY);
	expect(plugin && unseen(plugin) == 0);
	expect(dlsym(versions, "versions_which"));
	expect(dlclose(versions) == 0);
}

static void names(void)
{
	void *self = dlopen(NULL, RTLD_LAZY), *versions = dlopen(versions_path, RTLD_NOW);
	unsigned long (*mix)(unsigned long);
	int (*which)(int);
	Dl_info information;
	unsigned long sum = 0, i;

	expect(self && versions);
	for (i = 0; i < 1000; i++) {
		mix = (unsigned long (*)(unsigned long))dlsym(i % 2 ? self : RTLD_DEFAULT, "probe_mix");
		expect(mix);
		sum += mix ? mix(i) : 0;
	}
	printf("dlsym: %lu\n", sum);
	which = versions ? (int (*)(int))dlvsym(versions, "versions_which", "VERSIONS_1") : NULL;
	printf("dlvsym: %d", which ? which(1) : -1);
	which = versions ? (int (*)(int))dlvsym(versions, "versions_which", "VERSIONS_2") : NULL;
	printf(" %d\n", which ? which(1) : -1);
	expect(!dlsym(RTLD_DEFAULT, "no_such_function"));
	printf("dlerror: %s\n", strstr(dlerror(), "no_such_function") ? "names it" : "does not name it");
	expect(!dlerror());
	expect(!dlopen("/nonexistent/lib.so", RTLD_NOW));
	printf("dlerror: %s\n", dlerror());
	/* What an interposer asks for: the next definition after this object. */
	mix = (unsigned long (*)(unsigned long))dlsym(RTLD_NEXT, "probe_mix");
	expect(mix && dladdr((void *)mix, &information) && strstr(information.dli_fname, "libprobe"));
	expect(dladdr((void *)names, &information));
	expect(versions && dlclose(versions) == 0);
	expect(self && dlclose(self) == 0);
}

static int count_module(struct dl_phdr_info *info, size_t size, void *count)
{
	(void)info;
	(void)size;
	++*(int *)count;
	return 0;
}

static void *open_in_thread(void *argument)
{
	unsigned long sum = 0, i;
	int modules;

	for (i = 0; i < 50; i++) {
		void *handle = dlopen(plugin_path, RTLD_NOW);

		sum += use_plugin(handle, i + (unsigned long)argument);
		modules = 0;
		dl_iterate_phdr(count_module, &modules);
		expect(modules > 2);
		expect(dlclose(handle) == 0);
	}
	return (void *)sum;
}

static void from_threads(void)
{
	pthread_t threads[4];
	unsigned long sum = 0, i;
	void *result;

	for (i = 0; i < 4; i++)
		expect(pthread_create(&threads[i], NULL, open_in_thread, (void *)i) == 0);
	for (i = 0; i < 4; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		sum += (unsigned long)result;
	}
	printf("threads: %lu\n", sum);
}

int main(void)
{
	expect(probe_mix(0) == 0);
	open_and_close();
	many_handles();
	namespaces();
	closed_unseen();
	names();
	from_threads();
	return live_end("dlopen");
}
