/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of environment variables, which the manual page is checked against
 * (tests/build/environment.sh). Called once by start.c.
 */
#include "preload/config.h"

#include <stddef.h>
#include <string.h>

#include "common/arena.h"
#include "common/size.h"
#include "preload/hot.h"
#include "preload/log.h"

static const struct variable {
	const char *name;
	size_t offset; /* of a const char * in struct sc_config */
} variables[] = {
	{ "STUBCACHE", offsetof(struct sc_config, rules) },
	{ "STUBCACHE_RULES", offsetof(struct sc_config, rules_file) },
	{ "STUBCACHE_DIR", offsetof(struct sc_config, directory) },
	{ "STUBCACHE_SYSTEM_DIR", offsetof(struct sc_config, system_directory) },
	{ "STUBCACHE_PERSIST", offsetof(struct sc_config, persist) },
	{ "STUBCACHE_OUT", offsetof(struct sc_config, out) },
	{ "STUBCACHE_STATS", offsetof(struct sc_config, stats) },
	{ "STUBCACHE_CLIENTS", offsetof(struct sc_config, clients) },
	{ "STUBCACHE_LIMIT", offsetof(struct sc_config, limit) },
	{ "STUBCACHE_LOG", offsetof(struct sc_config, log) },
	{ "STUBCACHE_TRACE", offsetof(struct sc_config, trace) },
	{ "STUBCACHE_PROTOTYPES", offsetof(struct sc_config, prototypes) },
	{ "STUBCACHE_EXPLAIN", offsetof(struct sc_config, explain) },
	{ "STUBCACHE_WARM", offsetof(struct sc_config, warm) },
	{ "STUBCACHE_FOLLOW", offsetof(struct sc_config, follow) },
	/* Not ours. */
	{ "LD_PRELOAD", offsetof(struct sc_config, preload) },
	{ "XDG_CACHE_HOME", offsetof(struct sc_config, xdg_cache_home) },
	{ "XDG_CONFIG_HOME", offsetof(struct sc_config, xdg_config_home) },
	{ "HOME", offsetof(struct sc_config, home) },
};

/* Values are copied: the host may write its title over the strings it was started with. Those of most users fit into
 * a piece of memory that a start touches anyway. */
static struct {
	size_t used;
	char text[512];
} kept SC_HOT;

static struct sc_arena kept_long SC_HOT;

static const char *keep(const char *value)
{
	size_t size = strlen(value) + 1;
	char *copy;

	if (size > sizeof(kept.text) - kept.used)
		return sc_arena_string(&kept_long, value, size - 1);
	copy = kept.text + kept.used;
	kept.used += size;
	return memcpy(copy, value, size);
}

static void read_variable(struct sc_config *config, const char *entry)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		size_t length = strlen(variables[i].name);
		const char **field = (const char **)((char *)config + variables[i].offset);

		if (strncmp(entry, variables[i].name, length) != 0 || entry[length] != '=')
			continue;
		if (!*field && entry[length + 1]) /* the first one counts, as for getenv; empty is not set */
			*field = keep(entry + length + 1);
		return;
	}
}

static void parse_log(struct sc_config *config)
{
	static const char *const names[] = { "quiet", "error", "info", "debug" };

	config->log_level = SC_LOG_ERROR;
	if (!config->log)
		return;
	for (unsigned i = 0; i < 4; i++)
		if (strcmp(config->log, names[i]) == 0)
			config->log_level = (enum sc_log_level)i;
}

static void parse_persist(struct sc_config *config)
{
	config->store_mode = SC_STORE_WRITE;
	if (!config->persist || strcmp(config->persist, "rw") == 0)
		return;
	if (strcmp(config->persist, "ro") == 0)
		config->store_mode = SC_STORE_READ;
	else if (strcmp(config->persist, "off") == 0)
		config->store_mode = SC_STORE_OFF;
	else
		sc_log(SC_LOG_ERROR, "STUBCACHE_PERSIST=%s is none of rw, ro, off; using rw", config->persist);
}

void sc_config_read(struct sc_config *config, char *const *env)
{
	memset(config, 0, sizeof(*config));
	for (; env && *env; env++)
		if ((*env)[0] == 'S' || (*env)[0] == 'H' || (*env)[0] == 'X' || (*env)[0] == 'L')
			read_variable(config, *env);
	parse_log(config);
	sc_log_start(config->log_level);
	if (config->log && strcmp(config->log, "error") != 0 && config->log_level == SC_LOG_ERROR)
		sc_log(SC_LOG_ERROR, "STUBCACHE_LOG=%s is none of quiet, error, info, debug; using error",
		       config->log);
	if (!config->rules && !config->rules_file && !config->clients)
		return;
	parse_persist(config);
	config->limit_bytes = SC_STORE_LIMIT_DEFAULT;
	if (config->limit && !sc_size_parse(config->limit, &config->limit_bytes))
		sc_log(SC_LOG_ERROR, "STUBCACHE_LIMIT=%s is not a size such as 256M; using 256M", config->limit);
}

void sc_config_each(const struct sc_config *config, void (*visit)(const char *name, const char *value))
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = *(const char *const *)((const char *)config + variables[i].offset);

		if (value && (strncmp(variables[i].name, "STUBCACHE", 9) == 0 || strcmp(variables[i].name, "LD_PRELOAD") == 0))
			visit(variables[i].name, value);
	}
}
