/* SPDX-License-Identifier: MIT */
/*
 * What is in one event (common/event.h), looked at with every bound checked. Nothing is copied: the views point into
 * the event. Thread safe.
 */
#ifndef SC_CMD_EVENTS_VIEW_H
#define SC_CMD_EVENTS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

/* Whether data[0..size) is one whole event whose words fit into it; data is aligned to 8. */
bool sc_event_valid(const void *data, size_t size);

/* The registers and words of a valid event; pointers are NULL and counts 0 for what it has not. */
struct sc_event_words {
	const uint64_t *general; /* ENTER: rdi rsi rdx rcx r8 r9; LEAVE: rax rdx */
	const uint64_t *vector;	 /* xmm0.., low halves */
	const uint64_t *stack;	 /* ENTER */
	const uint64_t *x87;	 /* LEAVE: two words for each of st0, st1 */
	unsigned general_count, vector_count, stack_count, x87_count;
	size_t blobs; /* offset of the first blob */
};

struct sc_event_words sc_event_words(const struct sc_event *event);

/* A blob; length is how many bytes there really are. */
struct sc_blob_view {
	const unsigned char *bytes;
	size_t length;
	enum sc_blob_kind kind;
	enum sc_blob_state state;
	unsigned argument;
};

/* The blob at *offset of a valid event, and moves *offset behind it. false at the end, or where the rest is damaged. */
bool sc_event_next_blob(const struct sc_event *event, size_t *offset, struct sc_blob_view *out);
/* The first blob of an argument that is of one of the kinds (a set of 1 << kind). event may be NULL. */
bool sc_event_find_blob(const struct sc_event *event, unsigned argument, unsigned kinds, struct sc_blob_view *out);

#endif
