/* SPDX-License-Identifier: MIT */
/*
 * `stubcache campaign`: every call site of some functions fails once, one run of a test a site.
 *
 *	campaign.c          options
 *	campaign_plan.c     rules: which functions, and how a fault is asked for
 *	campaign_state.c    sites and results, in memory
 *	campaign_journal.c  the same on disk, so that a kill loses no more than the runs that were going on
 *	campaign_loop.c     which run is next; progress, interruption
 *	campaign_run.c      one run: start, time limit, end
 *	campaign_sites.c    what the records of a run say: sites, faults, processes that died
 *	campaign_faults.c   how many faults a record has
 *	campaign_judge.c    what came of a run
 *	campaign_stack.c    stacks with names
 *	campaign_report.c   the table
 *	campaign_json.c     the same as JSON
 *
 * Formats: doc/campaign.md. One thread. Functions that fail for want of memory or of a disk say so themselves, once
 * (sc_cmd_error), where their comment says "said".
 */
#ifndef SC_CMD_CAMPAIGN_H
#define SC_CMD_CAMPAIGN_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/launch.h"
#include "common/rules.h"

#define SC_CAMPAIGN_RULES_MOST 32
#define SC_CAMPAIGN_FAULTS_MOST 8
#define SC_CAMPAIGN_JOURNAL "journal.jsonl"
#define SC_CAMPAIGN_VERSION 1

/* In the order in which they are shown. */
enum sc_campaign_verdict {
	SC_CAMPAIGN_CRASH,
	SC_CAMPAIGN_HANG,
	SC_CAMPAIGN_WRONG,	 /* succeeded, with another result */
	SC_CAMPAIGN_HANDLED,	 /* ended with another status: it noticed */
	SC_CAMPAIGN_TOLERATED,	 /* succeeded with the same result */
	SC_CAMPAIGN_NOT_REACHED, /* the call was not made this time */
	SC_CAMPAIGN_VERDICTS,
};

struct sc_campaign_options {
	struct sc_launch_rules rules;
	char **command;
	int argument_count;
	const char *directory;
	const char *check;	  /* or NULL */
	const char *report;	  /* a directory: only show */
	unsigned depth, jobs, baselines, faults;
	double timeout;		  /* seconds; 0: from the baseline */
	int expect;		  /* exit status */
	bool crash_statuses[256]; /* exit statuses that mean a crash */
	uint64_t sites_most, runs_most; /* 0: any */
	bool once, fresh, keep, json, all;
};

/* ---- plan ---- */

struct sc_campaign_plan {
	struct sc_arena arena;
	struct sc_rules rules;
	bool once;
	unsigned depth;
};

/* A call site that fails, by which rule. */
struct sc_campaign_fault {
	uint64_t site;
	unsigned rule;
};

/* Reads texts[0..count), each with rules of inject. 0, -EINVAL (said) or -ENOMEM. Release in every case. */
int sc_campaign_plan_init(struct sc_campaign_plan *plan, const char *const *texts, size_t count);
void sc_campaign_plan_release(struct sc_campaign_plan *plan);
/* What stands behind the targets: "error=ENOMEM". Belongs to the plan. */
const char *sc_campaign_plan_what(const struct sc_campaign_plan *plan, unsigned rule);
/* The rule that makes one site fail; the caller frees it. NULL: no memory, or the plan has no such rule. */
char *sc_campaign_plan_fault(const struct sc_campaign_plan *plan, const struct sc_campaign_fault *fault);
/* What STUBCACHE is to be for a run: faults, in order, then what records stacks. The caller frees it. */
char *sc_campaign_plan_environment(const struct sc_campaign_plan *plan, const struct sc_campaign_fault *faults,
				   unsigned count);
/* Whether a rule means a function, called from a module. */
bool sc_campaign_plan_selects(const struct sc_campaign_plan *plan, unsigned rule, const char *function,
			      const char *version, const struct sc_library_names *library,
			      const struct sc_library_names *caller);
/* The command line for a shell that makes the same calls fail; the caller frees it. */
char *sc_campaign_plan_reproduce(const struct sc_campaign_plan *plan, const struct sc_campaign_fault *faults,
				 unsigned count, const json_t *command);

/* ---- state ---- */

enum sc_campaign_progress { SC_CAMPAIGN_NOT_MEANT, SC_CAMPAIGN_WAITING, SC_CAMPAIGN_RUNNING, SC_CAMPAIGN_DONE };

struct sc_campaign_site {
	uint64_t site;
	json_t *line; /* of the journal */
	struct sc_campaign_fault after[SC_CAMPAIGN_FAULTS_MOST]; /* without which the call is not made */
	unsigned after_count;
	uint8_t progress[SC_CAMPAIGN_RULES_MOST]; /* by rule */
};

struct sc_campaign_state {
	json_t *header;	  /* lines of the journal, or NULL */
	json_t *baseline;
	struct sc_campaign_site *sites; /* in the order in which they were found */
	size_t site_count;
	json_t **results;
	size_t result_count;
	uint32_t *index;  /* sites by hash */
	size_t index_size;
	unsigned next_run;
	size_t counts[SC_CAMPAIGN_VERDICTS];
};

void sc_campaign_state_release(struct sc_campaign_state *state);
/* Takes a line of the journal, whose reference stays the caller's. -EINVAL: it is none. -ENOMEM. */
int sc_campaign_state_take(struct sc_campaign_state *state, json_t *line);
struct sc_campaign_site *sc_campaign_state_find(const struct sc_campaign_state *state, uint64_t site);
/* Pairs of site and rule that are to be tried, and those that were. */
size_t sc_campaign_state_wanted(const struct sc_campaign_state *state);
/* Exit status of what is known so far: whether anything bad was found. */
int sc_campaign_state_status(const struct sc_campaign_state *state);

/* Stable words: "crash", "hang", ...; -1 when it is none. */
const char *sc_campaign_verdict_word(enum sc_campaign_verdict verdict);
int sc_campaign_verdict_of(const char *word);

json_t *sc_campaign_site_text(uint64_t site);
bool sc_campaign_site_read(const json_t *text, uint64_t *site);
json_t *sc_campaign_faults_json(const struct sc_campaign_fault *faults, unsigned count);
/* How many, at most SC_CAMPAIGN_FAULTS_MOST, or -EINVAL. */
int sc_campaign_faults_read(const json_t *array, struct sc_campaign_fault *faults);

/* ---- journal ---- */

struct sc_campaign_journal {
	int fd; /* -1: none; locked as long as it is open */
};

/*
 * Opens the journal in a directory, which is made if it is missing, and gives each line to the state. A last line that
 * is not whole is cut off. A directory that has something else in it is refused; fresh: an old campaign in it is
 * removed. 0, or -1 (said).
 */
int sc_campaign_journal_open(struct sc_campaign_journal *journal, const char *directory, bool fresh,
			     struct sc_campaign_state *state);
/* Only reads, also while the campaign goes on. */
int sc_campaign_journal_read(const char *directory, struct sc_campaign_state *state);
/* Appends a line; it is on disk once a later call with sync has returned. 0 or -1 (said). Steals the reference. */
int sc_campaign_journal_add(struct sc_campaign_journal *journal, struct sc_campaign_state *state, json_t *line,
			    bool sync);
void sc_campaign_journal_close(struct sc_campaign_journal *journal);
/* Removes a directory with all that is in it. */
void sc_campaign_remove(const char *path);

/* ---- runs ---- */

enum sc_campaign_phase { SC_CAMPAIGN_IDLE, SC_CAMPAIGN_TESTING, SC_CAMPAIGN_CHECKING, SC_CAMPAIGN_ENDED };

struct sc_campaign_run {
	enum sc_campaign_phase phase;
	unsigned number;
	struct sc_campaign_fault faults[SC_CAMPAIGN_FAULTS_MOST]; /* the last one is what is tested */
	unsigned fault_count; /* 0: baseline */
	pid_t pid;	      /* of the test, or of the check */
	pid_t test_pid;
	int status;	      /* of the test, as waitpid has it */
	int check_status;     /* of the check; 0 without one */
	bool timed_out, check_timed_out;
	bool flooded;	      /* timed_out before its time, because it wrote without end */
	double start, deadline, seconds; /* CLOCK_MONOTONIC; deadline 0: none */
	json_t *evidence;     /* what the records say (campaign_sites.c) */
};

struct sc_campaign_runner {
	const struct sc_campaign_options *options;
	const struct sc_campaign_plan *plan;
	char directory[PATH_MAX]; /* of the campaign, absolute */
	const char *preload_before; /* LD_PRELOAD as we were given it, or NULL */
	double timeout;		  /* 0: none yet */
	uint64_t output_most;	  /* bytes that a test may write to each of its outputs; 0: any */
};

double sc_campaign_now(void);
/* The path of something in a run's directory; name "": the directory. */
void sc_campaign_path(char out[PATH_MAX], const char *directory, unsigned run, const char *name);
/* Blocks the signals that the loop waits for. */
void sc_campaign_signals(sigset_t *taken);
/* Starts a test in a session of its own. 0, or -1 (said). */
int sc_campaign_run_start(struct sc_campaign_runner *runner, struct sc_campaign_run *run);
/* Starts --check on what a test left. */
int sc_campaign_run_check(struct sc_campaign_runner *runner, struct sc_campaign_run *run);
/* Whether the process has ended; its group still lives, and its pid is not given away until sc_campaign_run_reap. */
bool sc_campaign_run_ended(const struct sc_campaign_run *run);
/* Kills what is left of the group and takes the status. */
int sc_campaign_run_reap(struct sc_campaign_run *run);
void sc_campaign_run_kill(const struct sc_campaign_run *run);
/* Bytes that the run has written to the longer of its outputs. */
uint64_t sc_campaign_run_output(const char *directory, unsigned number);
/* Cuts both outputs off behind so many bytes. */
void sc_campaign_run_cut(const char *directory, unsigned number, uint64_t size);

/* ---- evidence ---- */

/*
 * Reads the records of a run: an object with
 *	sites     array of lines for the journal, of sites that are not in the state
 *	reached   faults of the last rule that were injected
 *	injected  programs and pids in which they were
 *	killed    programs that were killed, with pids
 *	stackless calls whose stack was not recorded
 * NULL: no memory, or the directory cannot be read (said).
 */
json_t *sc_campaign_evidence(const struct sc_campaign_plan *plan, const struct sc_campaign_state *state,
			     const char *records, const struct sc_campaign_run *run, uint64_t sites_most);

/* Faults of a rule, by its place among the rules of the run, in the bytes of a record. */
uint64_t sc_campaign_faults_count(const void *data, size_t size, unsigned rule);

/* The line of the journal that says what came of a run. NULL: no memory. */
json_t *sc_campaign_judge(const struct sc_campaign_runner *runner, const struct sc_campaign_state *state,
			  const struct sc_campaign_run *run);
/* The line about the baseline, of runs[0..count). NULL (said) when they do not do as foundation. */
json_t *sc_campaign_judge_baseline(const struct sc_campaign_runner *runner, const struct sc_campaign_run *runs,
				   unsigned count);

/* Runs what is left to be run. Exit status. */
int sc_campaign_loop(struct sc_campaign_runner *runner, struct sc_campaign_state *state,
		     struct sc_campaign_journal *journal);

/* ---- reports ---- */

struct sc_symbols;

/* Frames of a site as an array of objects: function, file, line (where known), module, offset; inlined ones each of
 * their own. NULL: no memory. */
json_t *sc_campaign_stack(struct sc_symbols *symbols, const json_t *frames);
/* The last lines of a run's stderr, as an array of text. */
json_t *sc_campaign_tail(const char *directory, long long run);
/* Everything about a campaign, as `--json` prints it; NULL: no memory. */
json_t *sc_campaign_json(const struct sc_campaign_state *state, const struct sc_campaign_plan *plan,
			 const char *directory);
/* The table, from that; all: also what is most likely the same. */
void sc_campaign_report(const json_t *campaign, bool all);

#endif
