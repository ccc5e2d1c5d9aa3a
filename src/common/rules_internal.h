/* SPDX-License-Identifier: MIT */
/*
 * What the files that read rules share: rules.c (rules and targets), rules_options.c (options) and rules_values.c
 * (numbers, names of errors and signals).
 */
#ifndef SC_RULES_INTERNAL_H
#define SC_RULES_INTERNAL_H

#include "common/rules.h"
#include "common/span.h"

struct sc_rules_reading {
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
struct sc_rules_word {
	const char *name;
	unsigned actions;
};

extern const struct sc_rules_word sc_rules_actions[];

/* What is known of a rule's options while they are read; start with zeros. */
struct sc_rules_options {
	unsigned given;	  /* bit i: the option at i in the table */
	bool symbol_next; /* the last one was with= */
};

#define SC_RULES_SHOWN 40 /* bytes of a user's word repeated in a message */

/* The word as it may be shown: what was typed must not steer the terminal that a message goes to. */
const char *sc_rules_show(char out[SC_RULES_SHOWN + 1], struct sc_span word);

/* Fills *error for the place `at` and returns -EINVAL. */
int sc_rules_refuse(struct sc_rules_reading *p, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Says which word of the table was meant, or which there are for these actions. */
int sc_rules_refuse_unknown(struct sc_rules_reading *p, const char *kind, struct sc_span name,
			    const struct sc_rules_word *table, unsigned wanted);

/* The word of this name, or NULL. */
const struct sc_rules_word *sc_rules_look_up(const struct sc_rules_word *table, struct sc_span name);

/*
 * The copy's own string of a word of the text: what follows a word is never part of another. The
 * first time through there is no copy, and the word itself stands in.
 */
const char *sc_rules_keep(const struct sc_rules_reading *p, char *copy, struct sc_span word);

int sc_rules_check_library(struct sc_rules_reading *p, struct sc_span name);

/* One option, trimmed, into *rule, whose action is known. */
int sc_rules_read_option(struct sc_rules_reading *p, struct sc_span option, struct sc_rule *rule,
			 struct sc_rules_options *options);
/* When all were read: whether those that the action needs are there; fills in what was left out. `text` is the rule. */
int sc_rules_check_options(struct sc_rules_reading *p, struct sc_span text, struct sc_rule *rule,
			   const struct sc_rules_options *options);

/*
 * Values. Each reads all of the word, or refuses it. A number is decimal, from `least` to `most`; `what` names it in
 * messages.
 */
int sc_rules_read_number(struct sc_rules_reading *p, struct sc_span word, const char *what, uint64_t least,
			 uint64_t most, uint64_t *out);
/* A return value: decimal, with a sign or without, or hexadecimal after 0x. */
int sc_rules_read_retval(struct sc_rules_reading *p, struct sc_span word, uint64_t *out);
/* A time in microseconds, or with one of the suffixes s, ms, us, ns; *out is in nanoseconds. */
int sc_rules_read_delay(struct sc_rules_reading *p, struct sc_span word, uint64_t *out);
/* 0 to 1, or 0% to 100%, with at most six decimals; *out is of SC_RULE_ALWAYS. */
int sc_rules_read_chance(struct sc_rules_reading *p, struct sc_span word, uint64_t *out);
/* A call site (site.h): 16 hexadecimal digits. */
int sc_rules_read_site(struct sc_rules_reading *p, struct sc_span word, uint64_t *out);
/* FIRST[..LAST][+[STEP]] */
int sc_rules_read_when(struct sc_rules_reading *p, struct sc_span word, struct sc_rule_when *out);
/* A name, or a number. A signal's with or without SIG. */
int sc_rules_read_error(struct sc_rules_reading *p, struct sc_span word, int *out);
int sc_rules_read_signal(struct sc_rules_reading *p, struct sc_span word, int *out);

#endif
