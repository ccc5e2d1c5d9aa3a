/* SPDX-License-Identifier: MIT */
/*
 * Owns the rules of a campaign: which it takes, and what becomes of them in a run. Called by campaign.c,
 * campaign_run.c, campaign_sites.c and the reports.
 *
 *	inject=malloc@libc.so.6:error=ENOMEM   given
 *	stack=malloc@libc.so.6:depth=64        in every run, to see the sites
 *	inject=malloc@libc.so.6:error=ENOMEM:at=0123456789abcdef   for one site
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"

static int refuse(const struct sc_rule *rule, const char *why)
{
	sc_cmd_error("rule '%s': %s", rule->text, why);
	return -EINVAL;
}

static int check(const struct sc_rule *rule)
{
	const struct sc_rule_when *when = &rule->inject.when;

	if (rule->action != SC_ACTION_INJECT)
		return refuse(rule, "a campaign takes rules of inject only");
	if (rule->inject.site)
		return refuse(rule, "at= is what a campaign adds: leave it out");
	if (rule->inject.per_stack || when->first != 1 || when->last || when->step != 1)
		return refuse(rule, "a campaign makes all calls of one site fail: leave out when= and per=, "
				    "see --once");
	if (rule->inject.chance != SC_RULE_ALWAYS)
		return refuse(rule, "chance does not go with a campaign: leave out prob=");
	return 0;
}

int sc_campaign_plan_init(struct sc_campaign_plan *plan, const char *const *texts, size_t count)
{
	plan->rules.arena = &plan->arena;
	for (size_t i = 0; i < count; i++) {
		struct sc_rule_error error;
		int r = sc_rules_parse(&plan->rules, texts[i], strlen(texts[i]), SC_RULES_ARGUMENT, &error);

		if (r == -EINVAL)
			sc_cmd_error("rule '%s', column %u: %s", texts[i], error.column, error.message);
		if (r)
			return r;
	}
	for (unsigned i = 0; i < plan->rules.rule_count; i++)
		if (check(&plan->rules.rules[i]))
			return -EINVAL;
	if (plan->rules.rule_count > 0 && plan->rules.rule_count <= SC_CAMPAIGN_RULES_MOST)
		return 0;
	sc_cmd_error(plan->rules.rule_count ? "more than %u rules" : "no rule is given, see -e: %u at most",
		     SC_CAMPAIGN_RULES_MOST);
	return -EINVAL;
}

void sc_campaign_plan_release(struct sc_campaign_plan *plan)
{
	sc_arena_release(&plan->arena);
}

const char *sc_campaign_plan_what(const struct sc_campaign_plan *plan, unsigned rule)
{
	const char *colon = rule < plan->rules.rule_count ? strchr(plan->rules.rules[rule].text, ':') : NULL;

	return colon ? colon + 1 : "";
}

char *sc_campaign_plan_fault(const struct sc_campaign_plan *plan, const struct sc_campaign_fault *fault)
{
	char depth[32] = "", *out;

	if (plan->depth != SC_RULE_DEPTH)
		snprintf(depth, sizeof(depth), ":depth=%u", plan->depth);
	if (fault->rule >= plan->rules.rule_count) /* texts of a journal need not have one each */
		return NULL;
	if (asprintf(&out, "%s:at=%016" PRIx64 "%s%s", plan->rules.rules[fault->rule].text, fault->site, depth,
		     plan->once ? ":when=1" : "") < 0)
		return NULL;
	return out;
}

/* "stack=" with the targets of a rule. */
static void put_stacks(FILE *out, const struct sc_campaign_plan *plan, const struct sc_rule *rule)
{
	const char *targets = strchr(rule->text, '=') + 1;

	fprintf(out, "stack=%.*s", (int)strcspn(targets, ":"), targets);
	if (rule->from)
		fprintf(out, ":from=%s", rule->from);
	fprintf(out, ":depth=%u", plan->depth);
}

char *sc_campaign_plan_environment(const struct sc_campaign_plan *plan, const struct sc_campaign_fault *faults,
				   unsigned count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok = out != NULL;

	for (unsigned i = 0; ok && i < count; i++) {
		char *rule = sc_campaign_plan_fault(plan, &faults[i]);

		ok = rule && fprintf(out, "%s;", rule) > 0;
		free(rule);
	}
	for (unsigned i = 0; ok && i < plan->rules.rule_count; i++) {
		if (i)
			fputc(';', out);
		put_stacks(out, plan, &plan->rules.rules[i]);
	}
	if (out && fclose(out) == 0 && ok)
		return text;
	free(text);
	return NULL;
}

bool sc_campaign_plan_selects(const struct sc_campaign_plan *plan, unsigned rule, const char *function,
			      const char *version, const struct sc_library_names *library,
			      const struct sc_library_names *caller)
{
	const struct sc_rule *it = &plan->rules.rules[rule];

	if (!sc_rule_selects(it, function, version, library))
		return false;
	return !it->from || sc_rule_library_matches(it->from, caller);
}

/* As one word for a shell. */
static void put_quoted(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";

	if (*word && word[strspn(word, plain)] == 0) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

char *sc_campaign_plan_reproduce(const struct sc_campaign_plan *plan, const struct sc_campaign_fault *faults,
				 unsigned count, const json_t *command)
{
	const json_t *word;
	char *text = NULL;
	size_t size, n;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("stubcache run", out);
	for (unsigned i = 0; i < count; i++) {
		char *rule = sc_campaign_plan_fault(plan, &faults[i]);

		/* Quoted in any case: it looks as rules do everywhere. */
		fprintf(out, " -e '%s'", rule ? rule : "");
		free(rule);
	}
	fputs(" --", out);
	json_array_foreach(command, n, word) {
		fputc(' ', out);
		put_quoted(out, json_string_value(word) ? : "");
	}
	fputs(" </dev/null", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
