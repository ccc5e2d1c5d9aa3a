/* SPDX-License-Identifier: MIT */
/*
 * Owns the answers parsed rules give: which actions a function gets. Also how far apart two names are, for the
 * suggestions in messages. It does not read rules (rules.c) nor know what a glob is (glob.c). Called by the engine for
 * every symbol it selects among, so there is no allocation, locale or lock here.
 */
#include "common/rules.h"

#include <string.h>

#define DISTANCE_LONGEST 255 /* of a name, in bytes: one row of the table lives on the stack */

bool sc_rule_library_matches(const char *glob, const struct sc_library_names *library)
{
	return (library->soname && sc_glob_match(glob, library->soname)) ||
	       sc_glob_match(glob, library->file);
}

bool sc_rule_selects(const struct sc_rule *rule, const char *function, const char *version,
		     const struct sc_library_names *library)
{
	const char *of_version = version ? version : "";
	bool chosen = false;
	bool only_exclusions = true;

	for (unsigned i = 0; i < rule->target_count; i++) {
		const struct sc_rule_target *target = &rule->targets[i];

		if (!target->exclude) {
			only_exclusions = false;
			if (chosen)
				continue;
		}
		if (!sc_glob_match(target->function, function) ||
		    !sc_glob_match(target->version, of_version) ||
		    !sc_rule_library_matches(target->library, library))
			continue;
		if (target->exclude)
			return false;
		chosen = true;
	}
	return chosen || only_exclusions;
}

unsigned sc_rules_match(const struct sc_rules *rules, const char *function, const char *version,
			const struct sc_library_names *library, const struct sc_library_names *caller,
			uint64_t *selected_by)
{
	unsigned actions = 0;

	for (unsigned i = 0; i < rules->rule_count; i++) {
		const struct sc_rule *rule = &rules->rules[i];

		if (caller && rule->from && !sc_rule_library_matches(rule->from, caller))
			continue;
		if (!sc_rule_selects(rule, function, version, library))
			continue;
		actions |= rule->action;
		if (selected_by)
			*selected_by |= UINT64_C(1) << (i % 64);
	}
	return actions;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned sc_name_distance(const char *a, const char *b, unsigned most)
{
	unsigned row[DISTANCE_LONGEST + 1]; /* row[j]: from a's first i bytes to b's first j */
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);
	size_t apart = a_length > b_length ? a_length - b_length : b_length - a_length;

	if (apart > most || b_length > DISTANCE_LONGEST)
		return most + 1;
	for (unsigned j = 0; j <= b_length; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a_length; i++) {
		unsigned diagonal = row[0];
		unsigned lowest = i;

		row[0] = i;
		for (unsigned j = 1; j <= b_length; j++) {
			unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
			lowest = least(lowest, row[j]);
		}
		if (lowest > most)
			return most + 1;
	}
	return least(row[b_length], most + 1);
}
