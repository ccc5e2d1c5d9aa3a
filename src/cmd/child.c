/* SPDX-License-Identifier: MIT */
/*
 * Owns the life of the program that is run: start, signals, stops, end. Whoever started stubcache
 * should not be able to tell it from the program itself. Called by run, explain and cache warm.
 *
 * All signals that someone may send are blocked and taken one by one with sigwaitinfo, so nothing
 * happens in a handler and no signal is missed between a check and a wait:
 *
 *	sent to us by a process   -> passed on, unless the program itself sent it (to its group)
 *	from the terminal         -> nothing: the terminal sent it to the program, too
 *	SIGCHLD                   -> ended: done.  Stopped by the terminal: we stop with it
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/launch.h"

struct before {
	sigset_t mask;
	struct sigaction child, pipe; /* dispositions of SIGCHLD and SIGPIPE */
};

/* Faults are ours alone, and a background write to the terminal stops us as it stops the program. SIGPIPE comes from
 * our own writing: the program runs on when nobody reads that any more, and what is ours on disk is to be removed. */
static void take_signals(struct before *before, sigset_t *taken)
{
	static const int left[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPIPE, SIGTTIN, SIGTTOU };
	struct sigaction action = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };

	sigfillset(taken);
	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++)
		sigdelset(taken, left[i]);
	sigprocmask(SIG_BLOCK, taken, &before->mask);
	/* An inherited SIG_IGN would reap the program before we can ask how it ended. */
	sigaction(SIGCHLD, &action, &before->child);
	sigaction(SIGPIPE, &ignore, &before->pipe);
}

/* In the child. Never returns; what went wrong goes through the pipe. */
static void start(char **argv, const struct before *before, int report)
{
	int error;

	sigaction(SIGCHLD, &before->child, NULL);
	sigaction(SIGPIPE, &before->pipe, NULL);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
	execvp(argv[0], argv);
	error = errno;
	while (write(report, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(SC_CMD_NOT_FOUND);
}

/* 0, or the negative errno of the exec. */
static int started(int report)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? -error : 0;
}

static void pass_on(pid_t child, const siginfo_t *info)
{
	/* Positive codes are the kernel's own: the terminal's keys, which reach the whole group. A
	 * timer set before we were started was the program's, as it would see it. */
	bool sent = info->si_code <= 0;

	if (!sent && info->si_signo != SIGALRM)
		return;
	if (sent && info->si_pid == child)
		return;
	kill(child, info->si_signo);
}

/* True when the program has ended. */
static bool changed(pid_t child, int *status)
{
	int now;

	if (waitpid(child, &now, WNOHANG | WUNTRACED) != child)
		return false;
	if (!WIFSTOPPED(now)) {
		*status = now;
		return true;
	}
	/* Only stops by the terminal's rules: who stops the program itself with SIGSTOP will
	 * continue the program itself, and we would sleep for ever. */
	if (WSTOPSIG(now) == SIGTSTP || WSTOPSIG(now) == SIGTTIN || WSTOPSIG(now) == SIGTTOU) {
		kill(getpid(), SIGSTOP);
		kill(child, SIGCONT);
	}
	return false;
}

/* The next signal, or none for now: what watches the program has its turn. */
static int next_signal(pid_t child, const sigset_t *taken, siginfo_t *info, const struct sc_child_watch *watch)
{
	struct timespec most = { 0 };

	if (!watch)
		return sigwaitinfo(taken, info);
	most.tv_nsec = 1000000l * watch->poll(watch->context, child);
	return sigtimedwait(taken, info, &most);
}

static void wait_for(pid_t child, const sigset_t *taken, int *status, const struct sc_child_watch *watch)
{
	siginfo_t info;

	for (;;) {
		if (next_signal(child, taken, &info, watch) < 0)
			continue; /* EINTR: stopped and continued; EAGAIN: none came */
		if (info.si_signo != SIGCHLD)
			pass_on(child, &info);
		else if (changed(child, status))
			return;
	}
}

int sc_child_run(char **argv, int *status, const struct sc_child_watch *watch)
{
	struct before before;
	sigset_t taken;
	int report[2];
	pid_t child;
	int r;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	take_signals(&before, &taken);
	child = fork();
	if (child == 0)
		start(argv, &before, report[1]);
	r = child < 0 ? -errno : 0;
	close(report[1]);
	if (r == 0) {
		r = started(report[0]);
		if (r)
			waitpid(child, NULL, 0);
		else
			wait_for(child, &taken, status, watch);
	}
	close(report[0]);
	if (r)
		sigprocmask(SIG_SETMASK, &before.mask, NULL);
	return r;
}

int sc_child_run_or_say(char **argv, int *status, const struct sc_child_watch *watch)
{
	int r = sc_child_run(argv, status, watch);

	if (r == 0)
		return SC_CMD_OK;
	sc_cmd_error("cannot run '%s': %s", argv[0], strerror(-r));
	return r == -ENOENT || r == -ENOTDIR ? SC_CMD_NOT_FOUND : SC_CMD_NOT_EXECUTABLE;
}

int sc_child_interrupted(void)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sigismember(&pending, ends[i]) && sigaction(ends[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			return ends[i];
	return 0;
}

int sc_child_exit_like(int status)
{
	struct rlimit none = { 0, 0 };
	int number = sc_child_interrupted();
	sigset_t set;

	if (!number && !WIFSIGNALED(status))
		return WEXITSTATUS(status);
	if (!number)
		number = WTERMSIG(status);
	/* The program left the core that matters. Not dumpable counts where cores go through a pipe. */
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + number; /* the first process of a container is not killed by its own signals */
}
