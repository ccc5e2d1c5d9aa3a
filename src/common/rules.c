/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of rules: text to struct sc_rules, or to one message that says where and why
 * not. What rules select is rules_match.c. Called when a process starts, by the engine and by the
 * command.
 *
 *   text   count=malloc,!free@libc*:from=git ; time=*
 *   rule   |------------------------------|    |----|     cut at ';' or line ends, trimmed
 *   parts  action targets           options               cut at the first '=' and at ':'
 *   target        function@library@version                cut at ',' and '@'
 *
 * The text is gone through twice by the same code: first with nowhere to put anything, which finds
 * every error and counts, then into arrays of exactly that size. So text that is refused costs the
 * arena nothing, and half-built rules never exist. Cutting does not look at brackets: no separator
 * can be part of a name, so none is needed in a class either.
 */
#include "common/rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/span.h"

#define LONGEST_TEXT ((size_t)16 << 20) /* bytes; keeps every count and column within unsigned */
#define SHOWN 40			/* bytes of a user's word repeated in a message */

struct parse {
	struct sc_span text;
	enum sc_rules_form form;
	struct sc_rule_error *error;
	const char *origin; /* what column 1 is */
	unsigned number;    /* of the rule or line, from 1 */
	unsigned rule_count;
	unsigned target_count;
	/* The second time through; all NULL the first. */
	struct sc_rule *rules;
	struct sc_rule_target *targets;
	char *whole_copy; /* of the text, where rules are terminated in place */
	char *names_copy; /* likewise for the names within them */
	unsigned first_origin;
};

/* A word of the grammar, and the actions it is or goes with. */
struct word {
	const char *name;
	unsigned actions;
};

#define AVAILABLE ((unsigned)(SC_ACTION_COUNT | SC_ACTION_TIME))
#define EVERY_ACTION (~0u)
#define TARGET_SYNTAX "[!]function[@library[@version]]"

static const struct word actions[] = {
	{"count", SC_ACTION_COUNT},
	{"time", SC_ACTION_TIME},
	{"trace", SC_ACTION_TRACE},
	{"stack", SC_ACTION_STACK},
	{"inject", SC_ACTION_INJECT},
	{"replace", SC_ACTION_REPLACE},
	{"client", SC_ACTION_CLIENT},
	{NULL, 0},
};

static const struct word options[] = {
	{"from", EVERY_ACTION},
	{"depth", SC_ACTION_STACK},
	{"error", SC_ACTION_INJECT},
	{"retval", SC_ACTION_INJECT},
	{"signal", SC_ACTION_INJECT},
	{"delay_enter", SC_ACTION_INJECT},
	{"delay_exit", SC_ACTION_INJECT},
	{"when", SC_ACTION_INJECT},
	{"prob", SC_ACTION_INJECT},
	{"seed", SC_ACTION_INJECT},
	{"with", SC_ACTION_REPLACE},
	{NULL, 0},
};

/* Fills *error for the place `at` and returns -EINVAL. */
__attribute__((format(printf, 3, 4)))
static int refuse(struct parse *p, const char *at, const char *format, ...)
{
	int saved = errno;
	va_list arguments;

	p->error->rule = p->number;
	p->error->column = (unsigned)(at - p->origin) + 1;
	va_start(arguments, format);
	vsnprintf(p->error->message, sizeof(p->error->message), format, arguments);
	va_end(arguments);
	errno = saved;
	return -EINVAL;
}

/*
 * The copy's own string of a word of the text: what follows a word is never part of another. The
 * first time through there is no copy, and the word itself stands in.
 */
static const char *keep(const struct parse *p, char *copy, struct sc_span word)
{
	char *start;

	if (!copy)
		return word.at;
	start = copy + (word.at - p->text.at);
	start[word.length] = '\0';
	return start;
}

static const struct word *look_up(const struct word *table, struct sc_span name)
{
	for (; table->name; table++)
		if (strlen(table->name) == name.length &&
		    !memcmp(table->name, name.at, name.length))
			return table;
	return NULL;
}

/* The word that may have been meant, or NULL. */
static const struct word *nearest(const struct word *table, const char *typed)
{
	unsigned most = strlen(typed) > 3 ? 2 : 1;
	const struct word *best = NULL;

	for (; table->name; table++) {
		unsigned distance = sc_name_distance(typed, table->name, most);

		if (distance > most)
			continue;
		best = table;
		if (!distance)
			break;
		most = distance - 1; /* from here on only a nearer one will do */
	}
	return best;
}

/* Says which word of the table was meant, or which there are. */
static int refuse_unknown(struct parse *p, const char *kind, struct sc_span name,
			  const struct word *table, unsigned wanted)
{
	char typed[SHOWN + 1] = "";
	char known[120] = "";
	const struct word *guess;
	size_t used = 0;

	/* What was typed must not steer the terminal that the message goes to. */
	for (size_t i = 0; i < name.length && i < SHOWN; i++)
		typed[i] = name.at[i] >= ' ' && name.at[i] <= '~' ? name.at[i] : '?';
	/* The nearest of all words, for 'eror' is not 'from'; but named only where it would do. */
	guess = nearest(table, typed);
	if (guess && guess->actions & wanted)
		return refuse(p, name.at, "unknown %s '%s': did you mean '%s'?", kind, typed,
			      guess->name);
	for (; table->name && used < sizeof(known); table++)
		if (table->actions & wanted)
			used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
						 used ? ", " : "", table->name);
	return refuse(p, name.at, "unknown %s '%s': expected one of: %s", kind, typed, known);
}

/* No name has them, and a rule may be shown to a terminal, which must not be steered by it. */
static int check_characters(struct parse *p, struct sc_span rule)
{
	for (size_t i = 0; i < rule.length; i++) {
		unsigned char c = (unsigned char)rule.at[i];

		if ((c < ' ' && !sc_span_is_blank((char)c)) || c == 0x7f)
			return refuse(p, rule.at + i, "control character 0x%02x in a rule", c);
	}
	return 0;
}

/* `kind` says what the glob is to match, for messages. */
static int check_glob(struct parse *p, struct sc_span name, const char *kind)
{
	const char *fault;
	size_t where;

	if (!name.length)
		return refuse(p, name.at, "empty %s name: '*' is any", kind);
	for (size_t i = 0; i < name.length; i++) {
		if (sc_span_is_blank(name.at[i]))
			return refuse(p, name.at + i, "blank in a %s name", kind);
		if (name.at[i] == '=')
			return refuse(p, name.at + i, "'=' in a %s name: %s", kind,
				      p->form == SC_RULES_FILE ? "one rule a line"
							       : "rules are separated by ';'");
	}
	fault = sc_glob_fault(name.at, name.length, &where);
	return fault ? refuse(p, name.at + where, "%s", fault) : 0;
}

static int check_library(struct parse *p, struct sc_span name)
{
	const char *slash = sc_span_find(name, '/');

	if (slash)
		return refuse(p, slash, "'/' in a library name: give its soname or file name");
	return check_glob(p, name, "library");
}

static int parse_action(struct parse *p, struct sc_span name, enum sc_action *action)
{
	const struct word *word = look_up(actions, name);

	if (!name.length)
		return refuse(p, name.at, "no action before '=': expected ACTION=TARGETS");
	if (!word)
		return refuse_unknown(p, "action", name, actions, AVAILABLE);
	if (!(word->actions & AVAILABLE))
		return refuse(p, name.at, "action '%s' is not available in this version",
			      word->name);
	*action = (enum sc_action)word->actions;
	return 0;
}

/* The item is trimmed. */
static int parse_target(struct parse *p, struct sc_span item)
{
	struct sc_rule_target target = {.library = "*", .version = "*"};
	const char **const fields[] = {&target.function, &target.library, &target.version};
	static const char *const kinds[] = {"function", "library", "version"};
	struct sc_span rest = item;

	if (!item.length)
		return refuse(p, item.at, "empty target: expected %s", TARGET_SYNTAX);
	if (*item.at == '!') {
		target.exclude = true;
		rest = sc_span_trim((struct sc_span){item.at + 1, item.length - 1});
		if (rest.length && *rest.at == '!')
			return refuse(p, rest.at, "'!' twice in a target");
	}
	for (unsigned i = 0; rest.at; i++) {
		struct sc_span name;
		int error;

		if (i == 3)
			return refuse(p, rest.at - 1, "third '@' in a target: expected %s",
				      TARGET_SYNTAX);
		name = sc_span_trim(sc_span_cut(&rest, '@'));
		error = i == 1 ? check_library(p, name) : check_glob(p, name, kinds[i]);
		if (error)
			return error;
		*fields[i] = keep(p, p->names_copy, name);
	}
	if (p->targets)
		p->targets[p->target_count] = target;
	p->target_count++;
	return 0;
}

static int parse_option(struct parse *p, struct sc_span option, struct sc_rule *rule)
{
	struct sc_span value = option;
	struct sc_span name = sc_span_trim(sc_span_cut(&value, '='));
	const struct word *word = look_up(options, name);
	const struct word *owner = actions;
	int error;

	if (!name.length)
		return refuse(p, name.at, "empty option: expected NAME=VALUE after ':'");
	if (!word)
		return refuse_unknown(p, "option", name, options, rule->action);
	if (!(word->actions & rule->action)) {
		while (!(owner->actions & word->actions))
			owner++;
		return refuse(p, name.at, "option '%s' is for action '%s' only", word->name,
			      owner->name);
	}
	/* It is from: no other option goes with an action that is available. */
	if (rule->from)
		return refuse(p, name.at, "option '%s' given twice", word->name);
	if (!value.at)
		return refuse(p, name.at, "option '%s' needs a value: %s=LIBRARY", word->name,
			      word->name);
	value = sc_span_trim(value);
	error = check_library(p, value);
	if (error)
		return error;
	rule->from = keep(p, p->names_copy, value);
	return 0;
}

/* The text is trimmed and not empty. */
static int parse_rule(struct parse *p, struct sc_span text)
{
	struct sc_span rest = text;
	struct sc_span head = sc_span_trim(sc_span_cut(&rest, '='));
	unsigned first_target = p->target_count;
	const char *colon = sc_span_find(head, ':');
	struct sc_rule rule = {.action = 0};
	struct sc_span targets;
	int error;

	error = check_characters(p, text);
	if (error)
		return error;
	if (!rest.at)
		return refuse(p, text.at, "no '=' in the rule: expected ACTION=TARGETS");
	if (colon)
		return refuse(p, colon, "':' before '=': expected ACTION=TARGETS[:OPTION...]");
	error = parse_action(p, head, &rule.action);
	targets = sc_span_cut(&rest, ':');
	while (!error && targets.at)
		error = parse_target(p, sc_span_trim(sc_span_cut(&targets, ',')));
	while (!error && rest.at)
		error = parse_option(p, sc_span_trim(sc_span_cut(&rest, ':')), &rule);
	if (error)
		return error;
	if (p->rules) {
		rule.text = keep(p, p->whole_copy, text);
		rule.targets = p->targets + first_target;
		rule.target_count = p->target_count - first_target;
		rule.origin = p->first_origin + p->rule_count;
		p->rules[p->rule_count] = rule;
	}
	p->rule_count++;
	return 0;
}

/* As in a shell, '#' starts a comment where a word could start, and only there. */
static struct sc_span without_comment(struct sc_span line)
{
	for (size_t i = 0; i < line.length; i++)
		if (line.at[i] == '#' && (!i || sc_span_is_blank(line.at[i - 1])))
			line.length = i;
	return line;
}

static int parse_text(struct parse *p)
{
	bool file = p->form == SC_RULES_FILE;
	struct sc_span rest = p->text;
	const char *separator;
	int error = 0;

	p->number = p->rule_count = p->target_count = 0;
	while (!error && rest.at) {
		struct sc_span line = sc_span_cut(&rest, file ? '\n' : ';');
		struct sc_span rule = sc_span_trim(file ? without_comment(line) : line);

		p->origin = file ? line.at : rule.at;
		p->number += file || rule.length;
		if (!rule.length)
			continue;
		separator = file ? sc_span_find(rule, ';') : NULL;
		if (separator)
			return refuse(p, separator, "';' in a file of rules: one rule a line");
		error = parse_rule(p, rule);
	}
	return error;
}

/* Makes room for what the first time through counted, behind the rules there are. */
static int make_room(struct parse *p, const struct sc_rules *rules, struct sc_rule **all)
{
	unsigned count;

	if (__builtin_add_overflow(rules->rule_count, p->rule_count, &count))
		return -ENOMEM;
	*all = sc_arena_array(rules->arena, count, sizeof(**all));
	p->targets = sc_arena_array(rules->arena, p->target_count, sizeof(*p->targets));
	p->whole_copy = sc_arena_string(rules->arena, p->text.at, p->text.length);
	p->names_copy = sc_arena_string(rules->arena, p->text.at, p->text.length);
	if (!*all || !p->targets || !p->whole_copy || !p->names_copy)
		return -ENOMEM;
	if (rules->rule_count)
		memcpy(*all, rules->rules, rules->rule_count * sizeof(**all));
	p->rules = *all + rules->rule_count;
	p->first_origin = rules->rule_count;
	return 0;
}

int sc_rules_parse(struct sc_rules *rules, const char *text, size_t length, enum sc_rules_form form,
		   struct sc_rule_error *error)
{
	struct parse p = {.text = {text, length}, .form = form, .error = error, .origin = text};
	struct sc_rule *all;
	int result;

	if (length > LONGEST_TEXT) {
		p.number = 1;
		return refuse(&p, text, "more than %zu MiB of rules", LONGEST_TEXT >> 20);
	}
	result = parse_text(&p);
	if (result || !p.rule_count)
		return result;
	result = make_room(&p, rules, &all);
	if (result)
		return result;
	result = parse_text(&p); /* the same text again: it is not refused now */
	if (result)
		return result;
	rules->rules = all;
	rules->rule_count += p.rule_count;
	return 0;
}
