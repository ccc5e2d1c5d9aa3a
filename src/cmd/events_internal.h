/* SPDX-License-Identifier: MIT */
/* Between events_read.c, which finds what is in a record, and events_chunk.c, which reads events. */
#ifndef SC_CMD_EVENTS_INTERNAL_H
#define SC_CMD_EVENTS_INTERNAL_H

#include "cmd/events_read.h"

#define SC_EVENTS_OPEN_MOST 16

/* Bytes of a chunk that were passed by because their event was not finished; size 0: it may be anything up to end. */
struct sc_events_open_event {
	uint64_t at, end; /* behind the chunk's struct */
};

struct sc_events_chunk {
	uint64_t offset, size; /* of the chunk in the file */
	struct sc_events_thread thread; /* that began it */
	uint32_t tid;			/* of the events at `at` */
	uint32_t sequence;
	uint64_t used;
	uint64_t at;	       /* behind the struct: the first byte not looked at */
	uint64_t dropped;
	uint64_t waiting;      /* ns since which the end of a chunk that was left has been zeros; 0: not */
	struct sc_events_open_event open[SC_EVENTS_OPEN_MOST];
	unsigned open_count;
	bool drained;	       /* given back; nothing in it until it is used again */
	bool damaged;
};

struct sc_events_follow {
	struct sc_events_thread thread;
	size_t *chunks; /* numbers, by sequence */
	size_t chunk_count;
	size_t next;	/* complete: the chunk to be read next */
};

struct sc_events {
	int fd; /* or -1: bytes */
	const unsigned char *bytes;
	uint64_t bytes_size;
	unsigned mode;
	uint64_t given_back; /* chunks, so far */
	bool ended;
	struct sc_record_header header;
	uint64_t size;		/* of the file, at the last look */
	uint64_t end;		/* of the chunks that are known */
	uint64_t *unfilled;	/* offsets of chunks that were claimed, but had no kind yet */
	size_t unfilled_count;
	struct sc_events_chunk *chunks;
	size_t chunk_count;
	struct sc_events_follow *threads;
	size_t thread_count;
	uint32_t *numbers;	/* by the number of a thread: its place in threads + 1, 0: none */
	uint32_t number_count;
	char **names;
	uint32_t name_count;
	struct sc_events_module *modules;
	uint64_t *module_offsets;
	size_t module_count;
	unsigned char *buffer;	/* two of buffer_size */
	size_t buffer_size;
	uint64_t dropped, unfinished;
	const char *damage;
};

void sc_events_damaged(struct sc_events *events, const char *word);
/* As many of size bytes as there are, or a negative errno. */
long sc_events_read_at(const struct sc_events *events, void *out, size_t size, uint64_t offset);
/* All chunks' headers are read again; threads and their order follow. 0 or -ENOMEM. */
int sc_events_look_at_chunks(struct sc_events *events);

#endif
