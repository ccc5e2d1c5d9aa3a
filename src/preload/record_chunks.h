/* SPDX-License-Identifier: MIT */
/*
 * The memory of a record, and the chain of chunks in it. Shared by the record's files only.
 *
 * A record grows in segments: consecutive ranges of the file, each mapped once, at an address that it keeps
 * until the process ends. Each is at least as large as all before it together, so there are few, and
 * no address space is set aside that a host with RLIMIT_AS would miss.
 *
 * The chain is what a reader finds after SIGKILL, so it is whole at every instruction: a chunk is
 * claimed by storing its size where the chain ends, marked, and then the end moves behind it; whoever
 * meets a claimed chunk completes these steps for its owner. Its kind comes last, once it may be read.
 *
 * Signal safety: everything. Thread safety: everything but starting. Nothing waits.
 */
#ifndef SC_RECORD_CHUNKS_H
#define SC_RECORD_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/record.h"

#define SC_CHUNK_ALIGNMENT 64
#define SC_CHUNKS_FIRST ((sizeof(struct sc_record_header) + SC_CHUNK_ALIGNMENT - 1) & ~(uint64_t)(SC_CHUNK_ALIGNMENT - 1))
#define SC_CHUNK_SEGMENTS 56

/* What fork must know of the thread that called it: that thread goes on in the child. */
struct sc_record_self {
	uint32_t tid;	  /* of its region; 0: it never had one */
	uint32_t busy;	  /* calls into the record below this one on the stack; they hold pointers */
	uint64_t pending; /* storage that any of those is about to use at the end of the chain */
};

extern __thread struct sc_record_self sc_record_self __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Around whatever keeps pointers into the record and may be interrupted by a handler that forks. */
static inline void sc_chunks_enter(void)
{
	__atomic_store_n(&sc_record_self.busy, sc_record_self.busy + 1, __ATOMIC_SEQ_CST);
}

static inline void sc_chunks_leave(void)
{
	__atomic_store_n(&sc_record_self.busy, sc_record_self.busy - 1, __ATOMIC_RELEASE);
}

/* Maps the first segment, of at least `size` bytes, from fd, or anonymous memory (fd < 0). 0 or a negative
 * errno; may be tried again. */
int sc_chunks_start(int fd, uint64_t size, uint64_t page_size);

struct sc_segment {
	void *address;
	uint64_t offset; /* in the file */
	uint64_t size;
};

/* The address of a file offset below the end of the chain. Never NULL. */
void *sc_chunks_at(uint64_t offset);

/* The same, for who asks often: *near is the segment of the last answer; start with {0}. */
void sc_chunks_segment_of(uint64_t offset, struct sc_segment *out);
static inline void *sc_chunks_near(uint64_t offset, struct sc_segment *near)
{
	if (offset - near->offset >= near->size)
		sc_chunks_segment_of(offset, near);
	return (char *)near->address + (offset - near->offset);
}

static inline struct sc_record_header *sc_chunks_header(void)
{
	return sc_chunks_at(0);
}

/* A new chunk of `size` bytes, of which the first `backed` have storage: zeroed, kind 0, in the chain. Its
 * offset, or 0 when there is no storage or no memory. */
uint64_t sc_chunks_claim(uint64_t size, uint64_t backed);
void sc_chunks_publish(uint64_t offset, enum sc_record_chunk_kind kind);

/* Makes it likely that chunks of so many bytes in all can be claimed without a system call. Inside intercepted calls. */
void sc_chunks_prepare(uint64_t bytes);

/* The chunk at *at, which moves on behind it; NULL at the end of the chain. Start with SC_CHUNKS_FIRST. */
struct sc_record_chunk *sc_chunks_next(uint64_t *at);

/* Turns are taken only where zeros must be written (sc_record_file_exclusive); elsewhere both do nothing. false:
 * someone else is at it, and does not get done while we look. */
bool sc_chunks_lock(void);
void sc_chunks_unlock(void);

/* For fork. */

/* Segment n, or false: there are only n. */
bool sc_chunks_segment(unsigned n, struct sc_segment *out);
/* Maps [offset, offset + size) of fd (< 0: anonymous memory) anywhere; MAP_FAILED. */
void *sc_chunks_map(int fd, uint64_t offset, uint64_t size);
/* In a child that has got no memory of its own, so that what is mapped is its parent's: no chunk is claimed any more. Storage
 * would not be reserved, and a store into a hole of the file is SIGBUS. */
void sc_chunks_close(void);
/* In the child: the next segment comes from fd, so that a growth that was interrupted fails. */
void sc_chunks_forked(int fd);

#endif
