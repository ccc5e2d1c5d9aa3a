// SPDX-License-Identifier: MIT
//
// Calls probe_mix on stacks of every shape, and writes for each the return addresses that libgcc finds, but for those in
// libstubcache.so: one line a call, as hexadecimal numbers, to the file that is its argument. tests/live/stacks.sh compares
// them with the record.

#include <alloca.h>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <ucontext.h>
#include <unistd.h>

#include "probe.h"

namespace {

FILE *expected;
bool preloaded;

bool is_ours(void *address)
{
	Dl_info info;

	return preloaded && dladdr(address, &info) && strstr(info.dli_fname, "libstubcache.so");
}

// Prints what the stack is but for this frame, and makes the call that is recorded.
__attribute__((noinline)) unsigned long check()
{
	void *frames[256];
	int count = backtrace(frames, 256);

	for (int i = 1; i < count; i++)
		if (!is_ours(frames[i]))
			fprintf(expected, "%lx ", (unsigned long)frames[i]);
	fputc('\n', expected);
	return probe_mix(1) | 1;
}

long from_callback(void *)
{
	return (long)(check() & 1);
}

long nested(void *)
{
	return probe_call(from_callback, nullptr) + 1;
}

int compare(const void *a, const void *b)
{
	check();
	return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

// Its frame begins where its stack pointer was aligned: the CFA is found through memory.
__attribute__((noinline)) unsigned long aligned(unsigned long x)
{
	alignas(128) volatile unsigned char buffer[256];

	buffer[x] = 1;
	return check() + buffer[x];
}

// The stack pointer is anywhere: the frame is found through rbp.
__attribute__((noinline)) unsigned long variable(size_t size)
{
	auto *memory = static_cast<volatile char *>(alloca(size));

	memory[0] = 1;
	return check() + (unsigned long)memory[0];
}

// Many registers are saved.
__attribute__((noinline)) unsigned long busy(unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	unsigned long e = a * b, f = c * d, sum = 0;

	for (int i = 0; i < 3; i++)
		sum += check() + a * e + b * f + c + d;
	return sum + e + f;
}

__attribute__((noinline)) unsigned long recurse(unsigned depth)
{
	return (depth ? recurse(depth - 1) : check()) + 1;
}

void on_signal(int)
{
	check();
}

void signals()
{
	struct sigaction action = {};
	stack_t stack = {};

	action.sa_handler = on_signal;
	sigaction(SIGUSR1, &action, nullptr);
	probe_raise(SIGUSR1);
	stack.ss_size = 65536;
	stack.ss_sp = malloc(stack.ss_size);
	sigaltstack(&stack, nullptr);
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR1, &action, nullptr);
	probe_raise(SIGUSR1);
}

long throws(void *)
{
	check();
	throw 42;
}

unsigned long exceptions()
{
	unsigned long caught = 0;

	for (int i = 0; i < 3; i++) {
		try {
			probe_call_deep(throws, nullptr);
		} catch (int value) {
			caught += (unsigned long)value;
		}
		check();
	}
	return caught;
}

ucontext_t main_context, other_context;

void coroutine()
{
	check();
	swapcontext(&other_context, &main_context);
	nested(nullptr);
}

void coroutines()
{
	static char stack[65536];

	getcontext(&other_context);
	other_context.uc_stack.ss_sp = stack;
	other_context.uc_stack.ss_size = sizeof(stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, coroutine, 0);
	swapcontext(&main_context, &other_context);
	check();
	swapcontext(&main_context, &other_context);
}

void *thread(void *)
{
	recurse(3);
	nested(nullptr);
	return nullptr;
}

} // namespace

int main(int argc, char **argv)
{
	int numbers[] = { 3, 1, 2 };
	pthread_t id;
	unsigned long caught;
	Dl_info info;

	preloaded = getenv("STUBCACHE") != nullptr;
	expected = argc > 1 ? fopen(argv[1], "w") : nullptr;
	if (!expected || !dladdr(reinterpret_cast<void *>(probe_mix), &info))
		return 2;
	check();
	nested(nullptr);
	qsort(numbers, 3, sizeof(int), compare);
	aligned(5);
	variable(1000);
	busy(1, 2, 3, 4);
	recurse(20);
	signals();
	caught = exceptions();
	coroutines();
	pthread_create(&id, nullptr, thread, nullptr);
	pthread_join(id, nullptr);
	fclose(expected);
	printf("%lu %d%d%d\n", caught, numbers[0], numbers[1], numbers[2]);
	return 0;
}
