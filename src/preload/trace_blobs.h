/* SPDX-License-Identifier: MIT */
/*
 * The part of an event behind its words: what arguments point to (struct sc_blob). Shared by trace.c, trace_blobs.c and
 * trace_format.c only.
 */
#ifndef SC_TRACE_BLOBS_H
#define SC_TRACE_BLOBS_H

#include "common/capture.h"
#include "common/event.h"
#include "preload/peek.h"

/* An event in the making. */
struct sc_trace_builder {
	char *at, *end;		    /* what of its room is left */
	const uintptr_t *arguments; /* rdi rsi rdx rcx r8 r9, as at the entry */
	const uintptr_t *stack;	    /* words behind the return address: the caller's, may end with its page */
	const uintptr_t *returned;  /* rdx, rax; NULL at the entry */
	uint32_t limit;		    /* bytes of a string */
	struct sc_peek peek;
};

/* Bytes that the blobs of all items take at most, at the entry or at the return. */
uint32_t sc_trace_blobs_most(const struct sc_capture *capture, enum sc_capture_when when, uint32_t limit);
/* Follows the items that are due now. */
void sc_trace_blobs(struct sc_trace_builder *b, const struct sc_capture *capture, enum sc_capture_when when);

/* The word at a place; 0 where it cannot be read. */
uintptr_t sc_trace_word(struct sc_trace_builder *b, unsigned place);
/* A string, as a blob; nothing for NULL, or when there is no room. */
void sc_trace_string(struct sc_trace_builder *b, unsigned argument, uintptr_t address, uint32_t most);
/* Bytes of which `most` are recorded, as a blob. */
void sc_trace_bytes(struct sc_trace_builder *b, unsigned argument, uintptr_t address, uint64_t wanted, uint32_t most);
/* Bytes that are in our hands, as a blob. */
void sc_trace_copy(struct sc_trace_builder *b, enum sc_blob_kind kind, unsigned argument, const void *bytes,
		   uint32_t size);

/* SC_CAPTURE_FORMAT and SC_CAPTURE_VALIST (trace_format.c), and what they take at most. */
void sc_trace_format(struct sc_trace_builder *b, const struct sc_capture_item *item);
uint32_t sc_trace_format_most(uint32_t limit);

#endif
