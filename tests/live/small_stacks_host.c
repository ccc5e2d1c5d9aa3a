/* SPDX-License-Identifier: MIT */
/*
 * Calls on stacks that have just room for them: 3 KiB for what needs next to nothing by itself, 8 KiB for what loads
 * libraries, in coroutines, in threads of PTHREAD_STACK_MIN, and in signal handlers on the smallest alternate stack.
 * Below each nothing is mapped. Everything is bound at the start: ld.so would take more.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

#define SMALL ((size_t)3 << 10)
#define LARGE ((size_t)8 << 10)

/* Calls work() on the stack that ends at top. */
void on_stack(void (*work)(void), void *top);
__asm__(".text\n"
	".type on_stack, @function\n"
	"on_stack:\n"
	"	.cfi_startproc\n"
	"	push %rbp\n"
	"	.cfi_def_cfa_offset 16\n"
	"	.cfi_offset %rbp, -16\n"
	"	mov %rsp, %rbp\n"
	"	.cfi_def_cfa_register %rbp\n"
	"	mov %rsi, %rsp\n"
	"	call *%rdi\n"
	"	leave\n"
	"	.cfi_def_cfa %rsp, 8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size on_stack, . - on_stack\n");

static unsigned long sum;
static char text[64];
static struct stat status;

/* Many, so that whatever there is for calls has to be made anew on the way. */
static void call_mix(void)
{
	for (int i = 0; i < 20000; i++)
		sum += probe_mix(1);
}

static void call_libc(void)
{
	sum += getenv("NOBODY") == NULL;
	sum += open("/nonexistent/file", O_RDONLY) < 0;
	sum += stat("/", &status) == 0;
	sum += write(-1, text, sizeof(text)) < 0;
	sum += strtol("17", NULL, 10) == 17;
}

static void call_fork(void)
{
	int ended = -1;
	pid_t child = fork();

	if (child == 0) {
		sum += probe_mix(1);
		_exit(17);
	}
	sum += waitpid(child, &ended, 0) == child && WIFEXITED(ended) && WEXITSTATUS(ended) == 17;
}

/* Another library for each caller. */
static const char *library;

static void load(void)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	sum += handle != NULL;
	if (!handle)
		printf("%s\n", dlerror());
	sum += handle && dlsym(handle, "heavy_nothing") == NULL;
	sum += dlsym(RTLD_DEFAULT, "lrand48") != NULL;
}

static void run(void (*work)(void), size_t room)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (room + page - 1) / page * page + page;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	expect(memory != MAP_FAILED && mprotect(memory, page, PROT_NONE) == 0);
	on_stack(work, memory + page + room);
	munmap(memory, size);
}

static void run_all(const char *loaded)
{
	run(call_mix, SMALL);
	run(call_libc, SMALL);
	run(call_fork, SMALL);
	library = loaded;
	run(load, LARGE);
}

static void *in_thread(void *loaded)
{
	call_mix();
	call_libc();
	call_fork();
	library = loaded;
	load();
	return NULL;
}

static void handler(int signal)
{
	(void)signal;
	call_mix();
	call_libc();
}

static void run_in_handler(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), least = getauxval(AT_MINSIGSTKSZ);
	size_t size = (least > 2048 ? least : 2048) + SMALL, whole = (size + page - 1) / page * page;
	char *memory = mmap(NULL, page + whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = memory + page + whole - size, .ss_size = size }, none = { .ss_flags = SS_DISABLE };

	expect(memory != MAP_FAILED && mprotect(memory, page, PROT_NONE) == 0);
	expect(sigaltstack(&stack, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
	raise(SIGUSR1);
	expect(sigaltstack(&none, NULL) == 0);
}

int main(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	run_all(LIVE_LIBDIR "/libheavy1.so");
	pthread_attr_init(&attributes);
	expect(pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN) == 0);
	expect(pthread_create(&thread, &attributes, in_thread, (void *)LIVE_LIBDIR "/libheavy2.so") == 0);
	pthread_join(thread, NULL);
	run_in_handler();
	expect(sum == 60000 * probe_mix(1) + 3 * 5 + 2 * 1 + 2 * 3);
	return live_end("small stacks");
}
