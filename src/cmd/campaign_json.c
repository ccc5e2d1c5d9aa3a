/* SPDX-License-Identifier: MIT */
/*
 * Owns the account of a campaign (doc/schemas/campaign.schema.json), from which campaign_report.c makes a table, too.
 * Called by campaign.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/campaign.h"
#include "cmd/json_values.h"
#include "cmd/symbolize.h"

struct telling {
	const struct sc_campaign_state *state;
	const struct sc_campaign_plan *plan;
	const char *directory;
	struct sc_symbols *symbols;
};

static json_t *fault_json(const struct telling *telling, const struct sc_campaign_fault *fault)
{
	const struct sc_campaign_site *site = sc_campaign_state_find(telling->state, fault->site);
	const json_t *line = site ? site->line : NULL;
	json_t *out = json_object();

	json_object_set(out, "function", json_object_get(line, "function"));
	json_object_set_new(out, "fault", sc_json_string(sc_campaign_plan_what(telling->plan, fault->rule)));
	json_object_set_new(out, "site", sc_campaign_site_text(fault->site));
	json_object_set_new(out, "rule", json_integer(fault->rule));
	json_object_set_new(out, "stack", sc_campaign_stack(telling->symbols, json_object_get(line, "stack")));
	if (json_is_true(json_object_get(line, "cut")))
		json_object_set_new(out, "cut", json_true());
	return out;
}

static json_t *after_json(const struct telling *telling, const struct sc_campaign_fault *faults, int count)
{
	json_t *out = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(out, fault_json(telling, &faults[i]));
	return out;
}

static json_t *result_json(const struct telling *telling, const json_t *line)
{
	static const char *const members[] = { "verdict", "why", "exit", "signal", "timeout", "reached", "seconds",
					       "run" };
	struct sc_campaign_fault faults[SC_CAMPAIGN_FAULTS_MOST];
	int count = sc_campaign_faults_read(json_object_get(line, "faults"), faults);
	json_t *out = json_object(), *fault;
	char *command;

	if (count < 1)
		return out;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (json_object_get(line, members[i]))
			json_object_set(out, members[i], json_object_get(line, members[i]));
	fault = fault_json(telling, &faults[count - 1]);
	json_object_update(out, fault);
	json_decref(fault);
	json_object_set_new(out, "after", after_json(telling, faults, count - 1));
	json_object_set_new(out, "stderr", sc_campaign_tail(telling->directory, sc_json_whole(line, "run")));
	command = sc_campaign_plan_reproduce(telling->plan, faults, (unsigned)count,
					     json_object_get(telling->state->header, "command"));
	json_object_set_new(out, "command", sc_json_string(command ? command : ""));
	free(command);
	return out;
}

/* The same call, by whatever way it is reached, with the same end: most likely one fault of the program. */
static char *group_key(const json_t *result)
{
	const json_t *call = json_array_get(json_object_get(result, "stack"), 0);
	long long status = json_object_get(result, "exit") ? sc_json_whole(result, "exit") : -1;
	char *key;

	if (asprintf(&key, "%s\n%lld\n%lld\n%s\n%s\n%s\n%lld", sc_json_text(result, "verdict"),
		     status, sc_json_whole(result, "signal"),
		     sc_json_text(result, "function"), sc_json_text(result, "fault"), sc_json_text(call, "module"),
		     sc_json_whole(call, "offset")) < 0)
		return NULL;
	return key;
}

/* A group is named by its first run. */
static void put_groups(json_t *results)
{
	json_t *groups = json_object(), *result;
	size_t i;

	json_array_foreach(results, i, result) {
		char *key = group_key(result);

		if (key && !json_object_get(groups, key))
			json_object_set(groups, key, json_object_get(result, "run"));
		json_object_set(result, "group", json_object_get(groups, key ? key : ""));
		free(key);
	}
	json_decref(groups);
}

/* The worst first; of those in the order in which they were found. */
static json_t *results_json(const struct telling *telling)
{
	json_t *out = json_array();

	for (int verdict = 0; verdict < SC_CAMPAIGN_VERDICTS; verdict++)
		for (size_t i = 0; i < telling->state->result_count; i++)
			if (sc_campaign_verdict_of(sc_json_text(telling->state->results[i], "verdict")) == verdict)
				json_array_append_new(out, result_json(telling, telling->state->results[i]));
	put_groups(out);
	return out;
}

static json_t *counts_json(const struct sc_campaign_state *state)
{
	json_t *out = json_object();

	for (int verdict = 0; verdict < SC_CAMPAIGN_VERDICTS; verdict++)
		json_object_set_new(out, sc_campaign_verdict_word((enum sc_campaign_verdict)verdict),
				    json_integer((json_int_t)state->counts[verdict]));
	return out;
}

static json_t *without_event(const json_t *line)
{
	json_t *out = line ? json_copy((json_t *)line) : json_null();

	json_object_del(out, "event");
	return out;
}

json_t *sc_campaign_json(const struct sc_campaign_state *state, const struct sc_campaign_plan *plan,
			 const char *directory)
{
	struct telling telling = { .state = state, .plan = plan, .directory = directory,
				   .symbols = sc_symbols_open(true) };
	size_t wanted = sc_campaign_state_wanted(state);
	json_t *out;

	if (!telling.symbols)
		return NULL;
	out = json_object();
	json_object_set_new(out, "version", json_integer(SC_CAMPAIGN_VERSION));
	json_object_set_new(out, "directory", sc_json_string(directory));
	json_object_set_new(out, "campaign", without_event(state->header));
	json_object_set_new(out, "baseline", without_event(state->baseline));
	json_object_set_new(out, "complete", json_boolean(state->baseline && wanted == state->result_count));
	json_object_set_new(out, "sites", json_integer((json_int_t)state->site_count));
	json_object_set_new(out, "runs", json_integer((json_int_t)state->result_count));
	json_object_set_new(out, "runs_wanted", json_integer((json_int_t)wanted));
	json_object_set_new(out, "counts", counts_json(state));
	json_object_set_new(out, "results", results_json(&telling));
	sc_symbols_close(telling.symbols);
	return out;
}
