/* SPDX-License-Identifier: MIT */
/*
 * Owns the rules of a program that is to be run: those of -e, of the environment and of a file, whether they make sense,
 * and what they ask for. The preload reads them again. Called by run, explain, campaign and cache warm.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/launch.h"
#include "cmd/plain_file.h"
#include "common/rules.h"

int sc_launch_rules_init(struct sc_launch_rules *rules, int argc)
{
	rules->count = 0;
	rules->texts = calloc((size_t)argc + 1, sizeof(*rules->texts));
	if (rules->texts)
		return 0;
	sc_cmd_error("out of memory");
	return -ENOMEM;
}

void sc_launch_rules_release(struct sc_launch_rules *rules)
{
	free(rules->texts);
	rules->texts = NULL;
}

bool sc_launch_has_rules(void)
{
	const char *rules = getenv("STUBCACHE");
	const char *file = getenv("STUBCACHE_RULES");

	return (rules && *rules) || (file && *file);
}

/* Of one text that has been read; how it is called depends on where it is from. */
static bool say_if_wrong(int r, const char *text, const struct sc_rule_error *error, enum sc_rules_form form)
{
	if (r == -EINVAL && form == SC_RULES_ARGUMENT)
		sc_cmd_error("rule '%s', column %u: %s", text, error->column, error->message);
	else if (r == -EINVAL && form == SC_RULES_ENVIRONMENT)
		sc_cmd_error("STUBCACHE: rule %u, column %u: %s", error->rule, error->column, error->message);
	else if (r == -EINVAL)
		sc_cmd_error("'%s': line %u, column %u: %s", text, error->rule, error->column, error->message);
	else if (r)
		sc_cmd_error("cannot read rule '%s': %s", text, strerror(-r));
	return r == 0;
}

static bool read_text(struct sc_rules *parsed, const char *text, enum sc_rules_form form)
{
	struct sc_rule_error error;

	return say_if_wrong(sc_rules_parse(parsed, text, strlen(text), form, &error), text, &error, form);
}

static bool read_arguments(struct sc_rules *parsed, const struct sc_launch_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (!read_text(parsed, rules->texts[i], SC_RULES_ARGUMENT))
			return false;
	if (rules->count && parsed->rule_count == 0) {
		sc_cmd_error("rule '%s' says nothing", rules->texts[0]);
		return false;
	}
	return true;
}

/* *text is to be freed when the rules are not used any more. */
static bool read_file(struct sc_rules *parsed, const char *path, char **text)
{
	struct sc_rule_error error;
	size_t length;

	return sc_plain_file_read("rules", path, text, &length) == 0 &&
	       say_if_wrong(sc_rules_parse(parsed, *text, length, SC_RULES_FILE, &error), path, &error, SC_RULES_FILE);
}

static bool read_all(struct sc_rules *parsed, const struct sc_launch_rules *rules, const char *otherwise, char **text)
{
	const char *file = getenv("STUBCACHE_RULES"), *environment = otherwise ? otherwise : getenv("STUBCACHE");

	if (!read_arguments(parsed, rules))
		return false;
	if (!rules->count && environment && !read_text(parsed, environment, SC_RULES_ENVIRONMENT))
		return false;
	return !file || !*file || read_file(parsed, file, text);
}

static bool join_rules(const struct sc_launch_rules *rules)
{
	size_t size = 1;
	char *joined, *at;
	bool ok;

	for (size_t i = 0; i < rules->count; i++)
		size += strlen(rules->texts[i]) + 1;
	joined = at = malloc(size);
	if (!joined) {
		sc_cmd_error("out of memory");
		return false;
	}
	for (size_t i = 0; i < rules->count; i++) {
		if (i)
			*at++ = ';';
		at = stpcpy(at, rules->texts[i]);
	}
	*at = 0;
	ok = sc_launch_set("STUBCACHE", joined);
	free(joined);
	return ok;
}

bool sc_launch_set_rules(const struct sc_launch_rules *rules, const char *otherwise, unsigned *actions)
{
	struct sc_arena arena = { 0 };
	struct sc_rules parsed = { .arena = &arena };
	char *text = NULL;
	bool ok = read_all(&parsed, rules, otherwise, &text);

	*actions = 0;
	for (unsigned i = 0; ok && i < parsed.rule_count; i++)
		*actions |= parsed.rules[i].action;
	sc_arena_release(&arena);
	free(text);
	if (ok && rules->count)
		return join_rules(rules);
	return ok && (!otherwise || sc_launch_set("STUBCACHE", otherwise));
}
