/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache campaign`: its options, whether a directory has the same campaign, and the order of things. Called by
 * main.c.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"

#define DIRECTORY "stubcache-campaign"

static const char help[] =
	"Usage: stubcache campaign -e RULE [-e RULE]... [OPTION]... [--] TEST [ARGUMENT]...\n"
	"       stubcache campaign --report DIRECTORY [--json]\n"
	"Lets every call site of some functions fail once, in one run of a test a site, and shows which failures make\n"
	"it crash, hang, or succeed with a wrong result. A call site is a function and the stack it is called from.\n"
	"\n"
	"  -e, --rule=RULE     which calls fail, and how: inject=FUNCTION[@LIBRARY],...:error=ERROR, for example\n"
	"                      -e inject=malloc,calloc,realloc:error=ENOMEM -e inject=read@libc.so.6:error=EIO\n"
	"  -o, --output=DIRECTORY\n"
	"                      where journal and output of the runs are kept (" DIRECTORY "); an interrupted\n"
	"                      campaign goes on there\n"
	"      --new           begin anew instead\n"
	"  -j, --jobs=N        so many runs at a time (1)\n"
	"  -t, --timeout=SECONDS\n"
	"                      a run that takes longer hangs (ten times what the test takes without faults, and 1)\n"
	"      --once          only the first call from a site fails, in each thread; otherwise all do\n"
	"      --depth=N       stacks differ when their innermost N frames do (64)\n"
	"      --faults=N      at most so many sites fail in one run: what is called only after one failure is tried\n"
	"                      together with that (2)\n"
	"      --baseline=N    so many runs without faults first (2)\n"
	"      --expect=STATUS the exit status of the test without faults (0)\n"
	"      --check=COMMAND for the shell: whether the result of a run that ended so is right; it gets the\n"
	"                      test's output as input\n"
	"      --crash-status=N\n"
	"                      an exit status that means a crash, as those of sanitizers and valgrind\n"
	"      --max-sites=N, --max-runs=N\n"
	"                      stop there\n"
	"      --keep          keep the records of all runs, not only of those that found something\n"
	"      --report=DIRECTORY\n"
	"                      run nothing, show what is known of a campaign\n"
	"      --all           show each finding, also of the same call by other stacks with the same end\n"
	"      --json          one JSON object\n"
	"  -h, --help          this text\n"
	"\n"
	"The test's input is /dev/null; it runs in the current directory, with its number in STUBCACHE_CAMPAIGN_RUN.\n"
	"Exit status: 0 when nothing was found, 1 when a crash, a hang or a wrong result was, 2 when the campaign\n"
	"cannot begin or go on, 128 and the signal's number (130) when it was interrupted.\n";

enum {
	ALL = 256, NEW, ONCE, DEPTH, FAULTS, BASELINE, EXPECT, CHECK, CRASH_STATUS, MAX_SITES, MAX_RUNS, KEEP, REPORT,
	JSON,
};

/* A number in [least, most]; false, and said, when it is none. */
static bool read_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == 0 && errno == 0 && value >= least && value <= most) {
		*out = value;
		return true;
	}
	sc_cmd_error("--%s=%s: a number from %llu to %llu is needed", option, text, (unsigned long long)least,
		     (unsigned long long)most);
	return false;
}

static bool read_timeout(const char *text, double *out)
{
	char *end;
	double value = strtod(text, &end);

	if (end != text && *end == 0 && value > 0 && value < 1e6) {
		*out = value;
		return true;
	}
	sc_cmd_error("--timeout=%s: a number of seconds is needed", text);
	return false;
}

static bool set_number(struct sc_campaign_options *options, int option, const char *text)
{
	uint64_t value = 0;
	bool ok;

	switch (option) {
	case 'j':
		ok = read_number("jobs", text, 1, 256, &value);
		options->jobs = (unsigned)value;
		return ok;
	case DEPTH:
		ok = read_number("depth", text, 1, SC_RULE_DEPTH_MOST, &value);
		options->depth = (unsigned)value;
		return ok;
	case FAULTS:
		ok = read_number("faults", text, 1, SC_CAMPAIGN_FAULTS_MOST, &value);
		options->faults = (unsigned)value;
		return ok;
	case BASELINE:
		ok = read_number("baseline", text, 1, 1000, &value);
		options->baselines = (unsigned)value;
		return ok;
	case EXPECT:
		ok = read_number("expect", text, 0, 255, &value);
		options->expect = (int)value;
		return ok;
	case CRASH_STATUS:
		ok = read_number("crash-status", text, 1, 255, &value);
		options->crash_statuses[value] = true;
		return ok;
	case MAX_SITES:
		return read_number("max-sites", text, 1, UINT64_MAX, &options->sites_most);
	default:
		return read_number("max-runs", text, 1, UINT64_MAX, &options->runs_most);
	}
}

/* False when it is wrong, which has been said. */
static bool set_option(struct sc_campaign_options *options, int option, const char *text)
{
	switch (option) {
	case 'e':
		options->rules.texts[options->rules.count++] = text;
		return true;
	case 'o':
		options->directory = text;
		return true;
	case 't':
		return read_timeout(text, &options->timeout);
	case ALL:
		options->all = true;
		return true;
	case NEW:
		options->fresh = true;
		return true;
	case ONCE:
		options->once = true;
		return true;
	case CHECK:
		options->check = text;
		return true;
	case KEEP:
		options->keep = true;
		return true;
	case REPORT:
		options->report = text;
		return true;
	case JSON:
		options->json = true;
		return true;
	case '?':
		return false;
	default:
		return set_number(options, option, text);
	}
}

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, struct sc_campaign_options *options)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, ALL },
		{ "baseline", required_argument, NULL, BASELINE },
		{ "check", required_argument, NULL, CHECK },
		{ "crash-status", required_argument, NULL, CRASH_STATUS },
		{ "depth", required_argument, NULL, DEPTH },
		{ "expect", required_argument, NULL, EXPECT },
		{ "faults", required_argument, NULL, FAULTS },
		{ "help", no_argument, NULL, 'h' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "json", no_argument, NULL, JSON },
		{ "keep", no_argument, NULL, KEEP },
		{ "max-runs", required_argument, NULL, MAX_RUNS },
		{ "max-sites", required_argument, NULL, MAX_SITES },
		{ "new", no_argument, NULL, NEW },
		{ "once", no_argument, NULL, ONCE },
		{ "output", required_argument, NULL, 'o' },
		{ "report", required_argument, NULL, REPORT },
		{ "rule", required_argument, NULL, 'e' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+e:hj:o:t:", longs, NULL)) != -1) {
		if (option == 'h')
			return sc_cmd_help(help);
		if (!set_option(options, option, optarg))
			return sc_cmd_usage("campaign");
	}
	options->command = argv + optind;
	options->argument_count = argc - optind;
	if (options->report && (options->argument_count || options->rules.count))
		sc_cmd_error("--report runs nothing: leave out rules and test");
	else if (!options->report && !options->argument_count)
		sc_cmd_error("a test to run is needed");
	else if (!options->report && !options->rules.count)
		sc_cmd_error("no rule is given: see -e");
	else
		return -1;
	return sc_cmd_usage("campaign");
}

static json_t *texts_json(const char *const *texts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, sc_json_string(texts[i]));
	return array;
}

/* What makes a campaign this one, as the first line of its journal. */
static json_t *make_header(const struct sc_campaign_options *options, const struct sc_campaign_plan *plan)
{
	json_t *line = json_object(), *statuses = json_array(), *rules = json_array();
	char here[PATH_MAX];

	for (unsigned i = 0; i < plan->rules.rule_count; i++)
		json_array_append_new(rules, sc_json_string(plan->rules.rules[i].text));
	for (int i = 0; i < 256; i++)
		if (options->crash_statuses[i])
			json_array_append_new(statuses, json_integer(i));
	json_object_set_new(line, "event", json_string("campaign"));
	json_object_set_new(line, "version", json_integer(SC_CAMPAIGN_VERSION));
	json_object_set_new(line, "rules", rules);
	json_object_set_new(line, "command",
			    texts_json((const char *const *)options->command, (size_t)options->argument_count));
	json_object_set_new(line, "cwd", sc_json_string(getcwd(here, sizeof(here)) ? here : "?"));
	json_object_set_new(line, "depth", json_integer(options->depth));
	json_object_set_new(line, "once", json_boolean(options->once));
	json_object_set_new(line, "expect", json_integer(options->expect));
	json_object_set_new(line, "check", options->check ? sc_json_string(options->check) : json_null());
	json_object_set_new(line, "crash_statuses", statuses);
	return line;
}

/* The first member that differs, or NULL. */
static const char *difference(const json_t *header, const json_t *wanted)
{
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)wanted, key, value)
		if (!json_equal(value, json_object_get(header, key)))
			return key;
	return NULL;
}

static int begin(const struct sc_campaign_options *options, const struct sc_campaign_plan *plan,
		 struct sc_campaign_journal *journal, struct sc_campaign_state *state)
{
	json_t *header = make_header(options, plan);
	const char *other = state->header ? difference(state->header, header) : NULL;

	if (!state->header)
		return sc_campaign_journal_add(journal, state, header, true);
	if (other)
		sc_cmd_error("'%s' has a campaign that differs in %s: name another directory with -o, or begin anew "
			     "with --new", options->directory, other);
	json_decref(header);
	return other ? -1 : 0;
}

static int show(const struct sc_campaign_state *state, const struct sc_campaign_plan *plan, const char *directory,
		const struct sc_campaign_options *options)
{
	json_t *campaign = sc_campaign_json(state, plan, directory);

	if (!campaign) {
		sc_cmd_error("out of memory");
		return SC_CMD_USAGE;
	}
	if (options->json) {
		json_dumpf(campaign, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));
		putchar('\n');
	} else {
		sc_campaign_report(campaign, options->all);
	}
	json_decref(campaign);
	return sc_campaign_state_status(state);
}

static int run(struct sc_campaign_options *options, const struct sc_campaign_plan *plan,
	       struct sc_campaign_journal *journal, struct sc_campaign_state *state)
{
	struct sc_campaign_runner runner = { .options = options, .plan = plan };
	const char *before = getenv("LD_PRELOAD");
	char *kept = before ? strdup(before) : NULL;
	int status = SC_CMD_USAGE;

	runner.preload_before = kept;
	if (sc_campaign_journal_open(journal, options->directory, options->fresh, state) == 0 &&
	    begin(options, plan, journal, state) == 0 && sc_launch_set_preload(options->command[0], NULL)) {
		if (realpath(options->directory, runner.directory))
			status = sc_campaign_loop(&runner, state, journal);
		else
			sc_cmd_error("cannot use '%s': %s", options->directory, strerror(errno));
	}
	if (status == SC_CMD_OK || status == SC_CMD_FOUND)
		status = show(state, plan, options->directory, options);
	free(kept);
	return status;
}

static int new_campaign(struct sc_campaign_options *options)
{
	struct sc_campaign_plan plan = { .once = options->once, .depth = options->depth };
	struct sc_campaign_journal journal = { .fd = -1 };
	struct sc_campaign_state state = { 0 };
	int status = SC_CMD_USAGE;

	if (sc_campaign_plan_init(&plan, options->rules.texts, options->rules.count) == 0)
		status = run(options, &plan, &journal, &state);
	sc_campaign_journal_close(&journal);
	sc_campaign_state_release(&state);
	sc_campaign_plan_release(&plan);
	return status;
}

/* Rules, depth and the like are those of the journal. */
static int plan_of(struct sc_campaign_plan *plan, const struct sc_campaign_state *state)
{
	const json_t *rules = json_object_get(state->header, "rules"), *rule;
	size_t count = json_array_size(rules), i;
	const char **texts = calloc(count + 1, sizeof(*texts));
	int r = texts ? 0 : -ENOMEM;

	plan->once = json_is_true(json_object_get(state->header, "once"));
	plan->depth = (unsigned)sc_json_whole(state->header, "depth");
	if (r == 0)
		json_array_foreach(rules, i, rule)
			texts[i] = json_string_value(rule) ? : "";
	if (r == 0)
		r = sc_campaign_plan_init(plan, texts, count);
	free(texts);
	return r;
}

static int old_campaign(const struct sc_campaign_options *options)
{
	struct sc_campaign_plan plan = { 0 };
	struct sc_campaign_state state = { 0 };
	int status = SC_CMD_USAGE;

	if (sc_campaign_journal_read(options->report, &state) == 0 && plan_of(&plan, &state) == 0)
		status = show(&state, &plan, options->report, options);
	sc_campaign_state_release(&state);
	sc_campaign_plan_release(&plan);
	return status;
}

int sc_cmd_campaign(int argc, char **argv)
{
	struct sc_campaign_options options = { .directory = DIRECTORY, .depth = SC_RULE_DEPTH, .jobs = 1, 
					       .baselines = 2, .faults = 2 };
	int status;

	if (sc_launch_rules_init(&options.rules, argc))
		return SC_CMD_USAGE;
	status = parse(argc, argv, &options);
	if (status < 0)
		status = sc_cmd_finish(options.report ? old_campaign(&options) : new_campaign(&options));
	sc_launch_rules_release(&options.rules);
	return status;
}
