/* SPDX-License-Identifier: MIT */
/*
 * Ends through _exit in a signal handler on a small alternate stack, after a dlopen: what is left to do then
 * (the summary, merging what dlopen revealed) must not need that stack.
 */
#include "live.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

static void end(int signal)
{
	static const char last[] = "ends in the handler\n";

	(void)signal;
	_exit(write(1, last, sizeof(last) - 1) < 0 || live_failures);
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 2 * page + getauxval(AT_MINSIGSTKSZ) / page * page;
	char *memory = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sigaction action;
	stack_t stack;
	void *plugin;

	expect(memory != MAP_FAILED && mprotect(memory, page, PROT_NONE) == 0);
	memset(&stack, 0, sizeof(stack));
	stack.ss_sp = memory + page;
	stack.ss_size = size;
	expect(sigaltstack(&stack, NULL) == 0);
	memset(&action, 0, sizeof(action));
	action.sa_handler = end;
	action.sa_flags = SA_ONSTACK;
	expect(sigaction(SIGUSR1, &action, NULL) == 0);
	plugin = dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_LAZY);
	expect(plugin && dlsym(plugin, "plugin_run"));
	live_end("small stack");
	fflush(stdout);
	raise(SIGUSR1);
	return 1;
}
