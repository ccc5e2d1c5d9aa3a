/* SPDX-License-Identifier: MIT */
/*
 * Owns the verdicts: what came of a run, beside the baseline. Called by campaign_loop.c.
 *
 *	the fault was not injected                              not-reached
 *	it took too long                                        hang
 *	a signal, a shell's word of one, --crash-status, or a
 *	process with the fault was killed, as none was before   crash
 *	another exit status                                     handled
 *	the same, but another output, or --check says so        wrong-success
 *	the same                                                tolerated
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"

#define TIMES 10 /* how much longer than the baseline a run may take ... */
#define GRACE 1.0 /* ... and seconds on top */

/* Whether two files are the same; what cannot be read is not. */
static bool same_file(const char *a, const char *b)
{
	FILE *first = fopen(a, "re"), *second = fopen(b, "re");
	bool same = first && second;

	while (same) {
		char x[8192], y[8192];
		size_t n = fread(x, 1, sizeof(x), first), m = fread(y, 1, sizeof(y), second);

		same = n == m && memcmp(x, y, n) == 0;
		if (n == 0)
			break;
	}
	if (first)
		fclose(first);
	if (second)
		fclose(second);
	return same;
}

static bool same_output(const struct sc_campaign_runner *runner, unsigned a, unsigned b)
{
	char first[PATH_MAX], second[PATH_MAX];

	sc_campaign_path(first, runner->directory, a, "stdout");
	sc_campaign_path(second, runner->directory, b, "stdout");
	return same_file(first, second);
}

/* 139 is how shells say SIGSEGV; 0: it is no such status. Those that are no fault of a program (SIGINT, SIGTERM) are
 * not looked for: a status may mean anything. */
static int signal_of(int status)
{
	static const int faults[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV, SIGSYS };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (status == 128 + faults[i])
			return faults[i];
	return 0;
}

static bool contains(const json_t *programs, const char *program)
{
	const json_t *item;
	size_t i;

	json_array_foreach(programs, i, item)
		if (!strcmp(json_string_value(item) ? json_string_value(item) : "", program))
			return true;
	return false;
}

/* A child that was killed after its call had failed, of a program that is not killed without faults. Its signal is
 * known to its parent only. */
static const json_t *killed_child(const struct sc_campaign_state *state, const struct sc_campaign_run *run)
{
	const json_t *process;
	size_t i;

	json_array_foreach(json_object_get(run->evidence, "killed"), i, process)
		if (json_is_true(json_object_get(process, "injected")) &&
		    sc_json_whole(process, "pid") != run->test_pid &&
		    !contains(json_object_get(state->baseline, "killed"), sc_json_text(process, "program")))
			return process;
	return NULL;
}

static json_t *why_crash(const struct sc_campaign_runner *runner, const struct sc_campaign_state *state,
			 const struct sc_campaign_run *run)
{
	const json_t *child;
	int status;

	if (WIFSIGNALED(run->status))
		return json_sprintf("killed by SIG%s", sigabbrev_np(WTERMSIG(run->status)) ? : "?");
	status = WEXITSTATUS(run->status);
	if (status != runner->options->expect && runner->options->crash_statuses[status])
		return json_sprintf("exit status %d, which means a crash", status);
	if (status != runner->options->expect && signal_of(status))
		return json_sprintf("exit status %d: a process was killed by SIG%s", status,
				    sigabbrev_np(signal_of(status)));
	child = killed_child(state, run);
	if (child)
		return json_sprintf("process %lld (%s) was killed", sc_json_whole(child, "pid"),
				    sc_json_text(child, "program"));
	return NULL;
}

static json_t *why_wrong(const struct sc_campaign_runner *runner, const struct sc_campaign_state *state,
			 const struct sc_campaign_run *run)
{
	bool compared = !strcmp(sc_json_text(state->baseline, "stdout"), "same");

	if (compared && !same_output(runner, run->number, (unsigned)sc_json_whole(state->baseline, "first")))
		return json_string("another output than without faults");
	if (run->check_timed_out)
		return json_string("the check did not end");
	if (run->check_status && WIFSIGNALED(run->check_status))
		return json_sprintf("the check was killed by SIG%s", sigabbrev_np(WTERMSIG(run->check_status)) ? : "?");
	if (run->check_status)
		return json_sprintf("the check ended with status %d", WEXITSTATUS(run->check_status));
	return NULL;
}

static enum sc_campaign_verdict verdict_of(const struct sc_campaign_runner *runner,
					   const struct sc_campaign_state *state,
					   const struct sc_campaign_run *run, json_t **why)
{
	if (sc_json_whole(run->evidence, "reached") == 0)
		return SC_CAMPAIGN_NOT_REACHED;
	if (run->timed_out) {
		*why = run->flooded ? json_sprintf("killed when it had written %llu MiB",
						   (unsigned long long)runner->output_most >> 20) :
				      json_sprintf("killed after %.3g s", runner->timeout);
		return SC_CAMPAIGN_HANG;
	}
	*why = why_crash(runner, state, run);
	if (*why)
		return SC_CAMPAIGN_CRASH;
	if (WEXITSTATUS(run->status) != runner->options->expect)
		return SC_CAMPAIGN_HANDLED;
	*why = why_wrong(runner, state, run);
	return *why ? SC_CAMPAIGN_WRONG : SC_CAMPAIGN_TOLERATED;
}

static void put_status(json_t *line, const struct sc_campaign_run *run)
{
	if (run->timed_out)
		json_object_set_new(line, "timeout", json_true());
	else if (WIFSIGNALED(run->status))
		json_object_set_new(line, "signal", json_integer(WTERMSIG(run->status)));
	else
		json_object_set_new(line, "exit", json_integer(WEXITSTATUS(run->status)));
}

json_t *sc_campaign_judge(const struct sc_campaign_runner *runner, const struct sc_campaign_state *state,
			  const struct sc_campaign_run *run)
{
	json_t *why = NULL, *line = json_object();
	enum sc_campaign_verdict verdict = verdict_of(runner, state, run, &why);

	json_object_set_new(line, "event", json_string("run"));
	json_object_set_new(line, "run", json_integer(run->number));
	json_object_set_new(line, "faults", sc_campaign_faults_json(run->faults, run->fault_count));
	json_object_set_new(line, "verdict", json_string(sc_campaign_verdict_word(verdict)));
	put_status(line, run);
	if (why)
		json_object_set_new(line, "why", why);
	json_object_set_new(line, "reached", json_incref(json_object_get(run->evidence, "reached")));
	json_object_set_new(line, "seconds", json_real(run->seconds));
	return line;
}

static void describe(char out[64], int status)
{
	if (WIFSIGNALED(status))
		snprintf(out, 64, "SIG%s", sigabbrev_np(WTERMSIG(status)) ? : "?");
	else
		snprintf(out, 64, "exit status %d", WEXITSTATUS(status));
}

static bool is_sound(const struct sc_campaign_runner *runner, const struct sc_campaign_run *run,
		     const struct sc_campaign_run *first)
{
	char errors[PATH_MAX], now[64], before[64];

	describe(now, run->status);
	describe(before, first->status);
	sc_campaign_path(errors, runner->directory, run->number, "");
	if (run->timed_out || run->check_timed_out)
		sc_cmd_error("the test takes more than %.3g s without any fault: see --timeout", runner->timeout);
	else if (run->status != first->status)
		sc_cmd_error("the test is flaky: without any fault it ends with %s, then with %s; see '%s'", before,
			     now, errors);
	else if (WIFSIGNALED(run->status) || WEXITSTATUS(run->status) != runner->options->expect)
		sc_cmd_error("the test ends with %s without any fault: see '%s', or --expect=STATUS if that is right",
			     now, errors);
	else if (run->check_status)
		sc_cmd_error("the check fails without any fault: see '%s'", errors);
	else
		return true;
	return false;
}

json_t *sc_campaign_judge_baseline(const struct sc_campaign_runner *runner, const struct sc_campaign_run *runs,
				   unsigned count)
{
	json_t *killed = json_array(), *line;
	long long stackless = 0;
	bool same = true;
	double seconds = 0;

	for (unsigned i = 0; i < count; i++) {
		const json_t *process;
		size_t n;

		if (!is_sound(runner, &runs[i], &runs[0])) {
			json_decref(killed);
			return NULL;
		}
		same = same && same_output(runner, runs[i].number, runs[0].number);
		seconds = runs[i].seconds > seconds ? runs[i].seconds : seconds;
		stackless += sc_json_whole(runs[i].evidence, "stackless");
		json_array_foreach(json_object_get(runs[i].evidence, "killed"), n, process)
			if (!contains(killed, sc_json_text(process, "program")))
				json_array_append(killed, json_object_get(process, "program"));
	}
	line = json_pack("{s:s, s:i, s:i, s:i}", "event", "baseline", "first", (int)runs[0].number, "last",
			 (int)runs[count - 1].number, "exit", WEXITSTATUS(runs[0].status));
	json_object_set_new(line, "seconds", json_real(seconds));
	json_object_set_new(line, "timeout", json_real(TIMES * seconds + GRACE));
	json_object_set_new(line, "stdout", json_string(same ? "same" : "varies"));
	json_object_set_new(line, "killed", killed);
	json_object_set_new(line, "stackless", json_integer(stackless));
	if (!line)
		sc_cmd_error("out of memory");
	return line;
}
