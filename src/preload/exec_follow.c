/* SPDX-License-Identifier: MIT */
/*
 * Owns the wrappers of the exec family. Called by the host in their place (wrappers.c), often in a child of fork or
 * vfork: no heap, no lock, errno is the original's. Does not own the environment (exec_environment.c) nor what is found
 * out of the program (exec_program.c).
 *
 * The originals are reached through our own imports, so that another interposer of exec still sees the call.
 */
#include "preload/exec_follow.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

#include "engine/engine.h"
#include "preload/exec_environment.h"

extern char **environ;

void sc_exec_follow_start(void)
{
	sc_exec_environment_start();
}

static int wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_look(&program, AT_FDCWD, path, 0);
	char *room[sc_exec_environment_words(envp, &program, path)];
	env = sc_exec_environment(envp, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, execve(path, argv, env));
}

static int wrap_execv(const char *path, char *const argv[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_look(&program, AT_FDCWD, path, 0);
	char *room[sc_exec_environment_words(environ, &program, path)];
	env = sc_exec_environment(environ, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, execve(path, argv, env));
}

static int wrap_execvp(const char *file, char *const argv[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_find(&program, file);
	char *room[sc_exec_environment_words(environ, &program, file)];
	env = sc_exec_environment(environ, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, execvpe(file, argv, env));
}

static int wrap_execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_find(&program, file);
	char *room[sc_exec_environment_words(envp, &program, file)];
	env = sc_exec_environment(envp, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, execvpe(file, argv, env));
}

static int wrap_fexecve(int fd, char *const argv[], char *const envp[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_look(&program, fd, "", AT_EMPTY_PATH);
	char *room[sc_exec_environment_words(envp, &program, "(a descriptor)")];
	env = sc_exec_environment(envp, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, fexecve(fd, argv, env));
}

static int wrap_execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags)
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_look(&program, directory, path, flags);
	char *room[sc_exec_environment_words(envp, &program, path)];
	env = sc_exec_environment(envp, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, execveat(directory, path, argv, env, flags));
}

static int wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			    const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_look(&program, AT_FDCWD, path, 0);
	char *room[sc_exec_environment_words(envp, &program, path)];
	env = sc_exec_environment(envp, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, posix_spawn(pid, path, actions, attributes, argv, env));
}

static int wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			     const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	struct sc_exec_program program = { 0 };
	char *const *env;

	sc_exec_program_find(&program, file);
	char *room[sc_exec_environment_words(envp, &program, file)];
	env = sc_exec_environment(envp, room, sizeof(room) / sizeof(*room), &program);
	return sc_exec_program_returned(&program, posix_spawnp(pid, file, actions, attributes, argv, env));
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

	if (!sc_exec_environment_started() || kind < SC_WRAPPER_EXECVE || kind > SC_WRAPPER_POSIX_SPAWNP)
		return 0;
	return wrappers[kind - SC_WRAPPER_EXECVE];
}
