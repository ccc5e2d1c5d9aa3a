/* SPDX-License-Identifier: MIT */
/*
 * A piece of someone's text, not terminated and not owned, and how it is cut up. For parsers that
 * must neither allocate nor write to what they read.
 */
#ifndef SC_SPAN_H
#define SC_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sc_span {
	const char *at; /* NULL: there is no more */
	size_t length;
};

/* isspace() would ask the host's locale. */
static inline bool sc_span_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The word without the blanks around it; an empty one is where the blanks end. */
static inline struct sc_span sc_span_trim(struct sc_span word)
{
	while (word.length && sc_span_is_blank(*word.at)) {
		word.at++;
		word.length--;
	}
	while (word.length && sc_span_is_blank(word.at[word.length - 1]))
		word.length--;
	return word;
}

static inline const char *sc_span_find(struct sc_span word, char c)
{
	return word.length ? memchr(word.at, c, word.length) : NULL;
}

/*
 * Returns what precedes the first separator and leaves what follows it in *rest. Without one, all
 * of it is returned and rest->at becomes NULL: "a," is two pieces, "a" one.
 */
static inline struct sc_span sc_span_cut(struct sc_span *rest, char separator)
{
	const char *end = sc_span_find(*rest, separator);
	struct sc_span head = *rest;

	if (!end) {
		*rest = (struct sc_span){NULL, 0};
		return head;
	}
	head.length = (size_t)(end - head.at);
	rest->at = end + 1;
	rest->length -= head.length + 1;
	return head;
}

#endif
