/* SPDX-License-Identifier: MIT */
/*
 * Owns the tracing of a host whose system calls are made to fail (inject.h). Does not own which (faults.c), nor
 * what must be right afterwards (the tests).
 *
 *	entry stop:  INSTEAD: number := -1    SHORT: size := value    ACT: act()
 *	exit stop:   INSTEAD, AFTER: result := value
 */
#include "inject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20, OUR_STDERR = 700 };

struct run {
	pid_t child;
	const struct inject_fault *faults;
	unsigned count;
	struct inject_record *record;
	struct inject_end *end;
	unsigned calls;			    /* entered so far */
	const struct inject_fault *now;	    /* what the call that was entered is to suffer */
	const struct inject_fault *for_ever; /* an INJECT_FROM_NOW that has begun */
	enum { BEFORE, CONSTRUCTOR, LAST_FILE, BEHIND } place;
};

static void die(const char *what)
{
	perror(what);
	_exit(99);
}

static void become(const char *argument)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(98);
	alarm(PATIENCE_SECONDS); /* a host that hangs is harmed */
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	raise(SIGSTOP);
	victim_become(argument);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, __WALL) < 0)
		if (errno != EINTR)
			die("waitpid");
	return status;
}

static FILE *open_maps(pid_t child)
{
	char path[64];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "r");
	if (!maps)
		die(path);
	return maps;
}

/* Whether an instruction is one of the preload's or the engine's. */
static bool is_our_code(pid_t child, uint64_t address)
{
	unsigned long start, end;
	char line[4352];
	FILE *maps = open_maps(child);
	bool ours = false;

	while (!ours && fgets(line, sizeof(line), maps))
		ours = sscanf(line, "%lx-%lx", &start, &end) == 2 && address >= start && address < end &&
		       strstr(line, "/libstubcache");
	fclose(maps);
	return ours;
}

static bool has_writable_code(pid_t child)
{
	char line[4352], protection[8];
	FILE *maps = open_maps(child);
	bool found = false;

	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%*s %7s", protection) == 1 && strchr(protection, 'w') && strchr(protection, 'x');
	fclose(maps);
	return found;
}

static unsigned count_descriptors(pid_t child)
{
	struct dirent *entry;
	unsigned count = 0;
	char path[64];
	DIR *stream;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)child);
	stream = opendir(path);
	if (!stream)
		die(path);
	while ((entry = readdir(stream))) {
		int fd = atoi(entry->d_name);

		count += entry->d_name[0] != '.' && fd > 2 && fd < OUR_STDERR;
	}
	closedir(stream);
	return count;
}

/* The constructor's first call is ours; its last is the close of the statistics file. */
static bool opens_statistics(pid_t child, const struct __ptrace_syscall_info *info)
{
	char path[4096] = "", memory[64];
	ssize_t n;
	int fd;

	if (info->entry.nr != SYS_openat)
		return false;
	snprintf(memory, sizeof(memory), "/proc/%d/mem", (int)child);
	fd = open(memory, O_RDONLY | O_CLOEXEC);
	n = pread(fd, path, sizeof(path) - 1, (off_t)info->entry.args[1]);
	close(fd);
	return n > 0 && strcmp(path, victim_statistics()) == 0;
}

static void note(struct run *run, const struct __ptrace_syscall_info *info)
{
	bool ours = is_our_code(run->child, info->instruction_pointer);
	struct inject_call *call = &run->record->calls[run->calls];

	if (run->calls == INJECT_CALLS) {
		fprintf(stderr, "more than %d calls\n", INJECT_CALLS);
		_exit(99);
	}
	if (run->place == BEFORE && ours)
		run->place = CONSTRUCTOR;
	if (run->place == CONSTRUCTOR && opens_statistics(run->child, info))
		run->place = LAST_FILE;
	call->number = (int)info->entry.nr;
	call->constructor = run->place == CONSTRUCTOR || run->place == LAST_FILE;
	call->ours = ours || call->constructor;
	memcpy(call->arguments, info->entry.args, sizeof(call->arguments));
	if (run->place == LAST_FILE && call->number == SYS_close)
		run->place = BEHIND;
	run->record->count = run->calls + 1;
}

static void poke(pid_t child, size_t offset, long value)
{
	if (ptrace(PTRACE_POKEUSER, child, offset, value) < 0)
		die("ptrace");
}

static const struct inject_fault *choose(struct run *run, const struct __ptrace_syscall_info *info)
{
	const struct inject_fault *next = &run->faults[run->end->reached];

	if (run->end->reached < run->count && next->call == run->calls && next->number == (int)info->entry.nr) {
		run->end->reached++;
		if (next->way == INJECT_FROM_NOW)
			run->for_ever = next;
		return next;
	}
	if (run->for_ever && run->for_ever->number == (int)info->entry.nr &&
	    is_our_code(run->child, info->instruction_pointer))
		return run->for_ever;
	return NULL;
}

static void enter(struct run *run, const struct __ptrace_syscall_info *info)
{
	if (run->record)
		note(run, info);
	run->now = choose(run, info);
	run->calls++;
	if (!run->now)
		return;
	if (run->now->way == INJECT_INSTEAD || run->now->way == INJECT_FROM_NOW)
		poke(run->child, offsetof(struct user_regs_struct, orig_rax), -1);
	else if (run->now->way == INJECT_SHORT)
		poke(run->child, offsetof(struct user_regs_struct, rdx), run->now->value);
	else if (run->now->way == INJECT_ACT)
		run->now->act(run->now->user);
}

static void leave(struct run *run, const struct __ptrace_syscall_info *info)
{
	const struct inject_fault *fault = run->now;

	if (run->record && run->calls > 0)
		run->record->calls[run->calls - 1].result = (long)info->exit.rval;
	if (fault && fault->way != INJECT_SHORT && fault->way != INJECT_ACT)
		poke(run->child, offsetof(struct user_regs_struct, rax), fault->value);
	run->now = NULL;
}

static void syscall_stop(struct run *run)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, run->child, sizeof(info), &info) < 0)
		die("ptrace");
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(run, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(run, &info);
}

/* From stop to stop until the child ends. Once nothing is to be changed or noted any longer it runs on by itself. */
static int follow(struct run *run)
{
	bool begun = false;
	long signal = 0;

	for (;;) {
		bool look = !begun || run->record || run->for_ever || run->now || run->end->reached < run->count;
		int status, event;

		if (ptrace(look ? PTRACE_SYSCALL : PTRACE_CONT, run->child, NULL, signal) < 0)
			die("ptrace");
		status = wait_for(run->child);
		if (!WIFSTOPPED(status))
			return status;
		signal = 0;
		event = status >> 16;
		if (event == PTRACE_EVENT_EXIT) {
			run->end->descriptors = count_descriptors(run->child);
			run->end->writable_code = has_writable_code(run->child);
		} else if (event == PTRACE_EVENT_EXEC) {
			/* The exit from execve is still to come. */
			begun = true;
		} else if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			signal = WSTOPSIG(status);
		} else if (begun) {
			syscall_stop(run);
		}
	}
}

bool inject_run(const char *argument, const struct inject_fault *faults, unsigned count, struct inject_record *record,
		struct inject_end *end)
{
	struct run run = { .faults = faults, .count = count, .record = record, .end = end };
	int status;

	*end = (struct inject_end){ 0 };
	run.child = fork();
	if (run.child < 0)
		die("fork");
	if (run.child == 0)
		become(argument);
	status = wait_for(run.child);
	if (!WIFSTOPPED(status))
		return false;
	if (ptrace(PTRACE_SETOPTIONS, run.child, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT) < 0)
		die("ptrace");
	victim_look(follow(&run), &end->victim);
	return true;
}
