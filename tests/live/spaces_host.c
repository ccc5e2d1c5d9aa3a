/* SPDX-License-Identifier: MIT */
/*
 * Namespaces of dlmopen: what libraries in them answer and call, opened and closed again and again, several at once, on
 * several threads, before main, and looking up and loading inside.
 *   spaces_host			all of it
 *   spaces_host calls CALLS [HOW]	calls probe_mix CALLS times inside, half by name, and ends the process there
 *   spaces_host fork CALLS		forks inside: parent and child call it CALLS times each
 *   spaces_host threads		four threads, 30 namespaces each, 100 calls in each
 *   spaces_host unseen			calls it 400 times, half of them in namespaces that come and go unseen
 * It has always been called 10 times before main.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

LIVE_MAIN_STATE;

#define OPEN 6
#define LOOPS 30
#define THREADS 4

static const char library[] = LIVE_LIBDIR "/libspace.so";
static const char plugin[] = LIVE_LIBDIR "/libplugin.so";

extern void *space_early;

static void *open_space(Lmid_t space, const char *path, int mode)
{
	void *handle = dlmopen(space, path, mode);

	if (!handle) {
		printf("%s\n", dlerror());
		exit(1);
	}
	return handle;
}

static unsigned long call(void *handle, const char *name, unsigned long argument)
{
	unsigned long (*function)(unsigned long) = (unsigned long (*)(unsigned long))dlsym(handle, name);

	expect(function);
	return function ? function(argument) : 0;
}

static int call_int(void *handle, const char *name, int argument)
{
	int (*function)(int) = (int (*)(int))dlsym(handle, name);

	expect(function);
	return function ? function(argument) : -1;
}

static unsigned long look_up(void *handle, unsigned long calls)
{
	unsigned long (*function)(const char *, unsigned long) =
		(unsigned long (*)(const char *, unsigned long))dlsym(handle, "space_look_up");

	expect(function);
	return function ? function(plugin, calls) : 0;
}

static void one_after_the_other(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < LOOPS; i++) {
		void *handle = open_space(LM_ID_NEWLM, i % 2 ? library : plugin, i % 3 ? RTLD_NOW : RTLD_LAZY);

		if (i % 2) {
			sum += call(handle, "space_run", 100) + (unsigned long)call_int(handle, "space_libc", i);
			expect(call_int(handle, "space_runs", 0) == 1);
		} else {
			sum += call(handle, "plugin_run", (unsigned long)i);
		}
		expect(dlclose(handle) == 0);
	}
	printf("one after the other: %lu\n", sum);
}

static void at_once(void)
{
	void *handles[OPEN];
	unsigned long sum = 0;
	int i;

	for (i = 0; i < OPEN; i++)
		handles[i] = open_space(LM_ID_NEWLM, library, RTLD_LAZY);
	for (i = 0; i < OPEN * 3; i++)
		sum += call(handles[i % OPEN], "space_run", (unsigned long)i) +
		       (unsigned long)call_int(handles[i % OPEN], "space_libc", i);
	for (i = 0; i < OPEN; i++) {
		expect(call_int(handles[i], "space_runs", 0) == 3);
		sum += look_up(handles[i], 20);
	}
	for (i = 0; i < OPEN; i++)
		expect(dlclose(handles[(i * 5 + 3) % OPEN]) == 0);
	printf("at once: %lu\n", sum);
}

/* A second library into a namespace that is there; the first one goes first. */
static void joined(void)
{
	void *first = open_space(LM_ID_NEWLM, library, RTLD_LAZY), *second;
	unsigned long sum;
	Lmid_t space = LM_ID_BASE;

	expect(dlinfo(first, RTLD_DI_LMID, &space) == 0 && space != LM_ID_BASE);
	second = open_space(space, plugin, RTLD_NOW);
	sum = call(first, "space_run", 10) + call(second, "plugin_run", 3);
	expect(dlclose(first) == 0);
	sum += call(second, "plugin_run", 4);
	expect(dlclose(second) == 0);
	printf("joined: %lu\n", sum);
}

/* Closed by a dlclose that nobody sees, and opened again at the same place, while another namespace stays. */
static void closed_unseen(void)
{
	int (*unseen)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "dlclose");
	unsigned long sum = 0;
	int i;

	expect(unseen);
	for (i = 0; unseen && i < 10; i++) {
		void *handle = open_space(LM_ID_NEWLM, library, i % 2 ? RTLD_NOW : RTLD_LAZY);

		sum += call(handle, "space_run", 20) + call(space_early, "space_run", 20);
		expect(unseen(handle) == 0);
	}
	printf("closed unseen: %lu\n", sum);
}

/* What went wrong in one namespace is not told in another; the program's own libraries are opened as ever. */
static void errors(void)
{
	void *handle = open_space(LM_ID_NEWLM, library, RTLD_NOW);

	expect(!dlopen("/nonexistent/outside.so", RTLD_NOW));
	expect(dlerror() && !dlerror());
	expect(!dlmopen(LM_ID_NEWLM, "/nonexistent/other.so", RTLD_NOW));
	printf("dlerror: %s\n", dlerror());
	expect(!dlsym(handle, "no_such_function") && dlerror());
	expect(look_up(handle, 1) != 0 && !dlerror());
	expect(dlmopen(LM_ID_BASE, plugin, RTLD_NOW) == dlopen(plugin, RTLD_NOW));
	expect(dlclose(handle) == 0);
}

static void *loop(void *argument)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < LOOPS; i++) {
		void *handle = open_space(LM_ID_NEWLM, library, (i + (int)(long)argument) % 2 ? RTLD_NOW : RTLD_LAZY);

		sum += call(handle, "space_run", 100) + (unsigned long)call_int(handle, "space_libc", 2);
		expect(dlclose(handle) == 0);
	}
	return (void *)sum;
}

static void from_threads(void)
{
	pthread_t threads[THREADS];
	unsigned long sum = 0;
	void *result;
	long i;

	for (i = 0; i < THREADS; i++)
		expect(pthread_create(&threads[i], NULL, loop, (void *)i) == 0);
	for (i = 0; i < THREADS; i++) {
		expect(pthread_join(threads[i], &result) == 0);
		sum += (unsigned long)result;
	}
	printf("threads: %lu\n", sum);
}

static void end_inside(const char *how)
{
	void (*end)(const char *) = (void (*)(const char *))dlsym(space_early, "space_end");

	expect(end);
	fflush(stdout);
	if (end)
		end(how);
}

static void all(void)
{
	one_after_the_other();
	at_once();
	joined();
	closed_unseen();
	errors();
	printf("thread inside: %lu\n", call(space_early, "space_thread", 50));
	printf("sees itself: %d\n", call_int(space_early, "space_sees_itself", 1));
	printf("fork inside: %lu\n", call(space_early, "space_fork", 50));
	from_threads();
}

int main(int argc, char **argv)
{
	unsigned long calls = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	expect(space_early && call_int(space_early, "space_runs", 0) == 1);
	if (argc < 2)
		all();
	else if (!strcmp(argv[1], "threads"))
		from_threads();
	else if (!strcmp(argv[1], "unseen"))
		closed_unseen();
	else if (!strcmp(argv[1], "fork"))
		expect(call(space_early, "space_fork", calls) == 7);
	else
		printf("calls: %lu\n", call(space_early, "space_run", calls / 2) +
					       call(space_early, "space_by_name", calls - calls / 2));
	if (argc > 3)
		end_inside(argv[3]);
	return live_end("spaces");
}
