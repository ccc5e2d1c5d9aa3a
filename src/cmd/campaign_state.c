/* SPDX-License-Identifier: MIT */
/*
 * Owns what is known of a campaign: sites and what came of them, as the lines of its journal say. Does not own the file
 * (campaign_journal.c). Nothing in a line is believed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "cmd/report.h"

#define INDEX_FIRST 1024 /* a power of two */

static const char *const words[] = { "crash", "hang", "wrong-success", "handled", "tolerated", "not-reached" };

const char *sc_campaign_verdict_word(enum sc_campaign_verdict verdict)
{
	return words[verdict];
}

int sc_campaign_verdict_of(const char *word)
{
	for (int i = 0; i < SC_CAMPAIGN_VERDICTS; i++)
		if (!strcmp(word, words[i]))
			return i;
	return -1;
}

json_t *sc_campaign_site_text(uint64_t site)
{
	return json_sprintf("%016" PRIx64, site);
}

bool sc_campaign_site_read(const json_t *text, uint64_t *site)
{
	const char *digits = json_string_value(text);

	if (!digits || strlen(digits) != 16 || strspn(digits, "0123456789abcdef") != 16)
		return false;
	*site = strtoull(digits, NULL, 16);
	return *site != 0;
}

json_t *sc_campaign_faults_json(const struct sc_campaign_fault *faults, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, json_pack("{s:o, s:i}", "site", sc_campaign_site_text(faults[i].site),
						       "rule", (int)faults[i].rule));
	return array;
}

/* The rules of the campaign are in its first line. */
static bool is_rule(const struct sc_campaign_state *state, long long number)
{
	return number >= 0 && number < SC_CAMPAIGN_RULES_MOST &&
	       (size_t)number < json_array_size(json_object_get(state->header, "rules"));
}

/* Whether faults that were read are of rules that there are. */
static bool are_rules(const struct sc_campaign_state *state, const struct sc_campaign_fault *faults, int count)
{
	for (int i = 0; i < count; i++)
		if (!is_rule(state, faults[i].rule))
			return false;
	return true;
}

int sc_campaign_faults_read(const json_t *array, struct sc_campaign_fault *faults)
{
	size_t count = json_array_size(array), i;
	const json_t *item;

	if (count > SC_CAMPAIGN_FAULTS_MOST)
		return -EINVAL;
	json_array_foreach(array, i, item) {
		long long rule = sc_json_whole(item, "rule");

		if (!sc_campaign_site_read(json_object_get(item, "site"), &faults[i].site) || rule < 0 ||
		    rule >= SC_CAMPAIGN_RULES_MOST)
			return -EINVAL;
		faults[i].rule = (unsigned)rule;
	}
	return (int)count;
}

void sc_campaign_state_release(struct sc_campaign_state *state)
{
	for (size_t i = 0; i < state->site_count; i++)
		json_decref(state->sites[i].line);
	for (size_t i = 0; i < state->result_count; i++)
		json_decref(state->results[i]);
	json_decref(state->header);
	json_decref(state->baseline);
	free(state->sites);
	free(state->results);
	free(state->index);
	*state = (struct sc_campaign_state){ 0 };
}

/* Where the number of a site is, or would be. Numbers are from 1. */
static uint32_t *slot_of(const struct sc_campaign_state *state, uint64_t site)
{
	size_t i = site & (state->index_size - 1);

	while (state->index[i] && state->sites[state->index[i] - 1].site != site)
		i = (i + 1) & (state->index_size - 1);
	return &state->index[i];
}

struct sc_campaign_site *sc_campaign_state_find(const struct sc_campaign_state *state, uint64_t site)
{
	uint32_t number = state->index_size ? *slot_of(state, site) : 0;

	return number ? &state->sites[number - 1] : NULL;
}

static int grow_index(struct sc_campaign_state *state)
{
	size_t size = state->index_size ? 2 * state->index_size : INDEX_FIRST;
	uint32_t *index;

	if (state->site_count < state->index_size / 2)
		return 0;
	index = calloc(size, sizeof(*index));
	if (!index)
		return -ENOMEM;
	free(state->index);
	state->index = index;
	state->index_size = size;
	for (size_t i = 0; i < state->site_count; i++)
		*slot_of(state, state->sites[i].site) = (uint32_t)i + 1;
	return 0;
}

static int take_site(struct sc_campaign_state *state, json_t *line)
{
	struct sc_campaign_site site = { .line = line };
	const json_t *rule;
	int count = sc_campaign_faults_read(json_object_get(line, "after"), site.after);
	size_t i;

	if (count < 0 || !are_rules(state, site.after, count) ||
	    !sc_campaign_site_read(json_object_get(line, "site"), &site.site))
		return -EINVAL;
	if (sc_campaign_state_find(state, site.site)) /* a baseline that was begun twice */
		return 0;
	site.after_count = (unsigned)count;
	json_array_foreach(json_object_get(line, "rules"), i, rule) {
		long long number = (long long)json_integer_value(rule);

		if (!is_rule(state, number))
			return -EINVAL;
		site.progress[number] = SC_CAMPAIGN_WAITING;
	}
	if (grow_index(state) || sc_report_grow(&state->sites, state->site_count, sizeof(*state->sites)))
		return -ENOMEM;
	json_incref(line);
	state->sites[state->site_count++] = site;
	*slot_of(state, site.site) = (uint32_t)state->site_count;
	return 0;
}

static int take_result(struct sc_campaign_state *state, json_t *line)
{
	struct sc_campaign_fault faults[SC_CAMPAIGN_FAULTS_MOST];
	int count = sc_campaign_faults_read(json_object_get(line, "faults"), faults);
	int verdict = sc_campaign_verdict_of(sc_json_text(line, "verdict"));
	struct sc_campaign_site *site = count > 0 ? sc_campaign_state_find(state, faults[count - 1].site) : NULL;

	if (!site || verdict < 0 || !are_rules(state, faults, count))
		return -EINVAL;
	if (site->progress[faults[count - 1].rule] == SC_CAMPAIGN_DONE)
		return 0;
	if (sc_report_grow(&state->results, state->result_count, sizeof(*state->results)))
		return -ENOMEM;
	site->progress[faults[count - 1].rule] = SC_CAMPAIGN_DONE;
	state->results[state->result_count++] = json_incref(line);
	state->counts[verdict]++;
	return 0;
}

static void count_run(struct sc_campaign_state *state, const json_t *line, const char *member)
{
	long long number = sc_json_whole(line, member);

	if (number >= (long long)state->next_run && number < INT_MAX)
		state->next_run = (unsigned)number + 1;
}

int sc_campaign_state_take(struct sc_campaign_state *state, json_t *line)
{
	const char *event = sc_json_text(line, "event");

	if (!strcmp(event, "campaign")) {
		if (state->header || sc_json_whole(line, "version") != SC_CAMPAIGN_VERSION)
			return -EINVAL;
		state->header = json_incref(line);
		return 0;
	}
	if (!state->header)
		return -EINVAL;
	if (!strcmp(event, "baseline")) {
		json_decref(state->baseline);
		state->baseline = json_incref(line);
		count_run(state, line, "last");
		return 0;
	}
	if (!strcmp(event, "site"))
		return take_site(state, line);
	if (!strcmp(event, "run")) {
		count_run(state, line, "run");
		return take_result(state, line);
	}
	return 0; /* of a later version */
}

size_t sc_campaign_state_wanted(const struct sc_campaign_state *state)
{
	size_t wanted = 0;

	for (size_t i = 0; i < state->site_count; i++)
		for (unsigned rule = 0; rule < SC_CAMPAIGN_RULES_MOST; rule++)
			wanted += state->sites[i].progress[rule] != SC_CAMPAIGN_NOT_MEANT;
	return wanted;
}

int sc_campaign_state_status(const struct sc_campaign_state *state)
{
	bool found = state->counts[SC_CAMPAIGN_CRASH] || state->counts[SC_CAMPAIGN_HANG] ||
		     state->counts[SC_CAMPAIGN_WRONG];

	return found ? SC_CMD_FOUND : SC_CMD_OK;
}
