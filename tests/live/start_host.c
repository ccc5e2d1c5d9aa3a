/* SPDX-License-Identifier: MIT */
/*
 * What libc's own start leaves to a program: environ, the arguments, the program's names, in a constructor and in
 * main. A preload that has libc started too early, or with nothing, shows here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void show(const char *where, int argc, char **argv, char **env)
{
	const char *path = getenv("PATH");

	printf("%s: argc %d, argv[0] %s, arguments end %d, environ %s, PATH %s, names %s %s\n", where, argc, argv[0],
	       argv[argc] == NULL, env && environ && *env == *environ ? "there" : "missing", path ? "set" : "not set",
	       program_invocation_name, program_invocation_short_name);
}

__attribute__((constructor)) static void early(int argc, char **argv, char **env)
{
	show("constructor", argc, argv, env);
}

int main(int argc, char **argv, char **env)
{
	show("main", argc, argv, env);
	setenv("START_HOST", "1", 1);
	puts(getenv("START_HOST"));
	return 0;
}
