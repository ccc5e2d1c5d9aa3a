/* SPDX-License-Identifier: MIT */
/*
 * Owns the wrappers of the exec family and the environment they complete. Called by the host in their place
 * (wrappers.c), often in a child of fork or vfork: no heap, no lock, nothing written that outlives the call but on the
 * stack, and there no more than it takes; errno is the original's.
 *
 * The originals are reached through our own imports, so that another interposer of exec still sees the call. What is
 * missing is added, and LD_PRELOAD is put right when it is there without us; what the host has set stays.
 */
#include "preload/exec_follow.h"

#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/arena.h"
#include "engine/engine.h"
#include "preload/hot.h"
#include "preload/modules.h"
#include "preload/runtime.h"

#define ENTRIES_MOST 2000 /* on the stack; a program with more environment is not followed */
#define PRELOAD "LD_PRELOAD="
#define WORDS(array) (sizeof(array) / sizeof((array)[0]))
#define VARIABLES 16

extern char **environ;

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

void sc_exec_follow_start(void)
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

/* Bytes of an LD_PRELOAD entry with us before what the host wants. */
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

/*
 * How many words complete() needs for an environment: entries, their end, and behind that each LD_PRELOAD which lacks
 * us. They lie on the stack of the caller, which may be a small one, so there are not more than that. Too few
 * for anything when there are too many entries.
 */
static size_t words_for(char *const *env)
{
	size_t n = 0, words = follow.count + 1;

	for (; env && env[n]; n++) {
		if (n == ENTRIES_MOST)
			return 1;
		if (is_preload(env[n]) && !names_us(env[n]))
			words += joined_size(env[n]) / sizeof(char *) + 1;
	}
	return n + words;
}

/* The environment to use instead of env: env itself when nothing is missing, or when it cannot be completed. */
static char *const *complete(char *const *env, char **out, size_t words)
{
	static char *const none[] = { NULL };
	size_t n = 0, end = words;
	bool preload = false, changed = false;

	if (!env)
		env = none;
	for (; env[n]; n++) {
		if (n + follow.count + 1 >= end) /* or another thread has added to it meanwhile */
			return env;
		out[n] = env[n];
		preload = preload || is_preload(env[n]);
		if (is_preload(env[n]) && !names_us(env[n])) {
			size_t size = joined_size(env[n]) / sizeof(char *) + 1;

			if (n + follow.count + 1 + size >= end)
				return env;
			end -= size;
			out[n] = (char *)(out + end);
			join_preload(env[n], out[n]);
			changed = true;
		}
	}
	for (unsigned i = 0; i < follow.count; i++) {
		if (has(env, follow.variables[i]) || (is_preload(follow.variables[i]) && preload))
			continue;
		out[n++] = (char *)follow.variables[i];
		changed = true;
	}
	out[n] = NULL;
	return changed ? out : env;
}

static int wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	char *room[words_for(envp)];

	return execve(path, argv, complete(envp, room, WORDS(room)));
}

static int wrap_execv(const char *path, char *const argv[])
{
	char *room[words_for(environ)];

	return execve(path, argv, complete(environ, room, WORDS(room)));
}

static int wrap_execvp(const char *file, char *const argv[])
{
	char *room[words_for(environ)];

	return execvpe(file, argv, complete(environ, room, WORDS(room)));
}

static int wrap_execvpe(const char *file, char *const argv[], char *const envp[])
{
	char *room[words_for(envp)];

	return execvpe(file, argv, complete(envp, room, WORDS(room)));
}

static int wrap_fexecve(int fd, char *const argv[], char *const envp[])
{
	char *room[words_for(envp)];

	return fexecve(fd, argv, complete(envp, room, WORDS(room)));
}

static int wrap_execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags)
{
	char *room[words_for(envp)];

	return execveat(directory, path, argv, complete(envp, room, WORDS(room)), flags);
}

static int wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			    const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	char *room[words_for(envp)];

	return posix_spawn(pid, path, actions, attributes, argv, complete(envp, room, WORDS(room)));
}

static int wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			     const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	char *room[words_for(envp)];

	return posix_spawnp(pid, file, actions, attributes, argv, complete(envp, room, WORDS(room)));
}

/* How many arguments there are, the NULL included. */
static size_t count_arguments(const char *first, va_list list)
{
	size_t n = 1;
	va_list copy;

	va_copy(copy, list);
	for (const char *argument = first; argument; n++)
		argument = va_arg(copy, const char *);
	va_end(copy);
	return n;
}

/* The same arguments into an array, up to and with the NULL. */
static void gather(const char *first, va_list *list, char **out)
{
	*out++ = (char *)first;
	for (const char *argument = first; argument; *out++ = (char *)argument)
		argument = va_arg(*list, const char *);
}

static int execute_list(int (*execute)(const char *, char *const[]), const char *file, const char *first, va_list *list)
{
	char *argv[count_arguments(first, *list)];

	gather(first, list, argv);
	return execute(file, argv);
}

static int wrap_execl(const char *path, const char *first, ...)
{
	va_list list;
	int r;

	va_start(list, first);
	r = execute_list(wrap_execv, path, first, &list);
	va_end(list);
	return r;
}

static int wrap_execlp(const char *file, const char *first, ...)
{
	va_list list;
	int r;

	va_start(list, first);
	r = execute_list(wrap_execvp, file, first, &list);
	va_end(list);
	return r;
}

/* The environment follows the arguments. */
static int wrap_execle(const char *path, const char *first, ...)
{
	char *const *envp;
	va_list list;

	va_start(list, first);
	char *argv[count_arguments(first, list)];
	gather(first, &list, argv);
	envp = va_arg(list, char *const *);
	va_end(list);
	return wrap_execve(path, argv, envp);
}

uintptr_t sc_exec_follow_wrapper(uint32_t kind)
{
	static const uintptr_t wrappers[] = {
		[SC_WRAPPER_EXECVE - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execve,
		[SC_WRAPPER_EXECV - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execv,
		[SC_WRAPPER_EXECVP - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execvp,
		[SC_WRAPPER_EXECVPE - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execvpe,
		[SC_WRAPPER_EXECL - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execl,
		[SC_WRAPPER_EXECLP - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execlp,
		[SC_WRAPPER_EXECLE - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execle,
		[SC_WRAPPER_FEXECVE - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_fexecve,
		[SC_WRAPPER_EXECVEAT - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_execveat,
		[SC_WRAPPER_POSIX_SPAWN - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_posix_spawn,
		[SC_WRAPPER_POSIX_SPAWNP - SC_WRAPPER_EXECVE] = (uintptr_t)wrap_posix_spawnp,
	};

	if (!follow.count || kind < SC_WRAPPER_EXECVE || kind > SC_WRAPPER_POSIX_SPAWNP)
		return 0;
	return wrappers[kind - SC_WRAPPER_EXECVE];
}
