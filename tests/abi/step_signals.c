/* SPDX-License-Identifier: MIT */
/*
 * step_signals WHEN STRIDE PRELOAD PROGRAM [ARG]...: starts PROGRAM (step_signals_host) with PRELOAD in LD_PRELOAD,
 * and single-steps each of its windows, from one int3 to the next. At instructions of ours it gives the stepped
 * thread SIGUSR1, lets the handler run until it says with an int3 that it is about to return, steps back to where it
 * had come in, and goes on.
 *
 *	each	at every STRIDE-th instruction of ours of a window
 *	once	in the first window at the first, in the next at that STRIDE further on, and so on; the window's rest is not
 *		stepped. When a window ends before its turn comes, its mark is answered with 1 in rax, and it begins anew
 *	jump	as once, and the handler does not return, but leaves for the window's end
 *
 * Without PRELOAD ('') it is done at instructions of libprobe.so, which shows what unwinders make of any code. Ours
 * is what lies in mappings whose path holds 'stubcache', or that of $STUBCACHE_DIR, or of libffi; where signals are
 * blocked they are not given. Prints how many were. Exit status: 0, 1 when something is not as it must be, the
 * program's when that is not 0, 77 when it may not trace.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACK_MOST 64 /* steps from the handler's int3 to where it came in: a return, and the kernel */

enum when { EACH, ONCE, JUMP };

struct mapping {
	unsigned long start, end;
};

static struct mapping ours[128];
static size_t our_count;
static enum when when;
static bool plain;
static unsigned long stride, turn; /* instructions of ours before the one that is next */
static unsigned long windows, given, blocked, steps;

static void find_ours(pid_t process)
{
	const char *cache = getenv("STUBCACHE_DIR");
	char path[64], line[PATH_MAX + 128];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)process);
	maps = fopen(path, "r");
	our_count = 0;
	while (maps && fgets(line, sizeof(line), maps)) {
		struct mapping *m = &ours[our_count];

		if (!strstr(line, " r-xp ") ||
		    !(strstr(line, plain ? "libprobe" : "stubcache") || (cache && strstr(line, cache)) || strstr(line, "libffi")))
			continue;
		if (our_count < 128 && sscanf(line, "%lx-%lx", &m->start, &m->end) == 2)
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

static _Noreturn void give_up(const char *what, int status)
{
	printf("%s: status %#x, window %lu, instruction %lu\n", what, (unsigned)status, windows, turn);
	exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
}

static struct user_regs_struct registers_of(pid_t thread)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, thread, NULL, &registers))
		give_up("cannot read registers", 0);
	return registers;
}

/* Of code, to tell what an address is of. */
static void print_mappings(pid_t thread)
{
	char path[64], line[PATH_MAX + 128];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)thread);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, " r-xp "))
			printf("%s", line);
	if (maps)
		fclose(maps);
}

/* Until it stops by a trap; whatever else would come to it stays away: nothing else is awaited. */
static void go(pid_t thread, enum __ptrace_request how, int signo)
{
	int status;

	if (ptrace(how, thread, NULL, (void *)(long)signo))
		give_up("cannot go on", 0);
	if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
		give_up("has ended", status);
	if (WSTOPSIG(status) != SIGTRAP) {
		printf("at %#llx\n", registers_of(thread).rip);
		print_mappings(thread);
		give_up("did not stop at a mark", status);
	}
	steps++;
}

static bool at_mark(pid_t thread, unsigned long address)
{
	return (ptrace(PTRACE_PEEKTEXT, thread, (void *)address, NULL) & 0xff) == 0xcc;
}

static bool may_give(pid_t thread)
{
	uint64_t mask = 0;

	return ptrace(PTRACE_GETSIGMASK, thread, (void *)sizeof(mask), &mask) == 0 && !(mask >> (SIGUSR1 - 1) & 1);
}

/* The handler, from its first instruction to where it came in. */
static void give(pid_t thread, const struct user_regs_struct *at)
{
	struct user_regs_struct now;
	int n;

	given++;
	go(thread, PTRACE_CONT, SIGUSR1);
	for (n = 0; n < BACK_MOST && when != JUMP; n++) {
		go(thread, PTRACE_SINGLESTEP, 0);
		now = registers_of(thread);
		if (now.rip == at->rip && now.rsp == at->rsp)
			break;
	}
	if (n == BACK_MOST)
		give_up("the handler does not come back", 0);
	/* The kernel gives back what the handler was shown, which is what there was. */
	if (when != JUMP && (now.rax != at->rax || now.rdx != at->rdx || now.r11 != at->r11 || now.rbx != at->rbx ||
			     (now.eflags & 0xcd5) != (at->eflags & 0xcd5)))
		give_up("the handler has changed registers", 0);
}

/* From behind the int3 at a window's beginning to behind the one at its end. Returns whether there was an instruction
 * for the signal. */
static bool step_window(pid_t process, pid_t thread)
{
	unsigned long count = 0, next = when == EACH ? 0 : turn;
	bool any = false;

	find_ours(process);
	for (;;) {
		struct user_regs_struct registers = registers_of(thread);

		if (at_mark(thread, registers.rip)) {
			go(thread, PTRACE_SINGLESTEP, 0);
			return any;
		}
		if (is_ours(registers.rip) && count++ == next) {
			if (may_give(thread)) {
				any = true;
				give(thread, &registers);
				next += stride;
				if (when == JUMP)
					return true; /* at the mark at its end */
				if (when == ONCE) {
					go(thread, PTRACE_CONT, 0);
					return true;
				}
			} else {
				blocked++;
				next++;
			}
		}
		go(thread, PTRACE_SINGLESTEP, 0);
	}
}

static void window(pid_t process, pid_t thread)
{
	struct user_regs_struct registers = registers_of(thread);

	registers.rax = 0;
	if (ptrace(PTRACE_SETREGS, thread, NULL, &registers))
		give_up("cannot set registers", 0);
	windows++;
	if (step_window(process, thread) && when != EACH) {
		turn += stride;
		return;
	}
	registers = registers_of(thread);
	registers.rax = 1; /* the last of its kind */
	ptrace(PTRACE_SETREGS, thread, NULL, &registers);
	turn = 0;
}

/* getenv's way through the environment would be stepped through. */
static void keep_ours(void)
{
	char **to = environ;

	for (char **from = environ; *from; from++)
		if (strncmp(*from, "STUBCACHE", 9) == 0)
			*to++ = *from;
	*to = NULL;
}

static int trace(pid_t child)
{
	long options = PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int status, signo;
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
			window(child, thread);
			signo = 0;
		} else if (signo == SIGTRAP || signo == SIGSTOP) {
			signo = 0;
		}
		ptrace(PTRACE_CONT, thread, NULL, (void *)(long)signo);
	}
	printf("%lu windows, %lu signals, %lu steps, %lu where signals were blocked\n", windows, given, steps, blocked);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		give_up("the program ended", status);
	return 0;
}

int main(int argc, char **argv)
{
	pid_t child;

	if (argc < 5) {
		fprintf(stderr, "usage: step_signals each|once|jump STRIDE PRELOAD PROGRAM [ARG]...\n");
		return 2;
	}
	when = strcmp(argv[1], "each") == 0 ? EACH : strcmp(argv[1], "once") == 0 ? ONCE : JUMP;
	stride = strtoul(argv[2], NULL, 10);
	plain = !argv[3][0];
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(77);
		keep_ours();
		if (argv[3][0])
			setenv("LD_PRELOAD", argv[3], 1);
		execv(argv[4], argv + 4);
		_exit(127);
	}
	return trace(child);
}
