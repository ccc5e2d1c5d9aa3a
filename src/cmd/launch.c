/* SPDX-License-Identifier: MIT */
/*
 * Owns the environment of a program that is to be run: rules, preload. Called by run, explain and
 * cache warm.
 */
#include "cmd/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "common/program.h"
#include "common/rules.h"

#define LIBRARY "libstubcache.so"

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

bool sc_launch_set(const char *variable, const char *value)
{
	if (setenv(variable, value, 1) == 0)
		return true;
	sc_cmd_error("cannot set %s: %s", variable, strerror(errno));
	return false;
}

bool sc_launch_has_rules(void)
{
	const char *rules = getenv("STUBCACHE");
	const char *file = getenv("STUBCACHE_RULES");

	return (rules && *rules) || (file && *file);
}

static bool rules_ok(const struct sc_launch_rules *rules)
{
	struct sc_arena arena = { 0 };
	struct sc_rules parsed = { .arena = &arena };
	bool ok = true;

	for (size_t i = 0; ok && i < rules->count; i++) {
		const char *text = rules->texts[i];
		struct sc_rule_error error;
		int r = sc_rules_parse(&parsed, text, strlen(text), SC_RULES_ARGUMENT, &error);

		if (r == -EINVAL)
			sc_cmd_error("rule '%s', column %u: %s", text, error.column, error.message);
		else if (r)
			sc_cmd_error("cannot read rule '%s': %s", text, strerror(-r));
		ok = r == 0;
	}
	sc_arena_release(&arena);
	return ok;
}

static unsigned actions_of(const char *text)
{
	struct sc_arena arena = { 0 };
	struct sc_rules parsed = { .arena = &arena };
	struct sc_rule_error error;
	unsigned actions = 0;

	if (text && sc_rules_parse(&parsed, text, strlen(text), SC_RULES_ENVIRONMENT, &error) == 0)
		for (unsigned i = 0; i < parsed.rule_count; i++)
			actions |= parsed.rules[i].action;
	sc_arena_release(&arena);
	return actions;
}

bool sc_launch_traces(const struct sc_launch_rules *rules, const char *otherwise, bool *others)
{
	unsigned actions = 0;

	for (size_t i = 0; i < rules->count; i++)
		actions |= actions_of(rules->texts[i]);
	if (rules->count == 0)
		actions = actions_of(otherwise ? otherwise : getenv("STUBCACHE"));
	*others = actions & (SC_ACTION_COUNT | SC_ACTION_TIME | SC_ACTION_STACK);
	return actions & SC_ACTION_TRACE;
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

bool sc_launch_set_rules(const struct sc_launch_rules *rules, const char *otherwise)
{
	if (rules->count)
		return rules_ok(rules) && join_rules(rules);
	return !otherwise || sc_launch_set("STUBCACHE", otherwise);
}

static bool readable(const char *path)
{
	return access(path, R_OK) == 0;
}

/* The library beside this program in a build directory: the program itself, or (when libtool put a
 * script in its place) in .libs with it. */
static bool uninstalled(char *out, size_t size)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length <= 0)
		return false;
	self[length] = 0;
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = 0;
	if ((size_t)snprintf(out, size, "%s/.libs/" LIBRARY, self) < size && readable(out))
		return true;
	slash = strrchr(self, '/');
	return slash && !strcmp(slash, "/.libs") && (size_t)snprintf(out, size, "%s/" LIBRARY, self) < size &&
	       readable(out);
}

static bool find_library(char *out, size_t size)
{
	const char *given = getenv("STUBCACHE_LIBRARY");

	if (given && *given) {
		char absolute[PATH_MAX];

		/* The program may change directory and start others: only an absolute path stays right. */
		if (!realpath(given, absolute) || (size_t)snprintf(out, size, "%s", absolute) >= size) {
			sc_cmd_error("cannot use STUBCACHE_LIBRARY '%s': %s", given, strerror(errno));
			return false;
		}
		return true;
	}
	if (uninstalled(out, size))
		return true;
	if ((size_t)snprintf(out, size, "%s/" LIBRARY, SC_LIBDIR) < size && readable(out))
		return true;
	sc_cmd_error("cannot find " LIBRARY " in '%s': install it, or name it in STUBCACHE_LIBRARY", SC_LIBDIR);
	return false;
}

/* The program and its children may change directory: what is named relative to ours stays what it is. */
static bool make_absolute(const char *variable)
{
	const char *path = getenv(variable);
	char here[PATH_MAX], *whole;
	bool ok;

	if (!path || !*path || *path == '/')
		return true;
	if (!getcwd(here, sizeof(here)) || asprintf(&whole, "%s/%s", here, path) < 0) {
		sc_cmd_error("cannot make %s '%s' absolute: %s", variable, path, strerror(errno));
		return false;
	}
	ok = sc_launch_set(variable, whole);
	free(whole);
	return ok;
}

/* Those of STUBCACHE_CLIENTS that have a slash: ld.so looks for others where it looks for libraries. */
static bool make_clients_absolute(void)
{
	const char *list = getenv("STUBCACHE_CLIENTS");
	char here[PATH_MAX], *whole = NULL;
	size_t size;
	FILE *out;
	bool ok;

	if (!list || !*list || !getcwd(here, sizeof(here)) || strpbrk(here, ":,"))
		return true;
	out = open_memstream(&whole, &size);
	for (const char *at = list; out && *at;) {
		size_t path = strcspn(at, ":,"), client = strcspn(at, ":");

		if (*at != '/' && memchr(at, '/', path))
			fprintf(out, "%s/", here);
		client += at[client] == ':';
		fwrite(at, 1, client, out);
		at += client;
	}
	ok = out && fclose(out) == 0;
	if (!ok)
		sc_cmd_error("out of memory");
	ok = ok && sc_launch_set("STUBCACHE_CLIENTS", whole);
	free(whole);
	return ok;
}

static void look_at(void *reason, const char *path)
{
	*(enum sc_unobserved *)reason = sc_program_look(AT_FDCWD, path, 0);
}

static enum sc_unobserved look(const char *program)
{
	enum sc_unobserved reason = SC_OBSERVED;

	sc_program_find(program, getenv("PATH"), look_at, &reason);
	if (reason != SC_OBSERVED)
		sc_cmd_error("cannot observe '%s': %s", program, sc_unobserved_text(reason));
	return reason;
}

bool sc_launch_set_preload(const char *program, enum sc_unobserved *reason)
{
	static const char *const paths[] = { "STUBCACHE_DIR", "STUBCACHE_OUT", "STUBCACHE_RULES", "STUBCACHE_STATS",
					     "STUBCACHE_SYSTEM_DIR" };
	const char *before = getenv("LD_PRELOAD");
	enum sc_unobserved seen;
	char library[PATH_MAX];
	char *joined;
	bool ok;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!make_absolute(paths[i]))
			return false;
	if (!make_clients_absolute())
		return false;
	if (!find_library(library, sizeof(library)))
		return false;
	seen = look(program);
	if (reason)
		*reason = seen;
	else if (seen != SC_OBSERVED)
		return false;
	if (sc_program_refuses(seen))
		return true;
	if (strpbrk(library, " :")) {
		sc_cmd_error("cannot preload '%s': ld.so takes spaces and colons in LD_PRELOAD for separators",
			     library);
		return false;
	}
	if (asprintf(&joined, "%s%s%s", library, before && *before ? ":" : "", before ? before : "") < 0) {
		sc_cmd_error("out of memory");
		return false;
	}
	/* Children that are started with another environment are followed, too: see stubcache(1). */
	ok = sc_launch_set("LD_PRELOAD", joined) && sc_launch_set("STUBCACHE_FOLLOW", "1");
	free(joined);
	return ok;
}
