/* SPDX-License-Identifier: MIT */
/*
 * The rules: what the user asked for. One grammar for the environment, the command line and files
 * (doc: stubcache(1), RULES):
 *
 *   ACTION=TARGETS[:OPTION...]
 *   TARGETS = [!]function[@library[@version]] , ...
 *   OPTION = NAME=VALUE
 *
 * A target item is a glob (glob.h). "!" excludes; a list of exclusions alone means everything else.
 * A missing @library means every library. Blanks around any part are ignored; none can be within a
 * name, nor can a separator, not even in a glob's [class].
 *
 * Parsing allocates from the caller's arena and keeps nothing outside it. Thread safety: parsed
 * rules are read-only. Signal safety: sc_rules_match may be called anywhere, parsing may not.
 */
#ifndef SC_RULES_H
#define SC_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/glob.h"

enum sc_action {
	SC_ACTION_COUNT = 1 << 0,
	SC_ACTION_TIME = 1 << 1,
	SC_ACTION_TRACE = 1 << 2,
	SC_ACTION_STACK = 1 << 3,
	SC_ACTION_INJECT = 1 << 4,
	SC_ACTION_REPLACE = 1 << 5,
	SC_ACTION_CLIENT = 1 << 6,
	SC_ACTION_CLOSURE = 1 << 7, /* not of the grammar: what clients ask for (preload/typed.h) */
};

enum sc_rules_form {
	SC_RULES_ENVIRONMENT, /* several, joined by ';' */
	SC_RULES_ARGUMENT,    /* one -e argument: ';' separates here too, as users paste */
	SC_RULES_FILE,        /* one a line; '#' after a blank or at the start begins a comment */
};

struct sc_rule_target {
	const char *function; /* globs, never NULL; "*" where left out */
	const char *library;
	const char *version;
	bool exclude;
};

/* Of the calls of a function that a thread makes, counted from 1: first, first + step, ... last. */
struct sc_rule_when {
	uint64_t first;
	uint64_t last; /* 0: no end */
	uint64_t step; /* 0: `first` alone */
};

enum sc_rule_fault {
	SC_RULE_ERROR = 1 << 0,
	SC_RULE_RETVAL = 1 << 1,
	SC_RULE_SIGNAL = 1 << 2,
	SC_RULE_DELAY_ENTER = 1 << 3,
	SC_RULE_DELAY_EXIT = 1 << 4,
};

#define SC_RULE_ALWAYS ((uint64_t)1 << 32)

#define SC_RULE_DEPTH 64	/* frames of a stack, unless a rule says how many */
#define SC_RULE_DEPTH_MOST 512

/* What an inject rule does, and to which calls. */
struct sc_rule_inject {
	unsigned faults; /* a set of enum sc_rule_fault, never empty */
	int error;	 /* errno */
	int signal;
	uint64_t retval;
	uint64_t delay_enter; /* ns */
	uint64_t delay_exit;
	struct sc_rule_when when;
	uint64_t chance; /* of SC_RULE_ALWAYS */
	uint64_t seed;
	uint64_t site;	 /* only calls from there (site.h); 0: from anywhere */
	bool per_stack;	 /* `when` counts the calls of each stack in each thread */
};

/* What a replace rule puts in the place of a function. */
struct sc_rule_replace {
	const char *object; /* as dlopen takes it */
	const char *symbol; /* NULL: the function's own name */
};

struct sc_rule {
	enum sc_action action;
	const char *text; /* as written, trimmed, for messages */
	struct sc_rule_target *targets;
	unsigned target_count;
	const char *from; /* calling-module glob, or NULL for any */
	unsigned depth;   /* frames of a stack that are looked at; never 0 */
	struct sc_rule_inject inject;	/* of SC_ACTION_INJECT */
	struct sc_rule_replace replace; /* of SC_ACTION_REPLACE */
	unsigned origin;  /* position among all rules, from 0 */
};

struct sc_rules {
	struct sc_arena *arena;
	struct sc_rule *rules; /* rule_count of them, in the order given */
	unsigned rule_count;
};

struct sc_rule_error {
	unsigned rule;	 /* number among the rules in this text, from 1; for files, the line */
	unsigned column; /* in bytes from 1, within the trimmed rule (files: within the line) */
	char message[200];
};

/*
 * Appends what text[0..length) says to *rules (start with {.arena = ...}). Returns 0; -EINVAL with
 * *error filled (where: rule, column; what, with the nearest valid word when there is one);
 * -ENOMEM. On failure *rules is as it was, and with -EINVAL so is its arena. Empty text and empty
 * rules (";;", blank lines) add nothing and are no error. The text must not change meanwhile.
 */
int sc_rules_parse(struct sc_rules *rules, const char *text, size_t length, enum sc_rules_form form,
		   struct sc_rule_error *error);

/* The names by which a library can be asked for: its soname and its file's base name. */
struct sc_library_names {
	const char *soname; /* or NULL */
	const char *file;   /* base name, never NULL */
};

/*
 * The actions (a set of enum sc_action) that the rules ask for on function@version (version NULL:
 * none) defined by `library`, when called from `caller` (NULL: any caller, `from` is not looked
 * at). A rule selects when some non-excluding item matches (or it has only excluding ones) and no
 * excluding item does. If `selected_by` is not NULL, bit i % 64 is set for each rule i that selects.
 */
unsigned sc_rules_match(const struct sc_rules *rules, const char *function, const char *version,
			const struct sc_library_names *library, const struct sc_library_names *caller,
			uint64_t *selected_by);

/* Whether this rule selects a function, as above; its `from` is not looked at. */
bool sc_rule_selects(const struct sc_rule *rule, const char *function, const char *version,
		     const struct sc_library_names *library);

/* Whether a glob names the library, by either of its names. */
bool sc_rule_library_matches(const char *glob, const struct sc_library_names *library);

/*
 * Edit distance (Levenshtein) of two names, at most `most` + 1: for suggestions. Names of more than
 * 255 bytes count as too far from any other.
 */
unsigned sc_name_distance(const char *a, const char *b, unsigned most);

#endif
