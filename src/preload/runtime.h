/* SPDX-License-Identifier: MIT */
/*
 * What one process is doing: its configuration, key, state and counts, shared by the preload's cold parts. Written
 * by the constructor, later only under the dl lock (dlwatch.c).
 */
#ifndef SC_RUNTIME_H
#define SC_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/rules.h"
#include "common/store.h"
#include "preload/attach.h"
#include "preload/config.h"
#include "preload/key.h"

enum sc_state { SC_STATE_OFF, SC_STATE_COLD, SC_STATE_WARM, SC_STATE_MERGED };

/* Of our constructor, as ld.so calls it. */
struct sc_start_arguments {
	int argc;
	char **argv, **env;
};

struct sc_runtime {
	struct sc_config config;
	const char *program; /* path as executed */
	enum sc_state state;
	char reason[400];    /* why it is not warm, or what is amiss; "" when nothing is: reason.h */
	bool clock;	     /* the time stamp counter cannot be used */
	bool engine_loaded;
	bool learned;	     /* images were added since the start, or since the fork: merge at the end */
	uint32_t pid;
	uint32_t clients;    /* in use */
	uint64_t page_size;
	const struct sc_start_arguments *starting; /* NULL when the constructor is done */

	char *rules_text;    /* of STUBCACHE and the rules file, in the form they were given */
	size_t rules_size;
	size_t rules_environment; /* the first so many bytes are STUBCACHE */
	struct sc_arena arena;
	struct sc_rules rules; /* parsed only when something must be selected */
	bool rules_parsed;

	struct sc_key key;

	uint32_t functions;   /* with a stub that is bound */
	uint32_t generated;   /* stubs made by this process */
	uint32_t resurrected; /* stubs that came from the store */
	uint32_t indexes;     /* stub numbers given out */
	struct sc_attach_counts slots;

	uint64_t started;     /* CLOCK_MONOTONIC ns at the constructor's start */
	uint64_t startup_ns;

	struct sc_store store; /* last, with its long path at its end: what is small shares a page */
};

extern struct sc_runtime sc_runtime;

/* Parses the rules, once; what is wrong with them is said once, on stderr. true when there is at least one rule. */
bool sc_runtime_rules(void);

/* CLOCK_MONOTONIC, ns. */
uint64_t sc_clock_monotonic(void);

#endif
