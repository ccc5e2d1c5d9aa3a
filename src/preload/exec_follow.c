/* SPDX-License-Identifier: MIT */
/*
 * Owns the wrappers of the exec family and the environment they complete. Called by the host in their place
 * (wrappers.c), often in a child of fork or vfork: no heap, no lock, nothing written that outlives the call but on the
 * stack; errno is the original's.
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
#include "preload/modules.h"
#include "preload/runtime.h"

#define ENTRIES_MOST 2000 /* on the stack; a program with more environment or arguments is not followed */
#define PRELOAD_MOST 4096
#define VARIABLES 16

extern char **environ;

static struct {
	const char *variables[VARIABLES]; /* NAME=value of ours that were set at the start */
	unsigned count;
	const char *library; /* our own path */
} follow;

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

/* LD_PRELOAD with us before what the host wants; NULL when it does not fit. */
static char *join_preload(const char *theirs, char out[PRELOAD_MOST])
{
	static const char name[] = "LD_PRELOAD=";
	size_t ours = strlen(follow.library), rest = strlen(theirs), at = sizeof(name) - 1;

	if (at + ours + rest + 2 > PRELOAD_MOST)
		return NULL;
	memcpy(out, name, at);
	memcpy(out + at, follow.library, ours);
	at += ours;
	if (rest)
		out[at++] = ':';
	memcpy(out + at, theirs, rest + 1);
	return out;
}

struct completed {
	char *entries[ENTRIES_MOST];
	char preload[PRELOAD_MOST];
};

/* The environment to use instead of env: env itself when nothing is missing, or when it cannot be completed. */
static char *const *complete(char *const *env, struct completed *out)
{
	static char *const none[] = { NULL };
	size_t n = 0;
	bool preload = false, changed = false;

	if (!env)
		env = none;
	for (; env[n]; n++) {
		if (n + VARIABLES + 2 > ENTRIES_MOST)
			return env;
		out->entries[n] = env[n];
		if (strncmp(env[n], "LD_PRELOAD=", 11) != 0)
			continue;
		preload = true;
		if (!names_us(env[n]) && join_preload(env[n] + 11, out->preload)) {
			out->entries[n] = out->preload;
			changed = true;
		}
	}
	for (unsigned i = 0; i < follow.count; i++) {
		if (has(env, follow.variables[i]))
			continue;
		if (strncmp(follow.variables[i], "LD_PRELOAD=", 11) == 0 && preload)
			continue;
		out->entries[n++] = (char *)follow.variables[i];
		changed = true;
	}
	out->entries[n] = NULL;
	return changed ? out->entries : env;
}

static int wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	struct completed completed;

	return execve(path, argv, complete(envp, &completed));
}

static int wrap_execv(const char *path, char *const argv[])
{
	struct completed completed;

	return execve(path, argv, complete(environ, &completed));
}

static int wrap_execvp(const char *file, char *const argv[])
{
	struct completed completed;

	return execvpe(file, argv, complete(environ, &completed));
}

static int wrap_execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct completed completed;

	return execvpe(file, argv, complete(envp, &completed));
}

static int wrap_fexecve(int fd, char *const argv[], char *const envp[])
{
	struct completed completed;

	return fexecve(fd, argv, complete(envp, &completed));
}

static int wrap_execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags)
{
	struct completed completed;

	return execveat(directory, path, argv, complete(envp, &completed), flags);
}

static int wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			    const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	struct completed completed;

	return posix_spawn(pid, path, actions, attributes, argv, complete(envp, &completed));
}

static int wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			     const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	struct completed completed;

	return posix_spawnp(pid, file, actions, attributes, argv, complete(envp, &completed));
}

/* Arguments of execl, execlp, execle up to and with the NULL; false when there are too many. */
static bool gather(const char *first, va_list *list, char *out[ENTRIES_MOST])
{
	size_t n = 0;

	for (const char *argument = first; n < ENTRIES_MOST; argument = va_arg(*list, const char *)) {
		out[n++] = (char *)argument;
		if (!argument)
			return true;
	}
	return false;
}

static int wrap_execl(const char *path, const char *first, ...)
{
	char *argv[ENTRIES_MOST];
	struct completed completed;
	va_list list;
	bool fits;

	va_start(list, first);
	fits = gather(first, &list, argv);
	va_end(list);
	if (!fits) {
		errno = E2BIG;
		return -1;
	}
	return execve(path, argv, complete(environ, &completed));
}

static int wrap_execlp(const char *file, const char *first, ...)
{
	char *argv[ENTRIES_MOST];
	struct completed completed;
	va_list list;
	bool fits;

	va_start(list, first);
	fits = gather(first, &list, argv);
	va_end(list);
	if (!fits) {
		errno = E2BIG;
		return -1;
	}
	return execvpe(file, argv, complete(environ, &completed));
}

static int wrap_execle(const char *path, const char *first, ...)
{
	char *argv[ENTRIES_MOST], *const *envp = NULL;
	struct completed completed;
	va_list list;
	bool fits;

	va_start(list, first);
	fits = gather(first, &list, argv);
	if (fits)
		envp = va_arg(list, char *const *);
	va_end(list);
	if (!fits) {
		errno = E2BIG;
		return -1;
	}
	return execve(path, argv, complete(envp, &completed));
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
