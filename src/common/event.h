/* SPDX-License-Identifier: MIT */
/*
 * Events: what is recorded of single calls, in chunks of the record (record.h, kind SC_RECORD_EVENTS). Written by
 * src/preload/events.c; read by the command while the process runs and afterwards. Read it as untrusted.
 *
 * A thread writes to one chunk at a time and takes another when that is full. In a chunk:
 *
 *	struct sc_record_events | event | event | ... zeros
 *
 * An event is reserved (used += size), then its size is stored with SC_EVENT_OPEN, then it is filled, then the mark is
 * taken away. So a signal handler that comes in between writes its own events behind, and a kill leaves one of:
 * zeros (8 at a time, up to the next event: sizes are never 0), an open event, which has only its size, a whole one. A
 * live reader that meets an open event or zeros below `used` looks again later; once the process is gone it skips it.
 *
 * A call has two events, ENTER and LEAVE, with the same `call`, which counts the calls of the thread; what has no LEAVE
 * did not return (longjmp, exit, an exception, or it still runs). A LEAVE whose `call` is 0 is that of a call which a
 * coroutine has begun on another thread.
 */
#ifndef SC_EVENT_H
#define SC_EVENT_H

#include <stdint.h>

#include "common/record.h"

#define SC_EVENT_OPEN (1u << 31) /* in size: reserved, not filled yet */
#define SC_EVENT_MOST 65536	 /* bytes of one event */

enum sc_event_kind {
	SC_EVENT_ENTER = 1,
	SC_EVENT_LEAVE = 2,
	SC_EVENT_THREAD = 4, /* what follows in the chunk is another thread's, which goes on where one has ended: detail is
				its tid | its number << 32; nothing else counts */
	SC_EVENT_INJECT = 3, /* a fault was injected into this call; its ENTER and LEAVE may be there, too, or not */
};

/* Chunk of kind SC_RECORD_EVENTS; events follow. */
struct sc_record_events {
	struct sc_record_chunk chunk;
	uint64_t used;	   /* bytes handed out behind this struct; may pass the end: what did not fit is not there */
	uint64_t dropped;  /* events of this thread that found no room, counted in the chunk it had then */
	uint32_t tid;	   /* whose it is, until a SC_EVENT_THREAD says another */
	uint32_t sequence; /* of the chunks of `thread`, from 1: a chunk that is used again gets a new one, stored last */
	uint32_t drained;  /* a live reader sets it to `sequence` when it has read all of a chunk that its thread has left
			      (a higher sequence of its number exists) and has zeroed the events; then it may be used again, and
			      it changes the header's events_drained */
	uint32_t thread;   /* number in its process of the thread that began it, or that began what it goes on with: chunks
			      with the same number are one sequence */
	uint32_t keeper;   /* the writer's own: number of the one thread that may use it again; 0: any may */
	uint32_t reserved_1;
	uint64_t reserved_2;
};

struct sc_event {
	uint32_t size;	  /* of all of it, a multiple of 8 */
	uint8_t kind;	  /* enum sc_event_kind */
	uint8_t general;  /* ENTER: words of rdi rsi rdx rcx r8 r9 that follow. LEAVE: of rax rdx */
	uint8_t vector;	  /* then: words of xmm0.. (low halves) */
	uint8_t stack;	  /* ENTER: then words of the stack. LEAVE: then 16 bytes each of st0, st1 */
	uint32_t index;	  /* of the stub */
	uint32_t depth;	  /* traced calls of this thread that this one is inside of, from 0 */
	uint64_t ticks;	  /* of the record's clock */
	uint64_t call;	  /* number of the call in its thread, from 1; 0: see above */
	uint64_t detail;  /* ENTER: return address. LEAVE: errno as the function left it.
			     INJECT: error | signal << 16 | faults << 32 (enum sc_rule_fault) | rule << 40 */
	uint64_t words[]; /* then blobs to the end */
};

/* A blob of kind 0 is padding, to the end of the event. */
enum sc_blob_kind {
	SC_BLOB_STRING = 1, /* without its NUL */
	SC_BLOB_BYTES = 2,
	SC_BLOB_STRINGS = 3, /* each with its NUL */
	SC_BLOB_VALUES = 5,  /* of a va_list: what its format takes from it, 8 bytes each, in order; 16 a long double */
	SC_BLOB_STACK = 4,   /* return addresses, innermost (the call's own) first, 8 bytes each */
};

enum sc_blob_state {
	SC_BLOB_WHOLE = 0,
	SC_BLOB_CUT = 1,	/* there was more than the limit */
	SC_BLOB_UNREADABLE = 2, /* from byte `length` on nothing can be read; also when length is 0 */
	SC_BLOB_ENDLESS = 3,	/* a string without NUL up to where nothing can be read (length bytes are here) */
};

/* What an argument points to. Followed by `length` bytes, and padding up to 8. */
struct sc_blob {
	uint8_t kind;
	uint8_t state;
	uint8_t argument; /* number of the parameter; 255: the return value. For what a format takes: number among all
			     arguments, counted on */
	uint8_t leave;	  /* reserved */
	uint32_t length;
};

/*
 * Modules, so that addresses can be named: chunks of kind SC_RECORD_MODULES, one a module, appended as they are seen.
 * A path follows the struct, terminated.
 */
struct sc_record_module {
	struct sc_record_chunk chunk;
	uint64_t start, end; /* mapped addresses */
	uint64_t base;	     /* what is added to the addresses in the file */
	uint64_t loaded, unloaded; /* ticks; unloaded 0: not yet. An address is the module's that was there then */
	uint8_t build_id[32];
	uint32_t build_id_size; /* 0: it has none */
	uint32_t path_size;	/* with its NUL */
	uint64_t reserved[2];
};

/*
 * Stacks: chunks of kind SC_RECORD_STACKS are pools (struct sc_record_pool) of these, one for each distinct stack that a
 * thread has called a function from. The same stack may stand there several times: they are to be added up.
 *
 * Room for one is handed out, then its size is stored, then the rest, `calls` last. So a reader that meets a size of 0
 * looks 8 bytes further on, and one without calls means nothing: it is not complete, or was not met since a fork.
 */
struct sc_record_stack {
	uint32_t size;	 /* of all of it, a multiple of 8 */
	uint32_t index;	 /* of the stub */
	uint64_t hash;
	uint64_t calls;
	uint64_t bytes;	 /* sum of the sizes asked for, of allocators */
	uint64_t ticks;	 /* total; of calls that returned */
	uint32_t depth;
	uint32_t cut;	 /* 1: there were more frames */
	uint64_t frames[]; /* return addresses, innermost first */
};

#endif
