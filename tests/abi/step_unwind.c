/* SPDX-License-Identifier: MIT */
/*
 * step_unwind PRELOAD PROGRAM: starts step_host with PRELOAD in LD_PRELOAD ('' for none), single-steps
 * it from one int3 to the next, and unwinds with libdw, as perf does, before each instruction that it has
 * not been at twice already: wherever execution stands, in a stub, on its slow path, on the way back or in
 * the intercepted function, the callers found must be caller_b, caller_a, step_outer, in this order.
 *
 * Not with libunwind-ptrace: until version 1.7 nongnu libunwind takes the CFA for the stack pointer even
 * where the FDE says otherwise, as that of the stub area has to.
 *
 * Prints how many instructions it has judged, and of those how many in mappings whose path holds
 * 'stubcache' or that of $STUBCACHE_DIR. Exit status: 0 right, 1 wrong, 77 when it may not trace.
 */
#define _GNU_SOURCE
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define VISITS 65536 /* a power of two, more than there are instructions to see */
#define DEPTH 64
#define COMPLAINTS 20

struct visit {
	unsigned long address;
	unsigned count;
	int caller; /* number of the host's function that it lies in, -1 for none */
};

struct mapping {
	unsigned long start, end;
};

static Dwfl *dwfl;
static struct visit visits[VISITS];
static struct mapping ours[64];
static size_t our_count;
static unsigned long judged, judged_ours, cut_short, wrong, steps;

static struct visit *visit_at(unsigned long address)
{
	size_t at = address * 0x9e3779b97f4a7c15ul >> 48 & (VISITS - 1);

	while (visits[at].address && visits[at].address != address)
		at = (at + 1) & (VISITS - 1);
	visits[at].address = address;
	return &visits[at];
}

/* Images are mapped from the cache, so their paths say where that is and not who we are. */
static void find_ours(pid_t child)
{
	const char *cache = getenv("STUBCACHE_DIR");
	char path[64], line[PATH_MAX + 128];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "r");
	our_count = 0;
	while (maps && fgets(line, sizeof(line), maps)) {
		struct mapping *m = &ours[our_count];

		if (!strstr(line, "libstubcache") && !(cache && strstr(line, cache)))
			continue;
		if (our_count < 64 && sscanf(line, "%lx-%lx", &m->start, &m->end) == 2)
			our_count++;
	}
	if (maps)
		fclose(maps);
}

static bool is_ours(unsigned long address)
{
	size_t i;

	for (i = 0; i < our_count; i++)
		if (address >= ours[i].start && address < ours[i].end)
			return true;
	return false;
}

static void complain(const unsigned long *addresses, const char *const *texts, int count)
{
	int i;

	if (++wrong > COMPLAINTS)
		return;
	printf("wrong callers at %#lx%s:", addresses[0], is_ours(addresses[0]) ? " (ours)" : "");
	for (i = 0; i < count; i++)
		printf(" %s%s[%#lx]", texts[i], is_ours(addresses[i]) ? "(ours)" : "", addresses[i]);
	printf(", then: %s\n", dwfl_errmsg(-1));
}

/* Where execution stands in the host: the innermost of its functions that has been entered and not left. It
 * is known from the steps themselves and is what the unwinder is judged by. */
static const char *const callers[] = { "caller_b", "caller_a", "step_outer" };
#define CALLERS 3
#define CALLER_A 1

static int caller_number(const char *name)
{
	int i;

	for (i = 0; i < CALLERS; i++)
		if (!strcmp(name, callers[i]))
			return i;
	/* The callback has caller_a behind it. */
	return strcmp(name, "caller_b_called_back") ? -1 : CALLER_A;
}

struct walk {
	unsigned long addresses[DEPTH];
	const char *texts[DEPTH];
	int depth, here, next;
};

static int walk_frame(Dwfl_Frame *frame, void *argument)
{
	struct walk *walk = argument;
	const char *name = NULL;
	Dwfl_Module *module;
	Dwarf_Addr address;
	bool exact;
	int number;

	if (walk->depth == DEPTH || !dwfl_frame_pc(frame, &address, &exact))
		return DWARF_CB_ABORT;
	module = dwfl_addrmodule(dwfl, address - !exact);
	if (module)
		name = dwfl_module_addrname(module, address - !exact);
	walk->addresses[walk->depth] = address;
	walk->texts[walk->depth] = name ? name : "?";
	number = caller_number(walk->texts[walk->depth]);
	if (walk->depth == 0) {
		walk->here = number;
		if (number >= 0)
			walk->next = number;
	}
	walk->depth++;
	if (number >= 0 && strcmp(name, "caller_b_called_back") && number != walk->next++)
		return DWARF_CB_ABORT;
	return walk->next == CALLERS ? DWARF_CB_ABORT : DWARF_CB_OK;
}

/* Returns the number of the caller that the thread stands in, -1 elsewhere. */
static int judge(pid_t thread, int innermost)
{
	struct walk walk = { .here = -1, .next = innermost };

	dwfl_getthread_frames(dwfl, thread, walk_frame, &walk);
	judged++;
	judged_ours += is_ours(walk.addresses[0]);
	/* libdw (0.188) mistakes rbx for rax among the registers that a call preserves, so it loses the shadow
	 * frame where a stub is a caller. What it found until then is right, and gdb_bt.sh sees the rest. */
	if (walk.depth > 1 && walk.depth < DEPTH && is_ours(walk.addresses[walk.depth - 1]) && dwfl_errno() == 0)
		cut_short++;
	else if (walk.next != CALLERS || caller_number(walk.texts[walk.depth - 1]) != CALLERS - 1)
		complain(walk.addresses, walk.texts, walk.depth);
	return walk.here;
}

/* What is mapped may have changed since the last window. */
static bool look_around(pid_t process)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
	};

	int error;

	dwfl_end(dwfl);
	dwfl = dwfl_begin(&callbacks);
	error = dwfl ? dwfl_linux_proc_report(dwfl, process) : -1;
	if (!error)
		error = dwfl_report_end(dwfl, NULL, NULL);
	if (!error)
		error = dwfl_linux_proc_attach(dwfl, process, true);
	if (error) {
		/* A negative one is libdw's, a positive one an errno. */
		printf("cannot look at the host: %s\n", error > 0 ? strerror(error) : dwfl_errmsg(-1));
		return false;
	}
	find_ours(process);
	return true;
}

static bool at_mark(pid_t thread, unsigned long address)
{
	errno = 0;
	return (ptrace(PTRACE_PEEKTEXT, thread, (void *)address, NULL) & 0xff) == 0xcc && !errno;
}

/* From behind one int3 to behind the next. Returns false when the thread is gone. */
static bool step_window(pid_t process, pid_t thread)
{
	struct user_regs_struct registers;
	int innermost = CALLERS - 1, status;
	bool end = false;

	if (!look_around(process))
		return false;
	while (!end) {
		struct visit *visit;

		if (ptrace(PTRACE_GETREGS, thread, NULL, &registers))
			return false;
		end = at_mark(thread, registers.rip);
		visit = visit_at(registers.rip);
		if (!end && visit->count++ < 2)
			visit->caller = judge(thread, innermost);
		if (!end && visit->caller >= 0)
			innermost = visit->caller;
		if (ptrace(PTRACE_SINGLESTEP, thread, NULL, NULL) ||
		    waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
			return false;
		steps++;
	}
	return true;
}

static int trace(pid_t child)
{
	long options = PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int status, windows = 0, signo;
	pid_t thread = child;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return 77;
	ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options);
	ptrace(PTRACE_CONT, child, NULL, NULL);
	while ((thread = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (thread == child)
				break;
			continue;
		}
		signo = WSTOPSIG(status);
		/* A new thread stops once, its creator at clone; a mark is a plain SIGTRAP. */
		if (signo == SIGTRAP && status >> 16 == 0) {
			if (!step_window(child, thread))
				break;
			windows++;
			signo = 0;
		} else if (signo == SIGTRAP || signo == SIGSTOP) {
			signo = 0;
		}
		ptrace(PTRACE_CONT, thread, NULL, (void *)(long)signo);
	}
	printf("%d windows, %lu steps, judged %lu instructions, %lu of ours, %lu cut short, %lu wrong\n", windows,
	       steps, judged, judged_ours, cut_short, wrong);
	if (windows != 3 || !WIFEXITED(status) || WEXITSTATUS(status))
		printf("the host ended with status %#x\n", status);
	return wrong || windows != 3 || status;
}

int main(int argc, char **argv)
{
	pid_t child;
	int result;

	if (argc != 3) {
		fprintf(stderr, "usage: step_unwind PRELOAD PROGRAM\n");
		return 2;
	}
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(77);
		/* Of ld.so's resolver, which libdw cannot always unwind from, nothing is to be judged. */
		setenv("LD_BIND_NOW", "1", 1);
		if (argv[1][0])
			setenv("LD_PRELOAD", argv[1], 1);
		execl(argv[2], argv[2], (char *)NULL);
		_exit(127);
	}
	result = trace(child);
	/* Intercepted, some of what we have judged must have been ours, or nothing has been shown. */
	if (!result && argv[1][0] && judged_ours < 20) {
		printf("no stub was seen\n");
		result = 1;
	}
	return result;
}
