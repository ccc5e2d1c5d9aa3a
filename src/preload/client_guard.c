/* SPDX-License-Identifier: MIT */
/*
 * Owns the signal dispositions while clients start. Called by clients.c.
 *
 *	fault in the client's own code    one line, and on without this client
 *	fault elsewhere, or abort()       one line, and what would have happened without us
 *	another thread, a sent signal     what would have happened without us
 */
#include "preload/client_guard.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "common/sys.h"
#include "preload/log.h"

#define STACK_SIZE (64u << 10) /* more than any processor's state takes */

static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT };
static const char *const names[] = { "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGABRT" };

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static struct {
	struct sigaction before[SIGNALS];
	stack_t stack_before;
	void *stack;
	sigset_t mask;
	pid_t thread;
	const char *path, *doing;
	uintptr_t start, end; /* where a crash can be left; 0: nowhere */
	sigjmp_buf back;
} guard;

static unsigned index_of(int number)
{
	unsigned i = 0;

	while (i < SIGNALS - 1 && signals[i] != number)
		i++;
	return i;
}

static void put_back(unsigned i)
{
	sigaction(signals[i], &guard.before[i], NULL);
}

/* In a signal handler, perhaps in the middle of malloc: no formatting. */
static void say(unsigned i)
{
	const char *const parts[] = { "stubcache: client-crashed: client '", guard.path, "' crashed in ", guard.doing, ": ",
				      names[i], "\n" };
	char line[1024];
	size_t length = 0;

	if (sc_log_level() < SC_LOG_ERROR)
		return;
	for (unsigned k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		size_t n = strlen(parts[k]), room = sizeof(line) - 64 - length;

		if (k == 1 && n > room)
			n = room;
		memcpy(line + length, parts[k], n);
		length += n;
	}
	sc_log_write(line, length);
}

static void crashed(int number, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	unsigned i = index_of(number);
	bool ours = sc_sys_gettid() == guard.thread, fault = info->si_code > 0;

	if (ours && (fault || number == SIGABRT))
		say(i);
	if (ours && fault && at >= guard.start && at < guard.end)
		siglongjmp(guard.back, number);
	/* A fault happens again at once, abort raises again; what was sent is sent again. */
	put_back(i);
	if (!fault && number != SIGABRT)
		sc_sys_tgkill(sc_sys_getpid(), sc_sys_gettid(), number);
}

void sc_client_guard_begin(void)
{
	struct sigaction action = { .sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t stack = { .ss_size = STACK_SIZE };
	sigset_t open;

	guard.thread = sc_sys_gettid();
	guard.start = guard.end = 0;
	guard.stack = sc_sys_mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guard.stack != MAP_FAILED) {
		stack.ss_sp = guard.stack;
		sigaltstack(&stack, &guard.stack_before);
	}
	sigemptyset(&action.sa_mask);
	sigemptyset(&open);
	for (unsigned i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], &action, &guard.before[i]);
		sigaddset(&open, signals[i]);
	}
	/* The kernel kills for a fault whose signal is blocked. */
	sigprocmask(SIG_UNBLOCK, &open, &guard.mask);
}

/* What a client has blocked or unblocked of others stays. */
static void restore_mask(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (unsigned i = 0; i < SIGNALS; i++)
		if (sigismember(&guard.mask, signals[i]) == 1)
			sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

void sc_client_guard_end(void)
{
	stack_t stack;

	for (unsigned i = 0; i < SIGNALS; i++) {
		struct sigaction now;

		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_sigaction == crashed)
			put_back(i);
	}
	restore_mask();
	if (guard.stack == MAP_FAILED)
		return;
	if (sigaltstack(NULL, &stack) == 0 && stack.ss_sp == guard.stack)
		sigaltstack(&guard.stack_before, NULL);
	sc_sys_munmap(guard.stack, STACK_SIZE);
}

void sc_client_guard_name(const char *path, const char *doing)
{
	guard.path = path;
	guard.doing = doing;
}

int sc_client_guard_call(void (*work)(void *), void *argument, uintptr_t start, uintptr_t end)
{
	int number = sigsetjmp(guard.back, 1);

	if (number == 0) {
		guard.start = start;
		guard.end = end;
		work(argument);
	}
	guard.start = guard.end = 0;
	return number;
}
