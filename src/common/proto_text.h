/* SPDX-License-Identifier: MIT */
/*
 * What the files that write prototypes as text share: proto_text.c (types) and proto_text_notes.c (functions, notes).
 */
#ifndef SC_PROTO_TEXT_H
#define SC_PROTO_TEXT_H

#include "common/proto.h"

struct sc_text {
	char *out;
	size_t size, used; /* used: all that was put, whether there was room or not */
	unsigned nesting;
};

void sc_text_put(struct sc_text *t, const char *text);
void sc_text_put_number(struct sc_text *t, uint64_t number);
/* Terminates, and returns the length of all of it. */
size_t sc_text_end(struct sc_text *t);
/* A declaration of name (or NULL). */
void sc_text_put_type(struct sc_text *t, const struct sc_type *type, const char *name, unsigned indent);
/* A parameter with its notes. */
void sc_text_put_parameter(struct sc_text *t, const struct sc_type *function, const struct sc_parameter *parameter);
/* " [[...]]", or nothing. function: whose parameters they name. */
void sc_text_put_notes(struct sc_text *t, const struct sc_notes *notes, const struct sc_type *function);

#endif
