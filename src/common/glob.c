/* SPDX-License-Identifier: MIT */
/*
 * Owns what a glob means, for matching and for telling a wrong one. Not fnmatch(), which asks the
 * host's locale and allocates. Called by the rules, and by the command for names it is given.
 */
#include "common/glob.h"

/*
 * `at` points behind a '['. Returns the place behind the closing ']' and sets *in, or returns NULL
 * if nothing closes the class. A ']' that comes first stands for itself, as does a '-' at either
 * end. Bytes are compared as bytes: what a range holds must not depend on the host's locale.
 */
static const char *class_scan(const char *at, unsigned char c, bool *in)
{
	bool negated = *at == '!';
	bool found = false;
	const char *first;

	at += negated;
	for (first = at; *at && (*at != ']' || at == first); at++) {
		unsigned char low = (unsigned char)*at;
		unsigned char high = low;

		if (at[1] == '-' && at[2] && at[2] != ']') {
			high = (unsigned char)at[2];
			at += 2;
		}
		found |= low <= c && c <= high;
	}
	if (!*at)
		return NULL;
	*in = found != negated;
	return at + 1;
}

/* The rest of the glob if its first element, which is not a star, takes c; else NULL. */
static const char *take_one(const char *glob, char c)
{
	const char *behind;
	bool in;

	if (!*glob)
		return NULL;
	if (*glob == '?')
		return glob + 1;
	if (*glob == '[') {
		behind = class_scan(glob + 1, (unsigned char)c, &in);
		if (behind)
			return in ? behind : NULL;
	}
	return *glob == c ? glob + 1 : NULL;
}

bool sc_glob_match(const char *glob, const char *text)
{
	const char *behind_star = NULL;
	const char *resume = NULL;

	/*
	 * Only the latest star is ever tried again: whatever an earlier one could give up, the
	 * later one can take. That is what keeps a*a*a*b from taking exponential time.
	 */
	while (*text) {
		const char *next;

		if (*glob == '*') {
			behind_star = ++glob;
			resume = text;
			continue;
		}
		next = take_one(glob, *text);
		if (next) {
			glob = next;
			text++;
		} else if (behind_star) {
			glob = behind_star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

/* glob[at] is the '[' of a class. Moves at to its ']', or to what is wrong, which is returned. */
static const char *class_fault(const char *glob, size_t length, size_t *at)
{
	size_t first = *at + 1;
	size_t i;

	if (first < length && glob[first] == '^') {
		*at = first;
		return "'[^' in a glob: '[!' is what negates";
	}
	if (first < length && glob[first] == '!')
		first++;
	for (i = first; i < length && (glob[i] != ']' || i == first); i++) {
		if (i + 2 >= length || glob[i + 1] != '-' || glob[i + 2] == ']')
			continue;
		if ((unsigned char)glob[i] > (unsigned char)glob[i + 2]) {
			*at = i;
			return "range in a glob is backwards";
		}
		i += 2;
	}
	if (i >= length)
		return "'[' in a glob is not closed";
	*at = i;
	return NULL;
}

const char *sc_glob_fault(const char *glob, size_t length, size_t *at)
{
	for (size_t i = 0; i < length; i++) {
		const char *fault;

		if (glob[i] != '[')
			continue;
		fault = class_fault(glob, length, &i);
		if (fault) {
			*at = i;
			return fault;
		}
	}
	return NULL;
}
