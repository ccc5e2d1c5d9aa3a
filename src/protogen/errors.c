/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of error conventions, data/prototypes/errors: lines of a convention and globs of function names, of
 * which the first that matches counts. Called by libc.c.
 */
#include <stdlib.h>
#include <string.h>

#include "common/glob.h"
#include "protogen/protogen.h"

struct row {
	char *glob;
	char *attribute; /* NULL: none */
};

struct sc_error_table {
	struct row *rows;
	size_t count;
};

static char *make_attribute(const char *path, const char *convention)
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

struct sc_error_table *sc_error_table_read(const char *path)
{
	struct sc_error_table *table = sc_protogen_grow(NULL, 1, sizeof(*table));
	char *text = sc_protogen_read(path), *line, *lines = text;

	*table = (struct sc_error_table){ 0 };
	while ((line = strsep(&lines, "\n"))) {
		char *state, *word = strtok_r(line, " \t", &state), *attribute;

		if (!word || *word == '#')
			continue;
		attribute = make_attribute(path, word);
		while ((word = strtok_r(NULL, " \t", &state))) {
			table->rows = sc_protogen_grow(table->rows, table->count + 1, sizeof(*table->rows));
			table->rows[table->count++] = (struct row){ .glob = word, .attribute = attribute };
		}
	}
	return table;
}

const char *sc_error_table_find(const struct sc_error_table *table, const char *function)
{
	for (size_t i = 0; i < table->count; i++)
		if (sc_glob_match(table->rows[i].glob, function))
			return table->rows[i].attribute;
	return NULL;
}
