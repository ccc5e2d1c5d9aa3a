/* SPDX-License-Identifier: MIT */
/*
 * Owns the entry of protogen, and what its files share. Called by make:
 *
 *	refs MODE.i LIBRARY...			a C source that refers to each function that is declared and exported
 *	libc HINTS [MODE.i MODE.so]... -- LIBRARY...	00-libc.h, from what the compiler made of these sources
 *	values TEMPLATE				a C source that says the value of each constant of the template
 *	constants TEMPLATE OBJECT		the template with the values that the compiler found
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "protogen/protogen.h"

void sc_protogen_die(const char *format, ...)
{
	va_list arguments;

	fputs("protogen: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void *sc_protogen_grow(void *array, size_t count, size_t size)
{
	array = reallocarray(array, count, size);
	if (!array)
		sc_protogen_die("out of memory");
	return array;
}

char *sc_protogen_copy(const char *text, size_t length)
{
	char *copy = strndup(text, length);

	if (!copy)
		sc_protogen_die("out of memory");
	return copy;
}

char *sc_protogen_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		sc_protogen_die("cannot open '%s': %s", path, strerror(errno));
	if (getdelim(&text, &room, 0, file) < 0)
		sc_protogen_die("cannot read '%s': it is empty, or %s", path, strerror(errno));
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*main)(int argc, char **argv);
	} commands[] = {
		{ "constants", sc_protogen_constants },
		{ "libc", sc_protogen_libc },
		{ "refs", sc_protogen_refs },
		{ "values", sc_protogen_values },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		int status;

		if (strcmp(commands[i].name, argv[1]))
			continue;
		status = commands[i].main(argc - 2, argv + 2);
		if (fflush(stdout) != 0 || ferror(stdout))
			sc_protogen_die("cannot write: %s", strerror(errno));
		return status;
	}
	sc_protogen_die("usage: protogen refs|libc|values|constants ...");
}
