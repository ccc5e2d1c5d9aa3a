/* SPDX-License-Identifier: MIT */
/*
 * Owns the environment that programs are executed with. Called by exec_follow.c within the host's exec, often in a
 * child of fork or vfork: no heap, no lock, nothing written that outlives the call. A small environment lies on the caller's
 * stack, which may be a small one; a larger one in memory of its own, which goes when exec returns or takes place. A
 * child of vfork would leave that behind in its parent, so there it lies on the stack, or is left as it is.
 *
 * What is missing is added, and LD_PRELOAD is put right when it is there without us; what the host has set stays. Where
 * the program's loader could not take us, and would say so or give up, we are left out of LD_PRELOAD.
 */
#include "preload/exec_environment.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "common/arena.h"
#include "common/program.h"
#include "common/sys.h"
#include "preload/hot.h"
#include "preload/modules.h"
#include "preload/runtime.h"

#define STACK_WORDS 256
#define VFORK_ENTRIES 2000 /* on the stack of a child of vfork; more environment than that is left as it is */
#define ENTRIES_MOST (1u << 24)
#define PRELOAD "LD_PRELOAD="
#define VARIABLES 16

static struct {
	const char *variables[VARIABLES]; /* NAME=value of ours that were set at the start */
	unsigned count;
	const char *library; /* our own path */
} follow SC_HOT;

static void keep(const char *name, const char *value)
{
	size_t name_length = strlen(name), value_length;
	char *entry;

	if (!value || follow.count == VARIABLES)
		return;
	value_length = strlen(value);
	entry = sc_arena_alloc(&sc_runtime.arena, name_length + value_length + 2);
	if (!entry)
		return;
	memcpy(entry, name, name_length);
	entry[name_length] = '=';
	memcpy(entry + name_length + 1, value, value_length + 1);
	follow.variables[follow.count++] = entry;
}

void sc_exec_environment_start(void)
{
	const struct sc_config *config = &sc_runtime.config;

	if (!config->follow)
		return;
	sc_config_each(config, keep);
	follow.library = sc_modules_self()->path;
}

static size_t name_length(const char *entry)
{
	const char *equals = strchr(entry, '=');

	return equals ? (size_t)(equals - entry) + 1 : strlen(entry);
}

static bool has(char *const *env, const char *entry)
{
	size_t length = name_length(entry);

	for (; *env; env++)
		if (strncmp(*env, entry, length) == 0)
			return true;
	return false;
}

static bool names_us(const char *preload)
{
	size_t length = strlen(follow.library);

	for (const char *at = preload; (at = strstr(at, follow.library)); at += length)
		if ((at[length] == 0 || at[length] == ':' || at[length] == ' ') &&
		    (at == preload || at[-1] == ':' || at[-1] == ' ' || at[-1] == '='))
			return true;
	return false;
}

static bool is_preload(const char *entry)
{
	return strncmp(entry, PRELOAD, sizeof(PRELOAD) - 1) == 0;
}

/* Bytes that an LD_PRELOAD entry has at most when we have been put before what the host wants, or left out. */
static size_t joined_size(const char *entry)
{
	return strlen(entry) + strlen(follow.library) + sizeof(":");
}

static void join_preload(const char *entry, char *out)
{
	const char *theirs = entry + sizeof(PRELOAD) - 1;
	size_t ours = strlen(follow.library);

	memcpy(out, PRELOAD, sizeof(PRELOAD) - 1);
	out += sizeof(PRELOAD) - 1;
	memcpy(out, follow.library, ours);
	out += ours;
	if (*theirs)
		*out++ = ':';
	memcpy(out, theirs, strlen(theirs) + 1);
}

/* The same list without us; false: nobody else is in it. */
static bool part_preload(const char *entry, char *out)
{
	char *end = out + sizeof(PRELOAD) - 1;

	memcpy(out, PRELOAD, sizeof(PRELOAD) - 1);
	for (const char *at = entry + sizeof(PRELOAD) - 1; *at;) {
		size_t length = strcspn(at, ": ");

		if (length && !(length == strlen(follow.library) && memcmp(at, follow.library, length) == 0)) {
			if (end != out + sizeof(PRELOAD) - 1)
				*end++ = ':';
			memcpy(end, at, length);
			end += length;
		}
		at += length + (at[length] != 0);
	}
	*end = 0;
	return end != out + sizeof(PRELOAD) - 1;
}

/* Whether an entry of the environment has to be another one. */
static bool is_wrong(const char *entry, const struct sc_exec_program *program)
{
	return is_preload(entry) && names_us(entry) == sc_program_refuses(program->reason);
}

static void put_right(const char *entry, char ***next, char *room, const struct sc_exec_program *program)
{
	if (!sc_program_refuses(program->reason))
		join_preload(entry, room);
	else if (!part_preload(entry, room))
		return;
	*(*next)++ = room;
}

/* Too many variables to look after: the program will be without us, unless they name us already. */
static void note_environment(struct sc_exec_program *program, char *const *env, const char *path)
{
	for (; env && *env; env++)
		if (is_preload(*env) && names_us(*env))
			return;
	if (program->reason == SC_OBSERVED)
		sc_exec_program_note(program, SC_UNOBSERVED_ENVIRONMENT, path);
}

/* The words that an environment takes: entries, their end, and behind that each LD_PRELOAD which has to change; 0:
 * there is no end of it. */
static size_t words_for(char *const *env, const struct sc_exec_program *program, size_t *entries)
{
	size_t n = 0, words = follow.count + 1;

	for (; env && env[n]; n++) {
		if (n == ENTRIES_MOST)
			return 0;
		if (is_wrong(env[n], program))
			words += joined_size(env[n]) / sizeof(char *) + 1;
	}
	*entries = n;
	return n + words;
}

static bool in_memory(struct sc_exec_program *program, size_t words)
{
	void *room;

	if ((uint32_t)sc_sys_getpid() != sc_runtime.pid)
		return false;
	room = sc_sys_mmap(NULL, words * sizeof(char *), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return false;
	program->room = room;
	program->room_size = words * sizeof(char *);
	return true;
}

size_t sc_exec_environment_words(char *const *env, struct sc_exec_program *program, const char *path)
{
	size_t entries = 0, words = words_for(env, program, &entries);

	if (words && words <= STACK_WORDS)
		return words;
	if (words && in_memory(program, words))
		return 1;
	if (words && entries <= VFORK_ENTRIES)
		return words;
	note_environment(program, env, path);
	return 1;
}

/* The environment to use instead of env: env itself when nothing is wrong, or when it cannot be completed. */
char *const *sc_exec_environment(char *const *env, char **out, size_t words, const struct sc_exec_program *program)
{
	static char *const none[] = { NULL };
	bool refuses = sc_program_refuses(program->reason), preload = refuses, changed = false;
	char **next, **end;

	if (program->room) {
		out = program->room;
		words = program->room_size / sizeof(*out);
	}
	next = out;
	end = out + words;
	if (!env)
		env = none;
	for (size_t n = 0; env[n]; n++) {
		if (next + follow.count + 1 >= end) /* or another thread has added to it meanwhile */
			return env;
		preload = preload || is_preload(env[n]);
		if (!is_wrong(env[n], program)) {
			*next++ = env[n];
			continue;
		}
		end -= joined_size(env[n]) / sizeof(char *) + 1;
		if (next + follow.count + 1 >= end)
			return env;
		put_right(env[n], &next, (char *)end, program);
		changed = true;
	}
	for (unsigned i = 0; i < follow.count; i++) {
		if (refuses || has(env, follow.variables[i]) || (is_preload(follow.variables[i]) && preload))
			continue;
		*next++ = (char *)follow.variables[i];
		changed = true;
	}
	*next = NULL;
	return changed ? out : env;
}

const char *sc_exec_environment_library(void)
{
	return follow.library;
}

bool sc_exec_environment_started(void)
{
	return follow.count > 0;
}
