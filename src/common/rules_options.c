/* SPDX-License-Identifier: MIT */
/*
 * Owns what options there are, which action each goes with, and what a rule is without them. How values are written
 * is rules_values.c's. Called by rules.c.
 */
#include "common/rules_internal.h"

#define EVERY_ACTION (~0u)

enum option { FROM, DEPTH, ERROR, RETVAL, SIGNAL, DELAY_ENTER, DELAY_EXIT, WHEN, PROB, SEED, WITH, PER, AT, OPTIONS };

static const struct sc_rules_word options[OPTIONS + 1] = {
	[FROM] = { "from", EVERY_ACTION },
	[DEPTH] = { "depth", SC_ACTION_STACK | SC_ACTION_INJECT },
	[ERROR] = { "error", SC_ACTION_INJECT },
	[RETVAL] = { "retval", SC_ACTION_INJECT },
	[SIGNAL] = { "signal", SC_ACTION_INJECT },
	[DELAY_ENTER] = { "delay_enter", SC_ACTION_INJECT },
	[DELAY_EXIT] = { "delay_exit", SC_ACTION_INJECT },
	[WHEN] = { "when", SC_ACTION_INJECT },
	[PROB] = { "prob", SC_ACTION_INJECT },
	[SEED] = { "seed", SC_ACTION_INJECT },
	[WITH] = { "with", SC_ACTION_REPLACE },
	[PER] = { "per", SC_ACTION_INJECT },
	[AT] = { "at", SC_ACTION_INJECT },
};

static const char *const syntax[OPTIONS] = {
	[FROM] = "LIBRARY",
	[DEPTH] = "NUMBER",
	[ERROR] = "ENOMEM",
	[RETVAL] = "VALUE",
	[SIGNAL] = "SIGUSR1",
	[DELAY_ENTER] = "MICROSECONDS",
	[DELAY_EXIT] = "MICROSECONDS",
	[WHEN] = "FIRST[..LAST][+[STEP]]",
	[PROB] = "PROBABILITY",
	[SEED] = "NUMBER",
	[WITH] = "OBJECT.so[:SYMBOL]",
	[PER] = "thread|stack",
	[AT] = "SITE",
};

static int read_from(struct sc_rules_reading *p, struct sc_span value, struct sc_rule *rule)
{
	int error = sc_rules_check_library(p, value);

	if (!error)
		rule->from = sc_rules_keep(p, p->names_copy, value);
	return error;
}

static int read_object(struct sc_rules_reading *p, struct sc_span value, struct sc_rule *rule)
{
	rule->replace.object = sc_rules_keep(p, p->names_copy, value);
	return 0;
}

static int read_depth(struct sc_rules_reading *p, struct sc_span value, struct sc_rule *rule)
{
	uint64_t depth = 0;
	int error = sc_rules_read_number(p, value, "depth", 1, SC_RULE_DEPTH_MOST, &depth);

	rule->depth = (unsigned)depth;
	return error;
}

static int read_per(struct sc_rules_reading *p, struct sc_span value, struct sc_rule *rule)
{
	static const struct sc_rules_word words[] = { { "thread", EVERY_ACTION }, { "stack", EVERY_ACTION }, { NULL, 0 } };
	const struct sc_rules_word *word = sc_rules_look_up(words, value);

	if (!word)
		return sc_rules_refuse_unknown(p, "word after 'per='", value, words, EVERY_ACTION);
	rule->inject.per_stack = word == &words[1];
	return 0;
}

static int read_value(struct sc_rules_reading *p, enum option option, struct sc_span value, struct sc_rule *rule)
{
	struct sc_rule_inject *inject = &rule->inject;

	switch (option) {
	case FROM:
		return read_from(p, value, rule);
	case WITH:
		return read_object(p, value, rule);
	case DEPTH:
		return read_depth(p, value, rule);
	case PER:
		return read_per(p, value, rule);
	case AT:
		return sc_rules_read_site(p, value, &inject->site);
	case ERROR:
		return sc_rules_read_error(p, value, &inject->error);
	case RETVAL:
		return sc_rules_read_retval(p, value, &inject->retval);
	case SIGNAL:
		return sc_rules_read_signal(p, value, &inject->signal);
	case DELAY_ENTER:
		return sc_rules_read_delay(p, value, &inject->delay_enter);
	case DELAY_EXIT:
		return sc_rules_read_delay(p, value, &inject->delay_exit);
	case WHEN:
		return sc_rules_read_when(p, value, &inject->when);
	case PROB:
		return sc_rules_read_chance(p, value, &inject->chance);
	case SEED:
		return sc_rules_read_number(p, value, "seed", 0, UINT64_MAX, &inject->seed);
	default: /* of an action that is not available */
		return 0;
	}
}

/* What follows with=OBJECT and is no option. */
static int read_symbol(struct sc_rules_reading *p, struct sc_span name, struct sc_rule *rule)
{
	for (size_t i = 0; i < name.length; i++)
		if (sc_span_is_blank(name.at[i]))
			return sc_rules_refuse(p, name.at + i, "blank in a symbol's name");
	rule->replace.symbol = sc_rules_keep(p, p->names_copy, name);
	return 0;
}

static int refuse_foreign(struct sc_rules_reading *p, struct sc_span name, const struct sc_rules_word *word)
{
	const struct sc_rules_word *owner = sc_rules_actions;

	while (!(owner->actions & word->actions))
		owner++;
	return sc_rules_refuse(p, name.at, "option '%s' is for action '%s' only", word->name, owner->name);
}

int sc_rules_read_option(struct sc_rules_reading *p, struct sc_span option, struct sc_rule *rule,
			 struct sc_rules_options *read)
{
	struct sc_span value = option;
	struct sc_span name = sc_span_trim(sc_span_cut(&value, '='));
	const struct sc_rules_word *word = sc_rules_look_up(options, name);
	bool symbol_next = read->symbol_next;
	enum option number;

	read->symbol_next = false;
	if (!name.length)
		return sc_rules_refuse(p, name.at, "empty option: expected NAME=VALUE after ':'");
	if (!word && symbol_next && !value.at)
		return read_symbol(p, name, rule);
	if (!word)
		return sc_rules_refuse_unknown(p, "option", name, options, rule->action);
	if (!(word->actions & rule->action))
		return refuse_foreign(p, name, word);
	number = (enum option)(word - options);
	if (read->given >> number & 1)
		return sc_rules_refuse(p, name.at, "option '%s' given twice", word->name);
	if (!value.at)
		return sc_rules_refuse(p, name.at, "option '%s' needs a value: %s=%s", word->name, word->name,
				       syntax[number]);
	value = sc_span_trim(value);
	if (!value.length && number != FROM) /* an empty library name has a message of its own */
		return sc_rules_refuse(p, value.at, "option '%s' is empty: expected %s=%s", word->name, word->name,
				       syntax[number]);
	read->given |= 1u << number;
	read->symbol_next = number == WITH;
	return read_value(p, number, value, rule);
}

static unsigned faults_of(unsigned given)
{
	return (given >> ERROR & 1 ? SC_RULE_ERROR : 0u) | (given >> RETVAL & 1 ? SC_RULE_RETVAL : 0u) |
	       (given >> SIGNAL & 1 ? SC_RULE_SIGNAL : 0u) | (given >> DELAY_ENTER & 1 ? SC_RULE_DELAY_ENTER : 0u) |
	       (given >> DELAY_EXIT & 1 ? SC_RULE_DELAY_EXIT : 0u);
}

int sc_rules_check_options(struct sc_rules_reading *p, struct sc_span text, struct sc_rule *rule,
			   const struct sc_rules_options *read)
{
	struct sc_rule_inject *inject = &rule->inject;

	if (rule->action == SC_ACTION_REPLACE && !rule->replace.object)
		return sc_rules_refuse(p, text.at, "nothing to replace by: give with=OBJECT.so[:SYMBOL]");
	if (!rule->depth)
		rule->depth = SC_RULE_DEPTH;
	if (rule->action != SC_ACTION_INJECT)
		return 0;
	inject->faults = faults_of(read->given);
	if (!inject->faults)
		return sc_rules_refuse(p, text.at, "nothing to inject: give %s", "error, retval, signal, delay_enter "
									   "or delay_exit");
	if (read->given >> SEED & 1 && !(read->given >> PROB & 1))
		return sc_rules_refuse(p, text.at, "a seed without a probability: give prob=PROBABILITY, too");
	if (read->given >> DEPTH & 1 && !inject->per_stack && !inject->site)
		return sc_rules_refuse(p, text.at, "a depth without stacks: give per=stack or at=SITE, too");
	if (!(read->given >> WHEN & 1))
		inject->when = (struct sc_rule_when){ .first = 1, .step = 1 };
	if (!(read->given >> PROB & 1))
		inject->chance = SC_RULE_ALWAYS;
	return 0;
}
