/* SPDX-License-Identifier: MIT */
/*
 * Walks the stack from inside callbacks that were called through stubs, by backtrace(), by
 * _Unwind_Backtrace and, when a libunwind is there (unwinders.sh preloads one), by its unw_step, and prints
 * the functions it finds. The stubs' own frames, which belong to libstubcache.so, are left out: what
 * remains must be as without them.
 */
#define _GNU_SOURCE
#include "../live/live.h"
#include "../live/probe.h"
#include "frames.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

LIVE_MAIN_STATE;

#define DEPTH 64

/* What the walks find: exported (-rdynamic), so that dladdr knows them. */
#define found own_frame __attribute__((visibility("default")))

found void walk_backtrace(void);
found void walk_unwind(void);
found void walk_libunwind(void);
found long walk(void *closure);
found int walk_comparing(const void *left, const void *right);
found void walk_in_handler(int signo);
found long by_library(void *closure);
found void by_qsort(void);
found void by_bsearch(void);
found void by_signal(void);
found void by_everything(void);

/* The compiler would put libc's own inline version in its place. */
static void *(*volatile search)(const void *, const void *, size_t, size_t,
				int (*)(const void *, const void *)) = bsearch;

static int verbose;
static unsigned long walks;

static void print_frame(void *address)
{
	const char *slash;
	Dl_info info;

	/* One before: a call may be its function's last instruction. */
	if (!dladdr((char *)address - 1, &info) || !info.dli_fname) {
		if (verbose)
			printf(" ?");
		return;
	}
	slash = strrchr(info.dli_fname, '/');
	if (slash && !strncmp(slash, "/libstubcache", 13))
		return;
	if (!verbose)
		return;
	/* Inside libc the nearest exported name says little: it is enough that we were there. */
	if (slash && (!strncmp(slash, "/libc.so", 8) || !strncmp(slash, "/libunwind", 10) ||
		      !strncmp(slash, "/libgcc_s", 9)))
		printf(" %s", slash + 1);
	else
		printf(" %s", info.dli_sname ? info.dli_sname : "(static)");
}

found void walk_backtrace(void)
{
	void *addresses[DEPTH];
	int count = backtrace(addresses, DEPTH), i;

	for (i = 0; i < count; i++)
		print_frame(addresses[i]);
}

static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *count)
{
	if (++*(int *)count > DEPTH)
		return _URC_END_OF_STACK;
	print_frame((void *)_Unwind_GetIP(context));
	return _URC_NO_REASON;
}

found void walk_unwind(void)
{
	int count = 0;

	expect(_Unwind_Backtrace(note_frame, &count) == _URC_END_OF_STACK);
	keep_frame();
}

/* LLVM's libunwind and nongnu libunwind have the same interface under different names, with different sizes: the
 * larger ones are nongnu's. */
static struct libunwind {
	const char *names[4];
	int ip; /* the register number of the instruction pointer */
	int (*getcontext)(void *context);
	int (*init_local)(void *cursor, void *context);
	int (*get_reg)(void *cursor, int number, unsigned long *value);
	int (*step)(void *cursor);
} libunwinds[] = {
	{ .names = { "unw_getcontext", "unw_init_local", "unw_get_reg", "unw_step" }, .ip = -1 },
	{ .names = { "_Ux86_64_getcontext", "_ULx86_64_init_local", "_ULx86_64_get_reg", "_ULx86_64_step" },
	  .ip = 16 },
};

static struct libunwind *libunwind;

static bool find_libunwind(void)
{
	size_t i;

	for (i = 0; i < sizeof(libunwinds) / sizeof(libunwinds[0]); i++) {
		struct libunwind *l = &libunwinds[i];

		l->getcontext = (int (*)(void *))dlsym(RTLD_DEFAULT, l->names[0]);
		l->init_local = (int (*)(void *, void *))dlsym(RTLD_DEFAULT, l->names[1]);
		l->get_reg = (int (*)(void *, int, unsigned long *))dlsym(RTLD_DEFAULT, l->names[2]);
		l->step = (int (*)(void *))dlsym(RTLD_DEFAULT, l->names[3]);
		if (l->getcontext && l->init_local && l->get_reg && l->step)
			libunwind = l;
	}
	return libunwind;
}

found void walk_libunwind(void)
{
	unsigned long context[256], cursor[256], address;
	int count = 0, result;

	expect(libunwind->getcontext(context) == 0);
	expect(libunwind->init_local(cursor, context) == 0);
	do {
		expect(libunwind->get_reg(cursor, libunwind->ip, &address) == 0);
		print_frame((void *)address);
	} while (++count < DEPTH && (result = libunwind->step(cursor)) > 0);
	expect(result == 0);
}

static void (*const walk_functions[])(void) = {
	walk_backtrace,
	walk_unwind,
	walk_libunwind,
};

static int selected;

found long walk(void *closure)
{
	(void)closure;
	walks++;
	walk_functions[selected]();
	keep_frame();
	return 0;
}

found int walk_comparing(const void *left, const void *right)
{
	walk(NULL);
	keep_frame();
	return *(const int *)left - *(const int *)right;
}

found void walk_in_handler(int signo)
{
	(void)signo;
	walk(NULL);
	keep_frame();
}

found long by_library(void *closure)
{
	long result = probe_call_deep(walk, closure);

	keep_frame();
	return result;
}

found void by_qsort(void)
{
	int numbers[] = { 2, 1 };

	qsort(numbers, 2, sizeof(numbers[0]), walk_comparing);
	keep_frame();
}

found void by_bsearch(void)
{
	int numbers[] = { 1 }, key = 1;

	expect(search(&key, numbers, 1, sizeof(numbers[0]), walk_comparing));
	keep_frame();
}

found void by_signal(void)
{
	expect(signal(SIGUSR1, walk_in_handler) != SIG_ERR);
	expect(probe_raise(SIGUSR1) == 0);
	keep_frame();
}

found void by_everything(void)
{
	probe_call(by_library, NULL);
	keep_frame();
}

int main(void)
{
	const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{ "qsort", by_qsort },
		{ "bsearch", by_bsearch },
		{ "signal", by_signal },
		{ "libraries", by_everything },
	};
	int kinds = find_libunwind() ? 3 : 2, round;
	size_t i;

	for (selected = 0; selected < kinds; selected++) {
		for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
			verbose = 1;
			printf("%d, %s:", selected, ways[i].name);
			ways[i].run();
			printf("\n");
			verbose = 0;
			for (round = 0; round < 200; round++)
				ways[i].run();
		}
	}
	printf("walks: %lu\n", walks);
	return live_end("unwind");
}
