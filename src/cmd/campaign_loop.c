/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of a campaign: the baseline, then one run for each site and rule that waits, several at a time; what
 * runs find is put into the queue behind. Waits for tests, time limits and the user. Called by campaign.c.
 *
 * The lines of what a run has found come before that of the run itself, and only that one is waited for: when it is on
 * disk, they are.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"

#define OUTPUT_MOST ((uint64_t)64 << 20) /* bytes, and four times what the test writes without faults */

struct loop {
	struct sc_campaign_runner *runner;
	struct sc_campaign_state *state;
	struct sc_campaign_journal *journal;
	struct sc_campaign_run *runs;
	unsigned run_count;
	sigset_t taken;
	int signal;    /* that the campaign was interrupted by */
	bool terminal; /* on stderr */
	double start;
	size_t cursor, done;
};

/* ---- waiting ---- */

static struct timespec until_deadline(const struct loop *loop)
{
	double now = sc_campaign_now(), left = 0.2; /* how often progress is shown, and output measured */
	struct timespec out;

	for (unsigned i = 0; i < loop->run_count; i++) {
		const struct sc_campaign_run *run = &loop->runs[i];

		if ((run->phase == SC_CAMPAIGN_TESTING || run->phase == SC_CAMPAIGN_CHECKING) && run->deadline > 0)
			left = run->deadline - now < left ? run->deadline - now : left;
	}
	left = left > 0 ? left : 0;
	out.tv_sec = (time_t)left;
	out.tv_nsec = (long)((left - (double)out.tv_sec) * 1e9);
	return out;
}

/* What the records say is read first: then the process is a zombie, and has its number yet. */
static int end_test(struct loop *loop, struct sc_campaign_run *run)
{
	const struct sc_campaign_options *options = loop->runner->options;
	/* What is only met with as many faults as may be cannot be tried. */
	uint64_t most = run->fault_count < options->faults ? options->sites_most : loop->state->site_count;
	char records[PATH_MAX];

	run->seconds = sc_campaign_now() - run->start;
	sc_campaign_path(records, loop->runner->directory, run->number, "records");
	run->evidence = sc_campaign_evidence(loop->runner->plan, loop->state, records, run, most);
	run->status = sc_campaign_run_reap(run);
	run->phase = SC_CAMPAIGN_ENDED;
	if (!run->evidence)
		return -1;
	if (!options->check || run->timed_out || !WIFEXITED(run->status) || WEXITSTATUS(run->status) != options->expect)
		return 0;
	return sc_campaign_run_check(loop->runner, run);
}

static void end_check(struct sc_campaign_run *run)
{
	run->check_status = sc_campaign_run_reap(run);
	run->phase = SC_CAMPAIGN_ENDED;
}

/* What tries again for ever and says so each time would fill the disk before its time is over. */
static bool is_over(const struct loop *loop, struct sc_campaign_run *run)
{
	uint64_t most = loop->runner->output_most;

	/* Killed already, only not gone yet. */
	if (run->timed_out || run->check_timed_out)
		return false;
	if (run->deadline > 0 && sc_campaign_now() >= run->deadline)
		return true;
	run->flooded = run->phase == SC_CAMPAIGN_TESTING && most &&
		       sc_campaign_run_output(loop->runner->directory, run->number) > most;
	return run->flooded;
}

static int look_at(struct loop *loop, struct sc_campaign_run *run)
{
	if (run->phase != SC_CAMPAIGN_TESTING && run->phase != SC_CAMPAIGN_CHECKING)
		return 0;
	if (sc_campaign_run_ended(run)) {
		if (run->phase == SC_CAMPAIGN_TESTING)
			return end_test(loop, run);
		end_check(run);
	} else if (is_over(loop, run)) {
		run->deadline = 0;
		if (run->phase == SC_CAMPAIGN_TESTING)
			run->timed_out = true;
		else
			run->check_timed_out = true;
		sc_campaign_run_kill(run);
	}
	return 0;
}

/* Until something has happened. 0 or -1: cannot go on, or was interrupted. */
static int wait_for_runs(struct loop *loop)
{
	struct timespec left = until_deadline(loop);
	int number = sigtimedwait(&loop->taken, NULL, &left);

	if (number > 0 && number != SIGCHLD) {
		loop->signal = number;
		return -1;
	}
	for (unsigned i = 0; i < loop->run_count; i++)
		if (look_at(loop, &loop->runs[i]))
			return -1;
	return 0;
}

/* ---- runs ---- */

/* Images are of no use to another run, and records only where something is to be looked at. */
static void tidy(const struct loop *loop, unsigned number, bool keep_records)
{
	char path[PATH_MAX];

	if (loop->runner->output_most)
		sc_campaign_run_cut(loop->runner->directory, number, loop->runner->output_most);
	sc_campaign_path(path, loop->runner->directory, number, "cache");
	sc_campaign_remove(path);
	sc_campaign_path(path, loop->runner->directory, number, "records");
	if (!keep_records && !loop->runner->options->keep)
		sc_campaign_remove(path);
}

static int add_sites(struct loop *loop, const struct sc_campaign_run *run)
{
	json_t *line;
	size_t i;

	/* Of a fault that was not injected it cannot be that they are met. */
	if (run->fault_count && sc_json_whole(run->evidence, "reached") == 0)
		return 0;
	json_array_foreach(json_object_get(run->evidence, "sites"), i, line) {
		uint64_t site;

		/* Another run may have been quicker. */
		if (sc_campaign_site_read(json_object_get(line, "site"), &site) &&
		    sc_campaign_state_find(loop->state, site))
			continue;
		if (sc_campaign_journal_add(loop->journal, loop->state, json_incref(line), false))
			return -1;
	}
	return 0;
}

static void forget(struct sc_campaign_run *run)
{
	json_decref(run->evidence);
	*run = (struct sc_campaign_run){ .phase = SC_CAMPAIGN_IDLE };
}

static int conclude(struct loop *loop, struct sc_campaign_run *run)
{
	json_t *line = sc_campaign_judge(loop->runner, loop->state, run);
	int verdict = sc_campaign_verdict_of(sc_json_text(line, "verdict"));
	int r = add_sites(loop, run);

	if (r == 0)
		r = sc_campaign_journal_add(loop->journal, loop->state, line, true);
	else
		json_decref(line);
	tidy(loop, run->number, verdict >= 0 && verdict <= SC_CAMPAIGN_WRONG);
	forget(run);
	loop->done++;
	return r;
}

static int conclude_all(struct loop *loop)
{
	for (unsigned i = 0; i < loop->run_count; i++)
		if (loop->runs[i].phase == SC_CAMPAIGN_ENDED && conclude(loop, &loop->runs[i]))
			return -1;
	return 0;
}

/* The next pair of site and rule that waits. */
static bool take_next(struct loop *loop, struct sc_campaign_run *run)
{
	for (; loop->cursor < loop->state->site_count; loop->cursor++) {
		struct sc_campaign_site *site = &loop->state->sites[loop->cursor];

		for (unsigned rule = 0; rule < SC_CAMPAIGN_RULES_MOST; rule++) {
			if (site->progress[rule] != SC_CAMPAIGN_WAITING)
				continue;
			memcpy(run->faults, site->after, sizeof(run->faults));
			run->fault_count = site->after_count + 1;
			if (run->fault_count > SC_CAMPAIGN_FAULTS_MOST)
				continue;
			run->faults[site->after_count] = (struct sc_campaign_fault){ site->site, rule };
			run->number = loop->state->next_run++;
			site->progress[rule] = SC_CAMPAIGN_RUNNING;
			return true;
		}
	}
	return false;
}

static bool may_start(const struct loop *loop, unsigned running)
{
	uint64_t most = loop->runner->options->runs_most;

	return most == 0 || loop->state->result_count + running < most;
}

/* Fills free places; how many run then, or -1. */
static int start_runs(struct loop *loop)
{
	unsigned running = 0;

	for (unsigned i = 0; i < loop->run_count; i++)
		running += loop->runs[i].phase != SC_CAMPAIGN_IDLE;
	for (unsigned i = 0; i < loop->run_count; i++) {
		struct sc_campaign_run *run = &loop->runs[i];

		if (run->phase != SC_CAMPAIGN_IDLE || !may_start(loop, running) || !take_next(loop, run))
			continue;
		if (sc_campaign_run_start(loop->runner, run))
			return -1;
		running++;
	}
	return (int)running;
}

/* ---- progress ---- */

static void show_progress(const struct loop *loop)
{
	const size_t *counts = loop->state->counts;
	size_t wanted, done = loop->state->result_count;
	double took = sc_campaign_now() - loop->start;

	if (!loop->terminal)
		return;
	wanted = sc_campaign_state_wanted(loop->state);
	fprintf(stderr, "\r\033[Kstubcache: %zu of %zu runs; %zu crashed, %zu hung, %zu wrong", done, wanted,
		counts[SC_CAMPAIGN_CRASH], counts[SC_CAMPAIGN_HANG], counts[SC_CAMPAIGN_WRONG]);
	if (loop->done && wanted > done)
		fprintf(stderr, "; %.0f s left", took / (double)loop->done * (double)(wanted - done));
}

static void end_progress(const struct loop *loop)
{
	if (loop->terminal)
		fputs("\r\033[K", stderr);
}

/* ---- baseline ---- */

/* One after the other, so that they do not slow each other down. */
static int run_baselines(struct loop *loop)
{
	unsigned count = loop->run_count;

	for (unsigned i = 0; i < count; i++) {
		struct sc_campaign_run *run = &loop->runs[i];

		if (loop->terminal)
			fprintf(stderr, "\r\033[Kstubcache: run %u of %u without faults", i + 1, count);
		run->number = i;
		if (sc_campaign_run_start(loop->runner, run))
			return -1;
		while (run->phase != SC_CAMPAIGN_ENDED)
			if (wait_for_runs(loop))
				return -1;
		if (add_sites(loop, run))
			return -1;
		tidy(loop, run->number, true);
	}
	return 0;
}

static int make_baseline(struct loop *loop)
{
	json_t *line = NULL;
	int r;

	loop->run_count = loop->runner->options->baselines;
	loop->runs = calloc(loop->run_count, sizeof(*loop->runs));
	r = loop->runs ? run_baselines(loop) : -1;
	if (r == 0)
		line = sc_campaign_judge_baseline(loop->runner, loop->runs, loop->run_count);
	if (r == 0)
		r = line ? sc_campaign_journal_add(loop->journal, loop->state, line, true) : -1;
	return r;
}

/* ---- all ---- */

/* What still runs is not concluded: it is run again when the campaign goes on. */
static void stop_runs(struct loop *loop)
{
	for (unsigned i = 0; loop->runs && i < loop->run_count; i++) {
		struct sc_campaign_run *run = &loop->runs[i];

		if (run->phase == SC_CAMPAIGN_TESTING || run->phase == SC_CAMPAIGN_CHECKING)
			sc_campaign_run_reap(run);
		forget(run);
	}
	free(loop->runs);
	loop->runs = NULL;
}

static int run_faults(struct loop *loop)
{
	int running;

	loop->run_count = loop->runner->options->jobs;
	loop->runs = calloc(loop->run_count, sizeof(*loop->runs));
	if (!loop->runs)
		return -1;
	while ((running = start_runs(loop)) > 0) {
		show_progress(loop);
		if (wait_for_runs(loop) || conclude_all(loop))
			return -1;
	}
	return running;
}

static void set_limits(struct loop *loop)
{
	const json_t *baseline = loop->state->baseline;
	double given = loop->runner->options->timeout;
	unsigned first = (unsigned)sc_json_whole(baseline, "first");

	loop->runner->timeout = given > 0 ? given : json_number_value(json_object_get(baseline, "timeout"));
	if (baseline)
		loop->runner->output_most = OUTPUT_MOST + 4 * sc_campaign_run_output(loop->runner->directory, first);
}

/* What the user has to know besides the table. */
static void say_what_is_left(const struct loop *loop)
{
	size_t wanted = sc_campaign_state_wanted(loop->state), done = loop->state->result_count;
	const struct sc_campaign_options *options = loop->runner->options;

	if (loop->signal)
		sc_cmd_error("interrupted after %zu of %zu runs: the same command goes on", done, wanted);
	else if (wanted > done)
		sc_cmd_error("%zu of %zu runs were made, as --max-runs says: the same command with more goes on", done,
			     wanted);
	if (options->sites_most && loop->state->site_count >= options->sites_most)
		sc_cmd_error("%zu sites are looked at, as --max-sites says: there may be more",
			     loop->state->site_count);
	if (sc_json_whole(loop->state->baseline, "stackless"))
		sc_cmd_error("%lld calls are from no known site: there was no room for their stacks, see --depth",
			     sc_json_whole(loop->state->baseline, "stackless"));
	if (loop->state->counts[SC_CAMPAIGN_NOT_REACHED])
		sc_cmd_error("%zu of %zu runs did not make the call that was to fail: the test depends on what others "
			     "leave behind, or on chance; see STUBCACHE_CAMPAIGN_RUN in stubcache(1)",
			     loop->state->counts[SC_CAMPAIGN_NOT_REACHED], done);
	if (!strcmp(sc_json_text(loop->state->baseline, "stdout"), "varies"))
		sc_cmd_error("the output varies without any fault, and is not compared: see --check");
	if (loop->state->baseline && loop->state->site_count == 0)
		sc_cmd_error("no call was seen that could fail: '%s' may be statically linked or setuid, or see "
			     "'%s/runs/0/stderr'", options->command[0], loop->runner->directory);
}

int sc_campaign_loop(struct sc_campaign_runner *runner, struct sc_campaign_state *state,
		     struct sc_campaign_journal *journal)
{
	struct loop loop = { .runner = runner, .state = state, .journal = journal, 
			     .terminal = isatty(STDERR_FILENO) == 1, .start = sc_campaign_now() };
	int r = 0;

	sc_campaign_signals(&loop.taken);
	set_limits(&loop);
	if (!state->baseline) {
		r = make_baseline(&loop);
		stop_runs(&loop);
		set_limits(&loop);
	}
	if (r == 0)
		r = run_faults(&loop);
	stop_runs(&loop);
	end_progress(&loop);
	if (r && !loop.signal)
		return SC_CMD_USAGE;
	say_what_is_left(&loop);
	return loop.signal ? 128 + loop.signal : sc_campaign_state_status(state);
}
