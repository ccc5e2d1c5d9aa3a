/* SPDX-License-Identifier: MIT */
/* Owns the table of a campaign: what was found, each with its stack, then counts by function. Called by campaign.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/campaign.h"
#include "cmd/json_values.h"

#define FRAMES_SHOWN 24
#define OTHERS_SHOWN 8

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void print_frame(const json_t *frame)
{
	const char *file = sc_json_text(frame, "file"), *module = base_name(sc_json_text(frame, "module"));
	long long line = sc_json_whole(frame, "line");

	printf("        %s", sc_json_text(frame, "function"));
	if (*file && line)
		printf("  %s:%lld", file, line);
	else if (*file)
		printf("  %s", file);
	else if (*module)
		printf("  (%s+0x%llx)", module, sc_json_whole(frame, "offset"));
	fputs(json_is_true(json_object_get(frame, "inlined")) ? "  inlined\n" : "\n", stdout);
}

static void print_stack(const json_t *fault)
{
	const json_t *stack = json_object_get(fault, "stack"), *frame;
	size_t i;

	json_array_foreach(stack, i, frame) {
		if (i == FRAMES_SHOWN) {
			printf("        ... %zu more\n", json_array_size(stack) - i);
			break;
		}
		print_frame(frame);
	}
	if (json_is_true(json_object_get(fault, "cut")))
		puts("        ... deeper than --depth");
}

static void print_finding(const json_t *result)
{
	const json_t *other;
	const char *why = sc_json_text(result, "why");
	size_t i;

	printf("%s: %s fails with %s: %s (run %lld, %lld call%s failed)\n", sc_json_text(result, "verdict"),
	       sc_json_text(result, "function"), sc_json_text(result, "fault"), why, sc_json_whole(result, "run"),
	       sc_json_whole(result, "reached"), sc_json_whole(result, "reached") == 1 ? "" : "s");
	print_stack(result);
	json_array_foreach(json_object_get(result, "after"), i, other) {
		printf("    after %s has failed with %s:\n", sc_json_text(other, "function"),
		       sc_json_text(other, "fault"));
		print_stack(other);
	}
	json_array_foreach(json_object_get(result, "stderr"), i, other)
		printf("    stderr: %s\n", json_string_value(other));
	printf("    %s\n", sc_json_text(result, "command"));
}

/* Those of the same group, by their runs. */
static void print_others(const json_t *group)
{
	size_t i, count = json_array_size(group);

	for (i = 1; i < count && i <= OTHERS_SHOWN; i++)
		printf("%s%lld", i == 1 ? "    the same by other stacks: runs " : ", ",
		       (long long)json_integer_value(json_array_get(group, i)));
	if (i < count)
		printf(" and %zu more", count - i);
	if (count > 1)
		puts(" (--all shows them)");
}

static bool is_finding(const json_t *result)
{
	int verdict = sc_campaign_verdict_of(sc_json_text(result, "verdict"));

	return verdict >= 0 && verdict <= SC_CAMPAIGN_WRONG;
}

static json_t *row_of(json_t *rows, const char *name)
{
	json_t *row = json_object_get(rows, name);

	if (!row) {
		row = json_object();
		json_object_set_new(rows, name, row);
	}
	return row;
}

/* Counts by function and fault, in the order of the verdicts. */
static json_t *count_rows(const json_t *results)
{
	json_t *rows = json_object();
	const json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const char *verdict = sc_json_text(result, "verdict");
		char *name;
		json_t *row;

		if (asprintf(&name, "%s %s", sc_json_text(result, "function"), sc_json_text(result, "fault")) < 0)
			continue;
		row = row_of(rows, name);
		json_object_set_new(row, verdict, json_integer(sc_json_whole(row, verdict) + 1));
		free(name);
	}
	return rows;
}

static void print_row(const json_t *row, const char *name)
{
	for (int verdict = 0; verdict < SC_CAMPAIGN_VERDICTS; verdict++) {
		const char *word = sc_campaign_verdict_word((enum sc_campaign_verdict)verdict);

		printf("%*lld ", (int)strlen(word) < 6 ? 6 : (int)strlen(word), sc_json_whole(row, word));
	}
	printf(" %s\n", name);
}

static void print_counts(const json_t *campaign)
{
	json_t *rows = count_rows(json_object_get(campaign, "results")), *row;
	const char *name;

	for (int verdict = 0; verdict < SC_CAMPAIGN_VERDICTS; verdict++)
		printf("%6s ", sc_campaign_verdict_word((enum sc_campaign_verdict)verdict));
	puts(" function and fault");
	json_object_foreach(rows, name, row)
		print_row(row, name);
	print_row(json_object_get(campaign, "counts"), "in all");
	json_decref(rows);
}

static const char *group_name(const json_t *result, char out[24])
{
	snprintf(out, 24, "%lld", sc_json_whole(result, "group"));
	return out;
}

/* The runs of each group, by its name. */
static json_t *find_groups(const json_t *results)
{
	json_t *groups = json_object();
	const json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		char name[24];

		group_name(result, name);
		if (!json_object_get(groups, name))
			json_object_set_new(groups, name, json_array());
		json_array_append(json_object_get(groups, name), json_object_get(result, "run"));
	}
	return groups;
}

static void print_findings(const json_t *results, bool all)
{
	json_t *groups = find_groups(results);
	const json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		char name[24];

		if (!is_finding(result) || (!all && sc_json_whole(result, "group") != sc_json_whole(result, "run")))
			continue;
		print_finding(result);
		if (!all)
			print_others(json_object_get(groups, group_name(result, name)));
		putchar('\n');
	}
	json_decref(groups);
}

void sc_campaign_report(const json_t *campaign, bool all)
{
	print_findings(json_object_get(campaign, "results"), all);
	print_counts(campaign);
	printf("%lld call sites, %lld of %lld runs, in %s\n", sc_json_whole(campaign, "sites"),
	       sc_json_whole(campaign, "runs"),
	       sc_json_whole(campaign, "runs_wanted"), sc_json_text(campaign, "directory"));
}
