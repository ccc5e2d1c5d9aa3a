/* SPDX-License-Identifier: MIT */
/*
 * What the environment asks for. Read once, in the constructor, from its own arguments: libc's environ
 * is not set yet.
 */
#ifndef SC_CONFIG_H
#define SC_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/store.h"

enum sc_log_level { SC_LOG_QUIET, SC_LOG_ERROR, SC_LOG_INFO, SC_LOG_DEBUG };

/* Values are copies: the host may overwrite the strings it was started with. */
struct sc_config {
	const char *rules;	  /* STUBCACHE */
	const char *rules_file;	  /* STUBCACHE_RULES */
	const char *directory;
	const char *system_directory;
	const char *persist;
	const char *out;
	const char *stats;
	const char *clients;
	const char *limit;
	const char *log;
	const char *explain;	  /* internal: file for explain lines */
	const char *warm;	  /* internal: generate, publish, end before main */
	const char *follow;	  /* internal: set by `stubcache run`: keep children intercepted */
	const char *preload;	  /* LD_PRELOAD as we were started, for following */
	const char *prototypes;
	const char *trace;
	const char *xdg_cache_home;
	const char *xdg_config_home;
	const char *home;

	enum sc_log_level log_level;
	enum sc_store_mode store_mode;
	uint64_t limit_bytes;
};

/* Reads env (terminated by NULL). Bad values are reported through the log and replaced by defaults. */
void sc_config_read(struct sc_config *config, char *const *env);

/* Calls visit for every variable of ours that was set, and for LD_PRELOAD; value as at the start. */
void sc_config_each(const struct sc_config *config, void (*visit)(const char *name, const char *value));

#endif
