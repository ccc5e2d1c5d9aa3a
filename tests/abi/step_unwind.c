/* SPDX-License-Identifier: MIT */
/*
 * step_unwind PRELOAD PROGRAM: starts step_host with PRELOAD in LD_PRELOAD ('' for none), single-steps
 * it from one int3 to the next, and unwinds with libunwind-ptrace before each instruction that it has
 * not been at twice already: wherever execution stands, in a stub, on its slow path, on the way back or in
 * the intercepted function, the callers found must be caller_b, caller_a, step_outer, in this order.
 *
 * Prints how many instructions it has judged, and of those how many in mappings whose path holds
 * 'stubcache' or that of $STUBCACHE_DIR. Exit status: 0 right, 1 wrong, 77 when it may not trace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libunwind-ptrace.h>
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
#define NAMES 4096
#define DEPTH 64
#define COMPLAINTS 20

struct visit {
	unsigned long address;
	unsigned count;
	int caller; /* number of the host's function that it lies in, -1 for none */
};

struct name {
	unsigned long address;
	char text[32];
};

struct mapping {
	unsigned long start, end;
};

static unw_addr_space_t space;
static struct visit visits[VISITS];
static struct name names[NAMES];
static struct mapping ours[64];
static size_t our_count;
static unsigned long judged, judged_ours, wrong, steps;

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

/* The name of the function that a frame stands in; remembered, for looking it up is slow. */
static const char *frame_name(unw_cursor_t *cursor, unsigned long address)
{
	struct name *name = &names[address * 0x9e3779b97f4a7c15ul >> 52 & (NAMES - 1)];
	unw_word_t offset;

	if (name->address != address) {
		name->address = address;
		if (unw_get_proc_name(cursor, name->text, sizeof(name->text), &offset) &&
		    name->text[0] == '\0')
			strcpy(name->text, "?");
	}
	return name->text;
}

static void complain(const unsigned long *addresses, char (*texts)[32], int count, int result)
{
	int i;

	if (++wrong > COMPLAINTS)
		return;
	printf("wrong callers at %#lx%s:", addresses[0], is_ours(addresses[0]) ? " (ours)" : "");
	for (i = 0; i < count; i++)
		printf(" %s%s[%#lx]", texts[i], is_ours(addresses[i]) ? "(ours)" : "", addresses[i]);
	printf(result < 0 ? ", then: %s\n" : "\n", unw_strerror(result));
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

/* Returns the number of the caller that the thread stands in, -1 elsewhere. */
static int judge(pid_t thread, int innermost)
{
	unsigned long addresses[DEPTH];
	char texts[DEPTH][32];
	void *context = _UPT_create(thread);
	int depth = 0, result = 1, here = -1, next, number;
	unw_cursor_t cursor;
	unw_word_t address;

	unw_init_remote(&cursor, space, context);
	do {
		unw_get_reg(&cursor, UNW_REG_IP, &address);
		addresses[depth] = address;
		strcpy(texts[depth], frame_name(&cursor, address));
		number = caller_number(texts[depth]);
		if (depth == 0) {
			here = number;
			next = here < 0 ? innermost : here;
		}
		if (number >= 0 && strcmp(texts[depth], "caller_b_called_back")) {
			if (number != next)
				break;
			next++;
		}
		depth++;
	} while (next < CALLERS && depth < DEPTH && (result = unw_step(&cursor)) > 0);
	_UPT_destroy(context);
	judged++;
	judged_ours += is_ours(addresses[0]);
	if (next != CALLERS)
		complain(addresses, texts, depth, result);
	return here;
}

static bool at_mark(pid_t thread, unsigned long address)
{
	errno = 0;
	return (ptrace(PTRACE_PEEKTEXT, thread, (void *)address, NULL) & 0xff) == 0xcc && !errno;
}

/* From behind one int3 to behind the next. Returns false when the thread is gone. */
static bool step_window(pid_t thread)
{
	struct user_regs_struct registers;
	int innermost = CALLERS - 1, status;
	bool end = false;

	find_ours(thread);
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
			if (!step_window(thread))
				break;
			windows++;
			signo = 0;
		} else if (signo == SIGTRAP || signo == SIGSTOP) {
			signo = 0;
		}
		ptrace(PTRACE_CONT, thread, NULL, (void *)(long)signo);
	}
	printf("%d windows, %lu steps, judged %lu instructions, %lu of ours, %lu wrong\n", windows, steps, judged,
	       judged_ours, wrong);
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
	space = unw_create_addr_space(&_UPT_accessors, 0);
	unw_set_caching_policy(space, UNW_CACHE_GLOBAL);
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(77);
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
