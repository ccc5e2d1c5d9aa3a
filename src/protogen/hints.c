/* SPDX-License-Identifier: MIT */
/*
 * Owns data/prototypes/hints: how functions say that they failed, what holds for values of a typedef. Called by libc.c.
 */
#include <stdlib.h>
#include <string.h>

#include "common/glob.h"
#include "protogen/protogen.h"

struct row {
	const char *glob; /* of functions; or a typedef's name */
	const char *attribute;
	bool of_typedef;
};

struct sc_hints {
	struct row *rows;
	size_t count;
};

static const char *error_attribute(const char *path, const char *convention)
{
	static const char *const known[] = { "-1", "NULL", "returned", "negative", "nonzero", "none" };
	char *text;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i], convention))
			continue;
		if (asprintf(&text, "[[error(%s)]] ", convention) < 0)
			sc_protogen_die("out of memory");
		return text;
	}
	sc_protogen_die("%s: unknown convention '%s'", path, convention);
}

static void read_line(struct sc_hints *hints, const char *path, char *line)
{
	char *state, *word = strtok_r(line, " \t", &state);
	const char *attribute;
	bool of_typedef;

	if (!word || *word == '#')
		return;
	of_typedef = word[0] == '[';
	attribute = of_typedef ? word : error_attribute(path, word);
	while ((word = strtok_r(NULL, " \t", &state))) {
		hints->rows = sc_protogen_grow(hints->rows, hints->count + 1, sizeof(*hints->rows));
		hints->rows[hints->count++] = (struct row){ word, attribute, of_typedef };
	}
}

struct sc_hints *sc_hints_read(const char *path)
{
	struct sc_hints *hints = sc_protogen_grow(NULL, 1, sizeof(*hints));
	char *lines = sc_protogen_read(path), *line;

	*hints = (struct sc_hints){ 0 };
	while ((line = strsep(&lines, "\n")))
		read_line(hints, path, line);
	return hints;
}

const char *sc_hints_error(const struct sc_hints *hints, const char *function)
{
	for (size_t i = 0; i < hints->count; i++)
		if (!hints->rows[i].of_typedef && sc_glob_match(hints->rows[i].glob, function))
			return hints->rows[i].attribute;
	return NULL;
}

void sc_hints_typedefs(const struct sc_hints *hints, void (*say)(void *user, const char *name, const char *attribute),
		       void *user)
{
	for (size_t i = 0; i < hints->count; i++)
		if (hints->rows[i].of_typedef)
			say(user, hints->rows[i].glob, hints->rows[i].attribute);
}
