/* SPDX-License-Identifier: MIT */
/*
 * What step_signals single-steps and sends signals to: in each window, between two int3 instructions, one intercepted
 * call made by step_outer, then caller_a, then caller_b. What the call and the handler see must be as if nothing had
 * happened in between. Dies of the first int3 unless it is traced.
 *
 * step_signals_host HANDLER [threads]
 *	unwind	 the handler looks for the callers. Not by LLVM's libunwind: version 14 takes the rules of the instruction
 *		 before the one that was interrupted, in any code. nongnu libunwind before 1.7 need not be right behind
 *		 frame stubs (unwinders.sh)
 *	calls	 it makes intercepted calls, of the interrupted function and of others
 *	jumps	 the same, and then it leaves for the end of the window
 *	threads: each window is on a new thread, so that all that a thread's first call makes is stepped through
 *
 * Says how often it called what: "calls FUNCTION AT_LEAST AT_MOST". Calls that were left need not have been counted.
 */
#include "../live/probe.h"
#include "../live/registers.h"
#include "frames.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#define COMPLAINTS 20
#define SHOWN 8
#define GROWTH_MOST 256 /* KiB, of the second round */
#define ERRNO 77

enum function { MIX, ODD, CALL, ERROR, REGISTERS, GETENV, FUNCTIONS };

static const char *const names[] = { "probe_mix",   "probe_mix_odd",   "probe_call",
				     "probe_errno", "registers_probe", "getenv" };

static volatile unsigned long made[FUNCTIONS];
static unsigned long windows;
static volatile int wrong;
static bool unwinds, jumps;
static sigjmp_buf end_of_window;
static char *heap;
static int level;

#define expect(condition)                                                                                          \
	do {                                                                                                       \
		if (!(condition) && wrong++ < COMPLAINTS)                                                          \
			printf("wrong: window %lu, %s:%d: %s\n", windows, __FILE__, __LINE__, #condition);         \
	} while (0)

/* ---- the calls ---- */

static unsigned long mix(unsigned long x)
{
	made[MIX]++;
	return probe_mix(x);
}

static long back(void *closure)
{
	return (long)mix((unsigned long)closure) & 0xff;
}

static void call_mix(unsigned long n)
{
	unsigned long x = mix(n);

	made[ODD]++;
	made[MIX]++; /* which calls it */
	expect(probe_mix_odd(n) == (x ^ 1));
}

static void call_back(unsigned long n)
{
	made[CALL]++;
	expect(probe_call(back, (void *)n) == ((long)mix(n) & 0xff) + 1);
}

static void call_errno(unsigned long n)
{
	made[ERROR]++;
	expect(probe_errno((int)(n % 100) + 1, 5) == 5 && errno == (int)(n % 100) + 1);
	errno = ERRNO;
}

static void call_getenv(unsigned long n)
{
	made[GETENV]++;
	heap[0] = (char)('A' + n % 26);
	expect(!getenv(heap));
}

static void fill(struct registers *r, unsigned long n)
{
	unsigned char *bytes = (unsigned char *)r;

	for (size_t i = 0; i < sizeof(*r); i++)
		bytes[i] = (unsigned char)((n + i) * 0x9e3779b1u >> 13);
	r->mxcsr = 0x1f80 | (uint32_t)(n & 3) << 13;
	r->fpucw = (uint16_t)(0x037f | (n >> 2 & 3) << 10);
	r->st0[7] |= 0x80; /* numbers that the x87 carries unchanged */
	r->st1[7] |= 0x80;
	r->st0[9] &= 0x3f;
	r->st1[9] &= 0x3f;
}

static struct registers in, out;

static void prepare_registers(unsigned long n)
{
	fill(&in, n);
	fill(registers_to_return(), n + 1);
	memset(&out, 0, sizeof(out));
}

static void call_registers(unsigned long n)
{
	(void)n;
	made[REGISTERS]++;
	registers_call(&in, &out, level);
}

static void check_registers(void)
{
	const struct registers *seen = registers_seen(), *give = registers_to_return();
	size_t width = 16u << level;

	expect(memcmp(&in, seen, offsetof(struct registers, r10)) == 0); /* rdi to rax */
	expect(in.rbp == seen->rbp && in.r12 == seen->r12 && in.r13 == seen->r13 && in.r14 == seen->r14);
	expect(in.r15 == seen->r15);
	expect(in.mxcsr == seen->mxcsr && in.fpucw == seen->fpucw);
	expect(memcmp(in.stack, seen->stack, sizeof(in.stack)) == 0);
	for (int i = 0; i < 8; i++)
		expect(memcmp(in.vectors[i], seen->vectors[i], width) == 0);
	expect(out.rax == give->rax && out.rdx == give->rdx && out.rbx == in.rbx && out.rbp == in.rbp);
	expect(out.r12 == in.r12 && out.r13 == in.r13 && out.r14 == in.r14 && out.r15 == in.r15);
	expect(out.mxcsr == in.mxcsr && out.fpucw == in.fpucw);
	expect(memcmp(out.vectors[0], give->vectors[0], width) == 0 && memcmp(out.vectors[1], give->vectors[1], width) == 0);
	expect(memcmp(out.st0, give->st0, 10) == 0 && memcmp(out.st1, give->st1, 10) == 0);
}

static const struct kind {
	void (*call)(unsigned long n);
	void (*prepare)(unsigned long n);
	void (*check)(void); /* unless the call was left */
} kinds[] = {
	{ .call = call_mix },
	{ .call = call_back },
	{ .call = call_errno },
	{ .call = call_getenv },
	{ .call = call_registers, .prepare = prepare_registers, .check = check_registers },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- windows ---- */

static uint64_t flags_now(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq\n\tpop %0" : "=r"(flags));
	return flags;
}

/* Of the thread, what a call must leave alone. */
struct around {
	sigset_t mask;
	uint32_t mxcsr;
	uint16_t fpucw;
};

static struct around look(void)
{
	struct around around;

	memset(&around, 0, sizeof(around));
	pthread_sigmask(SIG_SETMASK, NULL, &around.mask);
	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(around.mxcsr), "=m"(around.fpucw));
	return around;
}

/* Whether it was the last window of its kind. */
static own_frame bool caller_b(unsigned kind, unsigned long n)
{
	struct around before = look(), after;
	volatile long last = 0;

	if (kinds[kind].prepare)
		kinds[kind].prepare(n);
	errno = ERRNO;
	if (!sigsetjmp(end_of_window, 1)) {
		long ignored;

		__asm__ volatile("int3" : "=a"(ignored) : : "memory");
		kinds[kind].call(n);
	}
	{
		long answer = 0;

		__asm__ volatile("int3" : "+a"(answer) : : "memory");
		last = answer;
	}
	if (kinds[kind].check && !jumps)
		kinds[kind].check();
	expect(errno == ERRNO);
	expect(!(flags_now() & 0x400));
	after = look();
	if (jumps) /* siglongjmp leaves the floating-point environment as it is */
		after.mxcsr = before.mxcsr;
	expect(memcmp(&before.mask, &after.mask, sizeof(sigset_t)) == 0);
	expect(before.mxcsr == after.mxcsr);
	__asm__ volatile("ldmxcsr %0\n\tfninit\n\tfldcw %1" : : "m"(before.mxcsr), "m"(before.fpucw));
	keep_frame();
	return last == 1;
}

static own_frame bool caller_a(unsigned kind, unsigned long n)
{
	bool last = caller_b(kind, n);

	keep_frame();
	return last;
}

static own_frame bool step_outer(unsigned kind)
{
	bool last = caller_a(kind, windows++);

	keep_frame();
	return last;
}

static void *step_outer_thread(void *kind)
{
	return (void *)(long)step_outer((unsigned)(unsigned long)kind);
}

/* ---- the handler ---- */

static struct unwinder {
	const char *library, *name;
	_Unwind_Reason_Code (*backtrace)(_Unwind_Trace_Fn function, void *context);
	uintptr_t (*ip)(struct _Unwind_Context *context);
	unsigned long right, wrong;
	bool must;
} unwinders[] = {
	{ .library = "libgcc_s.so.1", .name = "libgcc", .must = true },
	{ .library = "libunwind.so.8", .name = "nongnu" },
};
#define UNWINDERS (sizeof(unwinders) / sizeof(unwinders[0]))

struct walk {
	const struct unwinder *by;
	unsigned found, depth;
	uintptr_t ips[64];
};

static _Unwind_Reason_Code look_at(struct _Unwind_Context *context, void *argument)
{
	static const uintptr_t callers[] = { (uintptr_t)caller_b, (uintptr_t)caller_a, (uintptr_t)step_outer };
	struct walk *walk = argument;
	uintptr_t ip = walk->by->ip(context);

	if (walk->depth < 64)
		walk->ips[walk->depth] = ip;
	if (++walk->depth > 200)
		return _URC_END_OF_STACK;
	/* The first that was found must be followed by the others. */
	if ((uintptr_t)_Unwind_FindEnclosingFunction((void *)(ip - 1)) == callers[walk->found])
		walk->found++;
	else if (walk->found)
		return _URC_END_OF_STACK;
	return walk->found == 3 ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static void unwind(void)
{
	for (size_t i = 0; i < UNWINDERS; i++) {
		struct unwinder *by = &unwinders[i];
		struct walk walk = { .by = by };

		if (!by->backtrace)
			continue;
		by->backtrace(look_at, &walk);
		by->right += walk.found == 3;
		by->wrong += walk.found != 3;
		if (walk.found == 3 || !by->must || wrong++ > COMPLAINTS)
			continue;
		printf("wrong callers by %s in window %lu:", by->name, windows);
		for (unsigned k = 0; k < walk.depth && k < SHOWN; k++) {
			Dl_info info = { 0 };

			dladdr((void *)walk.ips[k], &info);
			printf(" %s+%#lx(%s)", info.dli_fname && strrchr(info.dli_fname, '/') ? strrchr(info.dli_fname, '/') + 1 : "?",
			       walk.ips[k] - (uintptr_t)info.dli_fbase, info.dli_sname ? info.dli_sname : "?");
		}
		printf("\n");
	}
}

static void make_calls(void)
{
	static unsigned long n;

	n++;
	call_mix(n);
	call_back(n);
	call_errno(n);
	call_mix(n + 1);
	call_getenv(n);
}

static void on_signal(int signo)
{
	int saved = errno;

	(void)signo;
	if (unwinds)
		unwind();
	else
		make_calls();
	errno = saved;
	if (jumps) {
		errno = ERRNO;
		siglongjmp(end_of_window, 1);
	}
	__asm__ volatile("int3" ::: "memory");
}

/* ---- the whole ---- */

static bool window(unsigned kind, bool threads)
{
	pthread_t thread;
	void *last = NULL;

	if (!threads)
		return step_outer(kind);
	if (pthread_create(&thread, NULL, step_outer_thread, (void *)(unsigned long)kind) || pthread_join(thread, &last))
		exit(1);
	return last;
}

/* KiB of private memory. */
static long memory(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long size = 0;

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "VmData: %ld", &size);
	if (status)
		fclose(status);
	return size;
}

static void load_unwinders(void)
{
	for (size_t i = 0; i < UNWINDERS; i++) {
		void *library = dlopen(unwinders[i].library, RTLD_NOW | RTLD_LOCAL);

		if (!library)
			continue;
		unwinders[i].backtrace = (_Unwind_Reason_Code (*)(_Unwind_Trace_Fn, void *))dlsym(library, "_Unwind_Backtrace");
		unwinders[i].ip = (uintptr_t (*)(struct _Unwind_Context *))dlsym(library, "_Unwind_GetIP");
	}
}

static void print_calls(void)
{
	for (unsigned i = 0; i < FUNCTIONS; i++)
		printf("calls %s %lu %lu\n", names[i], jumps && made[i] > windows ? made[i] - windows : jumps ? 0 : made[i], made[i]);
	for (size_t i = 0; i < UNWINDERS && unwinds; i++)
		printf("%s: %lu right, %lu wrong\n", unwinders[i].name, unwinders[i].right, unwinders[i].wrong);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	bool threads = argc > 2;
	long before = 0;

	unwinds = argc > 1 && strcmp(argv[1], "unwind") == 0;
	jumps = argc > 1 && strcmp(argv[1], "jumps") == 0;
	__builtin_cpu_init();
	level = __builtin_cpu_supports("avx512f") ? 2 : __builtin_cpu_supports("avx") ? 1 : 0;
	registers_set_level(level);
	heap = strdup("?NOT_IN_THE_ENVIRONMENT");
	load_unwinders();
	sigaction(SIGUSR1, &action, NULL);
	/* What only a process's first calls do, such as asking libunwind, is done once, and with signals blocked. */
	for (unsigned kind = 0; kind < KINDS && !threads; kind++)
		kinds[kind].call(0);
	for (int round = 0; round < (jumps ? 2 : 1); round++) {
		if (round)
			before = memory();
		for (unsigned kind = 0; kind < KINDS; kind++)
			while (!window(kind, threads) && wrong < COMPLAINTS)
				;
	}
	if (jumps) {
		long after = memory();

		printf("memory: %ld KiB more\n", after - before);
		expect(after - before <= GROWTH_MOST);
	}
	print_calls();
	printf("step_signals: %s\n", wrong ? "wrong" : "right");
	return wrong != 0;
}
