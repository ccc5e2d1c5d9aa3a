/* SPDX-License-Identifier: MIT */
/*
 * What makes prototypes of the C library from the installed headers while stubcache is built (data/prototypes/README
 * tells the whole way). A program of its own, run by make, never installed: it says what fails on stderr and exits, and
 * keeps its memory until then.
 */
#ifndef SC_PROTOGEN_H
#define SC_PROTOGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- main.c ---- */

void sc_protogen_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The whole file, terminated. */
char *sc_protogen_read(const char *path);
/* reallocarray and strndup that do not fail. */
void *sc_protogen_grow(void *array, size_t count, size_t size);
char *sc_protogen_copy(const char *text, size_t length);

/* ---- scan.c: C, token by token ---- */

enum sc_token_kind {
	SC_TOKEN_END = 0,
	SC_TOKEN_WORD = 'a',
	SC_TOKEN_OTHER = '0', /* a number, a string */
	/* or the character itself */
};

struct sc_token {
	int kind;
	const char *text;
	size_t length;
};

/* The token at *text, which is moved behind it. Blanks, comments and lines that begin with # are read over. */
struct sc_token sc_scan_next(const char **text);
bool sc_token_is(const struct sc_token *token, const char *word);

/* ---- declared.c: which functions preprocessed text declares ---- */

struct sc_declared {
	char *name;
	char **parameters; /* entries may be NULL */
	size_t parameter_count;
};

struct sc_declared_list {
	struct sc_declared *functions; /* sorted by name, each once */
	size_t count;
};

void sc_declared_read(struct sc_declared_list *list, const char *text);
const struct sc_declared *sc_declared_find(const struct sc_declared_list *list, const char *name);

/* ---- exports.c: which functions libraries export ---- */

struct sc_exports {
	char **names; /* sorted, each once */
	size_t count;
};

/* Libraries that are not there are passed over; it is an error when none is. */
void sc_exports_read(struct sc_exports *exports, char **paths);
bool sc_exports_have(const struct sc_exports *exports, const char *name);

/* ---- hints.c: what is said of many declarations at once ---- */

struct sc_hints;

struct sc_hints *sc_hints_read(const char *path);
/* How a function says that it failed: "[[error(-1)]] ", or NULL when nothing is known. */
const char *sc_hints_error(const struct sc_hints *hints, const char *function);
/* Calls say for each typedef with an attribute. */
void sc_hints_typedefs(const struct sc_hints *hints, void (*say)(void *user, const char *name, const char *attribute),
		       void *user);

/* ---- values.c: the numbers behind names ---- */

struct sc_values;

struct sc_values *sc_values_read(const char *path);
bool sc_values_find(const struct sc_values *values, const struct sc_token *token, int64_t *out);

/* ---- the sub-commands, by file ---- */

int sc_protogen_refs(int argc, char **argv);
int sc_protogen_libc(int argc, char **argv);
int sc_protogen_values(int argc, char **argv);
int sc_protogen_constants(int argc, char **argv);

#endif
