/* SPDX-License-Identifier: MIT */
/*
 * Owns one run of the test: its directory, its environment, its session, its end. Does not own when it is started
 * (campaign_loop.c) nor what came of it (campaign_judge.c).
 *
 *	DIR/runs/N/stdout, stderr   what the test wrote
 *	DIR/runs/N/records/         what the preload recorded
 *	DIR/runs/N/cache/           images: rules differ from run to run, so they are of no use to another one
 *
 * The test is the leader of a session, so that no terminal's key reaches it and that all of its processes can be
 * killed, and dies when we die. It is left as a zombie until its records are read: so long nobody else gets its
 * number.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"

static sigset_t mask_before;

double sc_campaign_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sc_campaign_path(char out[PATH_MAX], const char *directory, unsigned run, const char *name)
{
	/* Too long: nothing can be opened by it, and that is said. */
	if (snprintf(out, PATH_MAX, "%s/runs/%u%s%s", directory, run, *name ? "/" : "", name) >= PATH_MAX)
		*out = 0;
}

void sc_campaign_signals(sigset_t *taken)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigemptyset(taken);
	sigaddset(taken, SIGCHLD);
	sigaddset(taken, SIGINT);
	sigaddset(taken, SIGTERM);
	sigaddset(taken, SIGHUP);
	sigprocmask(SIG_BLOCK, taken, &mask_before);
	/* An inherited SIG_IGN would reap tests before we can ask how they ended. */
	sigaction(SIGCHLD, &action, NULL);
}

static int fail(const char *what, const char *path)
{
	sc_cmd_error("cannot %s '%s': %s", what, path, strerror(errno));
	return -1;
}

/* What an interrupted campaign left of a run with this number goes. */
static int make_directories(const struct sc_campaign_runner *runner, unsigned number)
{
	static const char *const names[] = { "", "records", "cache" };
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/runs", runner->directory) >= PATH_MAX)
		*path = 0;
	if (mkdir(path, 0777) && errno != EEXIST)
		return fail("make directory", path);
	sc_campaign_path(path, runner->directory, number, "");
	sc_campaign_remove(path);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		sc_campaign_path(path, runner->directory, number, names[i]);
		if (mkdir(path, 0777))
			return fail("make directory", path);
	}
	return 0;
}

struct start {
	const struct sc_campaign_runner *runner;
	const struct sc_campaign_run *run;
	char *rules;	    /* NULL: a check */
	const char *input;  /* path of stdin */
	const char *output; /* names in the run's directory */
	const char *errors;
	char **argv;
	pid_t parent;
};

static bool put(int to, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0666);

	if (fd < 0)
		return false;
	if (fd == to)
		return fcntl(fd, F_SETFD, 0) == 0;
	return dup2(fd, to) == to && close(fd) == 0;
}

static bool set(const char *name, const char *value)
{
	return setenv(name, value, 1) == 0;
}

static bool set_path(const char *variable, const struct start *start, const char *name)
{
	char path[PATH_MAX];

	sc_campaign_path(path, start->runner->directory, start->run->number, name);
	return set(variable, path);
}

static bool set_test_environment(const struct start *start)
{
	unsetenv("STUBCACHE_RULES");
	/* How the image was made is of interest once: what a rule cannot reach is said in the baseline. */
	if (start->run->fault_count && !set("STUBCACHE_LOG", "quiet"))
		return false;
	/* Whether a fault was injected is all that is asked for: a loop that never ends must not fill the disk. */
	return set("STUBCACHE", start->rules) && set("STUBCACHE_TRACE", "buffer=1048576") &&
	       set_path("STUBCACHE_OUT", start, "records") && set_path("STUBCACHE_DIR", start, "cache");
}

/* The check is no part of the test: nothing is intercepted. */
static bool set_check_environment(const struct start *start)
{
	static const char *const ours[] = { "STUBCACHE", "STUBCACHE_FOLLOW", "STUBCACHE_OUT", "STUBCACHE_RULES" };
	char status[16];

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		unsetenv(ours[i]);
	if (start->runner->preload_before)
		set("LD_PRELOAD", start->runner->preload_before);
	else
		unsetenv("LD_PRELOAD");
	snprintf(status, sizeof(status), "%d", WEXITSTATUS(start->run->status));
	return set("STUBCACHE_CAMPAIGN_STATUS", status) && set_path("STUBCACHE_CAMPAIGN_STDOUT", start, "stdout") &&
	       set_path("STUBCACHE_CAMPAIGN_STDERR", start, "stderr");
}

static bool prepare(const struct start *start)
{
	char number[16], output[PATH_MAX], errors[PATH_MAX];

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != start->parent)
		_exit(SC_CMD_NOT_FOUND); /* it died before that */
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
	snprintf(number, sizeof(number), "%u", start->run->number);
	sc_campaign_path(output, start->runner->directory, start->run->number, start->output);
	sc_campaign_path(errors, start->runner->directory, start->run->number, start->errors);
	return set("STUBCACHE_CAMPAIGN_RUN", number) &&
	       (start->rules ? set_test_environment(start) : set_check_environment(start)) &&
	       put(0, start->input, O_RDONLY) && put(1, output, O_WRONLY | O_CREAT | O_APPEND) &&
	       put(2, errors, O_WRONLY | O_CREAT | O_APPEND);
}

/* In the child. Never returns; what went wrong goes through the pipe. */
static void become(const struct start *start, int report)
{
	int error;

	if (prepare(start))
		execvp(start->argv[0], start->argv);
	error = errno;
	while (write(report, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(SC_CMD_NOT_FOUND);
}

/* 0, or the errno of what the child could not do. */
static int started(int report)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static int launch(struct start *start, struct sc_campaign_run *run)
{
	int report[2], error;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		return fail("run", start->argv[0]);
	start->parent = getpid();
	pid = fork();
	if (pid == 0)
		become(start, report[1]);
	error = pid < 0 ? errno : 0;
	close(report[1]);
	if (!error)
		error = started(report[0]);
	close(report[0]);
	if (error) {
		if (pid > 0)
			waitpid(pid, NULL, 0);
		errno = error;
		return fail("run", start->argv[0]);
	}
	run->pid = pid;
	run->start = sc_campaign_now();
	run->deadline = start->runner->timeout > 0 ? run->start + start->runner->timeout : 0;
	return 0;
}

int sc_campaign_run_start(struct sc_campaign_runner *runner, struct sc_campaign_run *run)
{
	struct start start = { .runner = runner, .run = run, .input = "/dev/null", .output = "stdout", 
			       .errors = "stderr", .argv = runner->options->command };
	int r;

	if (make_directories(runner, run->number))
		return -1;
	start.rules = sc_campaign_plan_environment(runner->plan, run->faults, run->fault_count);
	if (!start.rules) {
		sc_cmd_error("out of memory");
		return -1;
	}
	r = launch(&start, run);
	free(start.rules);
	run->test_pid = run->pid;
	if (r == 0)
		run->phase = SC_CAMPAIGN_TESTING;
	return r;
}

int sc_campaign_run_check(struct sc_campaign_runner *runner, struct sc_campaign_run *run)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)runner->options->check, NULL };
	char input[PATH_MAX];
	struct start start = { .runner = runner, .run = run, .input = input, .output = "check", .errors = "check",
			       .argv = argv };
	int r;

	sc_campaign_path(input, runner->directory, run->number, "stdout");
	r = launch(&start, run);
	if (r == 0)
		run->phase = SC_CAMPAIGN_CHECKING;
	return r;
}

bool sc_campaign_run_ended(const struct sc_campaign_run *run)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == run->pid;
}

void sc_campaign_run_kill(const struct sc_campaign_run *run)
{
	kill(-run->pid, SIGKILL);
}

int sc_campaign_run_reap(struct sc_campaign_run *run)
{
	int status = 0;

	sc_campaign_run_kill(run);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static const char *const outputs[] = { "stdout", "stderr" };

uint64_t sc_campaign_run_output(const char *directory, unsigned number)
{
	uint64_t most = 0;

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		char path[PATH_MAX];
		struct stat now;

		sc_campaign_path(path, directory, number, outputs[i]);
		if (stat(path, &now) == 0 && (uint64_t)now.st_size > most)
			most = (uint64_t)now.st_size;
	}
	return most;
}

void sc_campaign_run_cut(const char *directory, unsigned number, uint64_t size)
{
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		char path[PATH_MAX];
		struct stat now;

		sc_campaign_path(path, directory, number, outputs[i]);
		if (stat(path, &now) == 0 && (uint64_t)now.st_size > size && truncate(path, (off_t)size))
			sc_cmd_error("cannot shorten '%s': %s", path, strerror(errno));
	}
}
