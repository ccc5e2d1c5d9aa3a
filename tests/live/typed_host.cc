/* SPDX-License-Identifier: MIT */
/* The host of tests/live/typed.sh: prints what the hooked functions of typed_lib.cc give it. */
#include <cerrno>
#include <cfenv>
#include <csetjmp>
#include <cstdio>
#include <csignal>
#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern "C" {
extern std::jmp_buf typed_jump;
int typed_nested(int value);
long double typed_skipped();
int typed_errno(int value);
double typed_variadic(const char *kinds, double first, ...);
int typed_twice(int value);
int typed_outer(int value);
unsigned long typed_raw(unsigned long value, double);
int typed_throws(int value);
int typed_jumps(int value);
int typed_hooked();
int typed_waits(int out, int in);
int typed_interrupted(int value);
int typed_in_handler(int value);
int typed_by_rule(int value);
int typed_closed(int value);
int typed_closed_timed(int value);
}

static int thrown(int (*function)(int), int value)
{
	try {
		return function(value) + 1000;
	} catch (int what) {
		return what;
	}
}

static int jumped(int value)
{
	int r = setjmp(typed_jump);

	return r ? r : typed_jumps(value);
}

static void many_threads()
{
	std::vector<std::thread> threads;
	int wrong = 0;

	for (int t = 0; t < 8; t++)
		threads.emplace_back([&wrong, t] {
			for (int i = 0; i < 20000; i++)
				if (typed_twice(t + i) != 3 * (t + i) + 3 * (t + i + 1) || typed_closed(i) != i + 7)
					__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
		});
	for (std::thread &thread : threads)
		thread.join();
	std::printf("threads: %d wrong\n", wrong);
}

/* What both units have of the floating-point environment: rounding modes, and flags that were raised. */
static unsigned long environment()
{
	unsigned mxcsr;
	unsigned short control, status;

	__asm__ volatile("stmxcsr %0; fnstcw %1; fnstsw %2" : "=m"(mxcsr), "=m"(control), "=m"(status));
	return (mxcsr & 0x603ful) << 32 | (control & 0xc3ful) << 16 | (status & 0x3ful);
}

static int seen_in_handler;

static void handler(int)
{
	seen_in_handler = typed_in_handler(1);
}

static void *be_interrupted(void *above)
{
	struct sigaction action = {};
	stack_t stack = {};

	stack.ss_sp = above;
	stack.ss_size = 256 << 10;
	action.sa_handler = handler;
	action.sa_flags = SA_ONSTACK;
	if (sigaltstack(&stack, nullptr) == 0 && sigaction(SIGUSR1, &action, nullptr) == 0) {
		int value = typed_interrupted(1);

		std::printf("interrupted: %d %d, then %d\n", value, seen_in_handler, typed_in_handler(1));
	}
	return nullptr;
}

/* A handler's calls are not hooked while it interrupts a hook, wherever its stack is: here above that of the thread. */
static void interrupted()
{
	size_t size = 256 << 10;
	char *memory = static_cast<char *>(
		mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, memory, size);
	if (pthread_create(&thread, &attributes, be_interrupted, memory + size) == 0)
		pthread_join(thread, nullptr);
	munmap(memory, 2 * size);
}

/* A module that comes while a hook runs is attached when it has returned. */
static void load_while_a_hook_runs(const char *plugin)
{
	int to_client[2], from_client[2];
	char byte = 'x';

	if (pipe(to_client) != 0 || pipe(from_client) != 0)
		return;
	std::thread waiting([&] { typed_waits(from_client[1], to_client[0]); });
	if (read(from_client[0], &byte, 1) != 1)
		return;
	void *handle = dlopen(plugin, RTLD_NOW);
	auto call = reinterpret_cast<int (*)(int)>(dlsym(handle, "plugin_call"));
	std::printf("plugin: %d\n", call(5));
	if (write(to_client[1], &byte, 1) != 1)
		return;
	waiting.join();
	dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
	std::printf("plugin, then: %d\n", call(5));
}

/* A filter that forbids nothing. */
static void confine()
{
	sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	sock_fprog program = { 1, &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		std::perror("prctl");
}

int main(int argc, char **argv)
{
	if (argc > 2)
		confine();
	for (int round = 0; round < 2; round++) {
		std::printf("nested: %d\n", typed_nested(3));
		errno = 0;
		long double skipped = typed_skipped();
		std::printf("skipped: %Lg, %s\n", skipped, errno == EXDEV ? "EXDEV" : "another errno");
		errno = 5;
		std::fesetround(FE_DOWNWARD);
		std::feclearexcept(FE_ALL_EXCEPT);
		unsigned long before = environment();
		int value = typed_errno(5);
		unsigned long after = environment();
		std::fesetround(FE_TONEAREST);
		std::printf("errno: %d %d\n", value, errno);
		std::printf("environment: %lx\n", before ^ after);
		std::printf("variadic: %g\n", typed_variadic("idLidddddddddiiiiiii", 0.0, 1, 2.5, 3.25L, 4, 1.0, 1.0, 1.0, 1.0,
							     1.0, 1.0, 1.0, 1.0, 1.0, 1, 1, 1, 1, 1, 1, 1));
		std::printf("twice: %d\n", typed_twice(10));
		std::printf("outer: %d\n", typed_outer(10));
		std::printf("raw: %lu\n", typed_raw(10, 5.0));
		std::printf("thrown: %d %d\n", thrown(typed_throws, 21), thrown(typed_closed, -10));
		std::printf("jumped: %d\n", jumped(21));
		std::printf("by rule: %d\n", typed_by_rule(10));
		std::printf("closed: %d %d\n", typed_closed(1), typed_closed_timed(1));
	}
	many_threads();
	interrupted();
	typed_hooked();
	load_while_a_hook_runs(argv[1]);
}
