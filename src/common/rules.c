/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of rules: text to struct sc_rules, or to one message that says where and why
 * not. Their options are read by rules_options.c; what rules select is rules_match.c. Called
 * when a process starts, by the engine and by the command.
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

#include "common/rules_internal.h"

#define LONGEST_TEXT ((size_t)16 << 20) /* bytes; keeps every count and column within unsigned */

#define TARGET_SYNTAX "[!]function[@library[@version]]"

const struct sc_rules_word sc_rules_actions[] = {
	{"count", SC_ACTION_COUNT},
	{"time", SC_ACTION_TIME},
	{"trace", SC_ACTION_TRACE},
	{"stack", SC_ACTION_STACK},
	{"inject", SC_ACTION_INJECT},
	{"replace", SC_ACTION_REPLACE},
	{"client", SC_ACTION_CLIENT},
	{NULL, 0},
};

int sc_rules_refuse(struct sc_rules_reading *p, const char *at, const char *format, ...)
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

const char *sc_rules_keep(const struct sc_rules_reading *p, char *copy, struct sc_span word)
{
	char *start;

	if (!copy)
		return word.at;
	start = copy + (word.at - p->text.at);
	start[word.length] = '\0';
	return start;
}

const struct sc_rules_word *sc_rules_look_up(const struct sc_rules_word *table, struct sc_span name)
{
	for (; table->name; table++)
		if (strlen(table->name) == name.length &&
		    !memcmp(table->name, name.at, name.length))
			return table;
	return NULL;
}

/* The word that may have been meant, or NULL. */
static const struct sc_rules_word *nearest(const struct sc_rules_word *table, const char *typed)
{
	unsigned most = strlen(typed) > 3 ? 2 : 1;
	const struct sc_rules_word *best = NULL;

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

const char *sc_rules_show(char out[SC_RULES_SHOWN + 1], struct sc_span word)
{
	size_t i;

	for (i = 0; i < word.length && i < SC_RULES_SHOWN; i++)
		out[i] = word.at[i] >= ' ' && word.at[i] <= '~' ? word.at[i] : '?';
	out[i] = '\0';
	return out;
}

int sc_rules_refuse_unknown(struct sc_rules_reading *p, const char *kind, struct sc_span name,
			    const struct sc_rules_word *table, unsigned wanted)
{
	char typed[SC_RULES_SHOWN + 1];
	char known[120] = "";
	const struct sc_rules_word *guess;
	size_t used = 0;

	/* The nearest of all words, for 'eror' is not 'from'; but named only where it would do. */
	guess = nearest(table, sc_rules_show(typed, name));
	if (guess && guess->actions & wanted)
		return sc_rules_refuse(p, name.at, "unknown %s '%s': did you mean '%s'?", kind, typed,
				       guess->name);
	for (; table->name && used < sizeof(known); table++)
		if (table->actions & wanted)
			used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
						 used ? ", " : "", table->name);
	return sc_rules_refuse(p, name.at, "unknown %s '%s': expected one of: %s", kind, typed, known);
}

/* No name has them, and a rule may be shown to a terminal, which must not be steered by it. */
static int check_characters(struct sc_rules_reading *p, struct sc_span rule)
{
	for (size_t i = 0; i < rule.length; i++) {
		unsigned char c = (unsigned char)rule.at[i];

		if ((c < ' ' && !sc_span_is_blank((char)c)) || c == 0x7f)
			return sc_rules_refuse(p, rule.at + i, "control character 0x%02x in a rule", c);
	}
	return 0;
}

/* `kind` says what the glob is to match, for messages. */
static int check_glob(struct sc_rules_reading *p, struct sc_span name, const char *kind)
{
	const char *fault;
	size_t where;

	if (!name.length)
		return sc_rules_refuse(p, name.at, "empty %s name: '*' is any", kind);
	for (size_t i = 0; i < name.length; i++) {
		if (sc_span_is_blank(name.at[i]))
			return sc_rules_refuse(p, name.at + i, "blank in a %s name", kind);
		if (name.at[i] == '=')
			return sc_rules_refuse(p, name.at + i, "'=' in a %s name: %s", kind,
					       p->form == SC_RULES_FILE ? "one rule a line"
									: "rules are separated by ';'");
	}
	fault = sc_glob_fault(name.at, name.length, &where);
	return fault ? sc_rules_refuse(p, name.at + where, "%s", fault) : 0;
}

int sc_rules_check_library(struct sc_rules_reading *p, struct sc_span name)
{
	const char *slash = sc_span_find(name, '/');

	if (slash)
		return sc_rules_refuse(p, slash, "'/' in a library name: give its soname or file name");
	return check_glob(p, name, "library");
}

static int parse_action(struct sc_rules_reading *p, struct sc_span name, enum sc_action *action)
{
	const struct sc_rules_word *word = sc_rules_look_up(sc_rules_actions, name);

	if (!name.length)
		return sc_rules_refuse(p, name.at, "no action before '=': expected ACTION=TARGETS");
	if (!word)
		return sc_rules_refuse_unknown(p, "action", name, sc_rules_actions, ~0u);
	*action = (enum sc_action)word->actions;
	return 0;
}

/* The item is trimmed. */
static int parse_target(struct sc_rules_reading *p, struct sc_span item)
{
	struct sc_rule_target target = {.library = "*", .version = "*"};
	const char **const fields[] = {&target.function, &target.library, &target.version};
	static const char *const kinds[] = {"function", "library", "version"};
	struct sc_span rest = item;

	if (!item.length)
		return sc_rules_refuse(p, item.at, "empty target: expected %s", TARGET_SYNTAX);
	if (*item.at == '!') {
		target.exclude = true;
		rest = sc_span_trim((struct sc_span){item.at + 1, item.length - 1});
		if (rest.length && *rest.at == '!')
			return sc_rules_refuse(p, rest.at, "'!' twice in a target");
	}
	for (unsigned i = 0; rest.at; i++) {
		struct sc_span name;
		int error;

		if (i == 3)
			return sc_rules_refuse(p, rest.at - 1, "third '@' in a target: expected %s",
					       TARGET_SYNTAX);
		name = sc_span_trim(sc_span_cut(&rest, '@'));
		error = i == 1 ? sc_rules_check_library(p, name) : check_glob(p, name, kinds[i]);
		if (error)
			return error;
		*fields[i] = sc_rules_keep(p, p->names_copy, name);
	}
	if (p->targets)
		p->targets[p->target_count] = target;
	p->target_count++;
	return 0;
}

/* The text is trimmed and not empty. */
static int parse_rule(struct sc_rules_reading *p, struct sc_span text)
{
	struct sc_span rest = text;
	struct sc_span head = sc_span_trim(sc_span_cut(&rest, '='));
	unsigned first_target = p->target_count;
	const char *colon = sc_span_find(head, ':');
	struct sc_rule rule = {.action = 0};
	struct sc_span targets;
	struct sc_rules_options options = {0};
	int error;

	error = check_characters(p, text);
	if (error)
		return error;
	if (!rest.at)
		return sc_rules_refuse(p, text.at, "no '=' in the rule: expected ACTION=TARGETS");
	if (colon)
		return sc_rules_refuse(p, colon, "':' before '=': expected ACTION=TARGETS[:OPTION...]");
	error = parse_action(p, head, &rule.action);
	targets = sc_span_cut(&rest, ':');
	while (!error && targets.at)
		error = parse_target(p, sc_span_trim(sc_span_cut(&targets, ',')));
	while (!error && rest.at)
		error = sc_rules_read_option(p, sc_span_trim(sc_span_cut(&rest, ':')), &rule, &options);
	if (!error)
		error = sc_rules_check_options(p, text, &rule, &options);
	if (error)
		return error;
	if (p->rules) {
		rule.text = sc_rules_keep(p, p->whole_copy, text);
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

static int parse_text(struct sc_rules_reading *p)
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
			return sc_rules_refuse(p, separator, "';' in a file of rules: one rule a line");
		error = parse_rule(p, rule);
	}
	return error;
}

/* Makes room for what the first time through counted, behind the rules there are. */
static int make_room(struct sc_rules_reading *p, const struct sc_rules *rules, struct sc_rule **all)
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
	struct sc_rules_reading p = {.text = {text, length}, .form = form, .error = error, .origin = text};
	struct sc_rule *all;
	int result;

	if (length > LONGEST_TEXT) {
		p.number = 1;
		return sc_rules_refuse(&p, text, "more than %zu MiB of rules", LONGEST_TEXT >> 20);
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
