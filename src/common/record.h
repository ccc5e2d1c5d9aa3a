/* SPDX-License-Identifier: MIT */
/*
 * The layout of a record: what one process measured, in one file that the process maps shared, so
 * that a SIGKILL loses nothing. Written by src/preload/record_map.c and src/x86_64/leave.S; read by
 * the command while the process runs, after it ended and after it was killed. Read it as untrusted.
 *
 * File = file header, then chunks back to back. Every chunk begins with a struct sc_record_chunk and
 * its size is a multiple of 64. The file may be longer than its chunks (a kill between growing and
 * filling): a chunk whose magic is not SC_RECORD_CHUNK_MAGIC ends the walk.
 *
 * Numbers are little-endian and naturally aligned. Fields are never renumbered or reused.
 *
 * Counting and timing a call, per thread, without locks (leave.S has the instructions):
 *   entry:  counts[index] += 1 in the thread's region (one instruction)
 *   exit:   a 16-byte log entry {duration, children's duration, index} is appended to the region's
 *           log; when the log is full it is folded into times and histograms and emptied.
 * So a reader adds up: counts from every region; all times there are, plus what lies in every log.
 * Calls that never returned (exit, longjmp past them, still running) are in counts but have no time.
 */
#ifndef SC_RECORD_H
#define SC_RECORD_H

#include <stdint.h>

#define SC_RECORD_MAGIC "STUBREC1"
#define SC_RECORD_CHUNK_MAGIC 0x4b4e4843u /* "CHNK" */
#define SC_RECORD_SUFFIX ".record"	  /* file name: PID-STARTNS.record; images: images/ID.so */
#define SC_RECORD_IMAGES 64

enum sc_record_clock {
	SC_RECORD_CLOCK_TSC = 1,	/* invariant time stamp counter */
	SC_RECORD_CLOCK_MONOTONIC = 2, /* nanoseconds of CLOCK_MONOTONIC */
};

enum sc_record_state {
	SC_RECORD_RUNNING = 0, /* or killed: the reader asks whether pid/start still lives */
	SC_RECORD_ENDED = 1,   /* our exit path ran. An exec leaves "running", and the process's next record */
	SC_RECORD_ABORTED = 2, /* abort() was called, and nothing handles SIGABRT: it is killed by that */
};

/* Why a program that this process executed, or a child of its, left no record. */
enum sc_unobserved {
	SC_OBSERVED = 0,
	SC_UNOBSERVED_STATIC = 1,      /* statically linked: no loader preloads us */
	SC_UNOBSERVED_LOADER = 2,      /* for the loader of another C library */
	SC_UNOBSERVED_MACHINE = 3,     /* for another processor, or of 32 bits */
	SC_UNOBSERVED_RIGHTS = 4,      /* more rights than who starts it: nothing is preloaded */
	SC_UNOBSERVED_ROOT = 5,	       /* where our library or the records are not: another root directory, another user */
	SC_UNOBSERVED_ENVIRONMENT = 6, /* more variables than we add to, in a child of vfork */
	SC_UNOBSERVED_FORK = 7,	       /* child of fork that could make no file */
	SC_UNOBSERVED_CONFINED = 8,    /* keeps a seccomp filter that forbids what we need */
	SC_UNOBSERVED_MEMORY = 9,      /* limited to less address space than our library takes */
	SC_UNOBSERVED_REASONS = 9,
};

/* By seccomp. */
enum sc_record_confined {
	SC_RECORD_FREE = 0,
	SC_RECORD_FILTERED = 1, /* by a filter: some system calls */
	SC_RECORD_STRICT = 2,   /* in strict mode: all but read and write */
};

struct sc_record_image {
	uint8_t id[16];	      /* sc_image_header.id; the file images/<hex id>.so beside the record */
	uint32_t first_index; /* index of its first stub in counts[] and in log entries */
	uint32_t count;	      /* stubs in it; 0: unused slot */
};

/* At file offset 0. The first region begins right behind it, in the same page: few pages are touched. */
struct sc_record_header {
	char magic[8];
	uint32_t header_size; /* sizeof(struct sc_record_header) of the writer */
	uint32_t version;     /* 1 */
	uint32_t pid;
	uint32_t parent;
	uint32_t state;	      /* enum sc_record_state */
	uint32_t clock;	      /* enum sc_record_clock */
	uint64_t start_realtime; /* ns since the epoch */
	uint64_t start_mono;	 /* CLOCK_MONOTONIC ns, taken together with ... */
	uint64_t start_ticks;	 /* ... the clock of `clock` */
	uint64_t last_mono;	 /* the same pair, later: at exit and now and then; 0: not yet. A reader */
	uint64_t last_ticks;	 /* on the same boot may take a pair of its own for a longer baseline */
	uint64_t used;		 /* end of the last chunk, file offset */
	uint64_t lost;		 /* calls that passed uncounted (no memory for a region) */
	uint64_t untimed;	 /* calls counted but not timed (no shadow frame, log unusable) */
	uint32_t image_count;
	uint32_t forked_from;	 /* pid, when this record began at a fork without exec */
	uint64_t events_dropped; /* by threads that had no chunk of events yet; others count in theirs (event.h) */
	uint64_t events_drained; /* changes whenever a chunk of events can be used again (event.h) */
	char program[256];	 /* path as executed, truncated, terminated */
	struct sc_record_image images[SC_RECORD_IMAGES];
	uint64_t stackless;	 /* calls whose stack found no room */
	uint32_t executor; /* pid of who last executed a program that is not observed; 0: nobody */
	uint32_t unobserved[SC_UNOBSERVED_REASONS]; /* how many, by reason - 1; chunks say which, where there was room */
	uint32_t confined; /* enum sc_record_confined: the program has forbidden system calls */
	uint32_t reserved;
	uint64_t denied; /* system calls that were wanted for the record and not made for that reason */
};

enum sc_record_chunk_kind {
	SC_RECORD_REGION = 1,	  /* struct sc_record_region */
	SC_RECORD_HISTOGRAMS = 2, /* struct sc_record_pool, of struct sc_record_group */
	SC_RECORD_TIMES = 3,	  /* struct sc_record_pool, of struct sc_record_times */
	SC_RECORD_NAMES = 4,	  /* struct sc_record_names */
	SC_RECORD_PADDING = 5,	  /* nothing; like 0 (claimed, not filled yet) and kinds to come: skip it */
	SC_RECORD_INDEX = 6,	  /* struct sc_record_index: the writer's own, skip it */
	SC_RECORD_EVENTS = 7,	  /* struct sc_record_events (event.h) */
	SC_RECORD_MODULES = 8,	  /* struct sc_record_module (event.h) */
	SC_RECORD_STACKS = 9,	  /* struct sc_record_pool, of struct sc_record_stack (event.h) */
	SC_RECORD_UNOBSERVED = 10, /* struct sc_record_unobserved */
};

struct sc_record_chunk {
	uint32_t magic;
	uint32_t kind;
	uint64_t size; /* of the whole chunk, this header included */
};

/* The log and the counts of one thread; a later thread may continue them. Behind the struct:
 *   log:     struct sc_record_entry[SC_RECORD_LOG_ENTRIES]   at SC_RECORD_LOG_OFFSET
 *   counts:  uint64_t[capacity]                              at SC_RECORD_COUNTS_OFFSET
 * Only counts[0..backed) have storage: reading past it may find the end of the file. */
#define SC_RECORD_LOG_ENTRIES 1024
#define SC_RECORD_LOG_SIZE (SC_RECORD_LOG_ENTRIES * 16)
#define SC_RECORD_LOG_OFFSET 128
#define SC_RECORD_COUNTS_OFFSET (SC_RECORD_LOG_OFFSET + SC_RECORD_LOG_SIZE)

struct sc_record_region {
	struct sc_record_chunk chunk;
	uint64_t log_used;    /* bytes reserved in the log; may pass SC_RECORD_LOG_SIZE for a moment */
	uint64_t children;    /* ticks spent in calls made by the call that is running now */
	uint64_t index;	      /* the writer's own: file offset of the thread's struct sc_record_index, or 0 */
	uint64_t fold_times;  /* file offset of the struct sc_record_times that the noted entry goes into */
	uint64_t untimed;     /* calls counted here that could not be timed */
	uint32_t tid;	      /* of the owner, or of the last one */
	uint32_t threads;     /* how many threads have used it, one after the other */
	uint32_t capacity;
	uint32_t backed;
	/* The log entry that is on its way into its times: see sc_record_noted. */
	uint64_t fold_first;
	uint64_t fold_second;
	uint64_t fold_calls;
	uint64_t fold_total;
	uint64_t fold_self;
	uint64_t fold_bucket;
	uint16_t fold_slot;   /* its number + 1; 0: none */
	/* The writer's own (record_fold.c): */
	uint16_t pass;	      /* number of the fold that empties slots now */
	uint16_t kept;	      /* slots that stayed reserved when the log started anew the last time */
	uint16_t kept_since;  /* ticks >> 26 */
};

/* Names of stubs that are in no image yet: made while the process ran (dlopen, dlsym). Behind the struct,
 * `count` terminated strings "function@library" or "function@library@version", for indexes first_index,
 * first_index + 1, ... An empty string: the index is not used. */
struct sc_record_names {
	struct sc_record_chunk chunk;
	uint32_t first_index;
	uint32_t count;
	uint64_t size; /* of the strings */
	uint64_t reserved[4];
};

/* A program that was executed and is not observed; behind the struct its path, terminated. The same one may be there
 * several times: they are added up. */
struct sc_record_unobserved {
	struct sc_record_chunk chunk;
	uint32_t reason; /* enum sc_unobserved */
	uint32_t reserved_1;
	uint64_t times;
	uint64_t reserved_2[4];
};

/* What follows, to the end of the chunk, was handed out from its beginning on; the rest is zero. A thread takes what
 * it needs from chunks of its own, so that what a short process needs lies together: a page that is
 * touched first costs more than all the calls that a log has room for. */
struct sc_record_pool {
	struct sc_record_chunk chunk;
	uint64_t used; /* the writer's own: bytes handed out; may pass the end */
	uint64_t reserved[5];
};

/* How many items of a size the pool has handed out, `used` being what it says. */
static inline uint64_t sc_record_pool_count(const struct sc_record_pool *pool, uint64_t used, uint64_t item)
{
	uint64_t room = pool->chunk.size - sizeof(*pool);

	return (used < room ? used : room) / item;
}

/* A file offset / 8, so that one of 32 bits reaches 32 GiB. 0: none. */
#define SC_RECORD_REFERENCE_MOST ((uint64_t)8 << 32)

static inline uint32_t sc_record_reference(uint64_t offset)
{
	return (uint32_t)(offset / 8);
}

static inline uint64_t sc_record_referred(uint32_t reference)
{
	return (uint64_t)reference * 8;
}

/* Where the times of each function are, for a thread: references[capacity] follow, by index. */
struct sc_record_index {
	struct sc_record_chunk chunk;
	uint32_t capacity;
	uint32_t reserved_1;
	uint64_t times; /* file offset of the chunk that times are taken from, or 0 */
	uint64_t histograms;
	uint64_t reserved_2[2];
};

/* first:  duration << 16 | index & 0xffff      second: children << 16 | index >> 16
 * Durations are in ticks of the header's clock, saturated at 2^48 - 1. Self time is duration -
 * children, not below 0. At least 1 tick is stored: a duration of 0 marks a slot that was
 * reserved but not filled, or that was emptied (the rest of `first` then says when: record_fold.c). */
struct sc_record_entry {
	uint64_t second;
	uint64_t first;
};

/*
 * Log-linear, the scheme of HdrHistogram (Gil Tene): 16 linear buckets in each power of two. A value
 * v < 16 has bucket v; else with e = position of its highest set bit (>= 4),
 * bucket = (e - 3) * 16 + ((v >> (e - 4)) & 15). Bucket widths are 2^(e-4), so reporting a bucket's
 * middle errs by at most 1/32 (3.2 %) of the value. Values from 2^40 ticks on fall into the last one.
 */
#define SC_HISTOGRAM_SUB 16
#define SC_HISTOGRAM_BUCKETS ((40 - 3) * SC_HISTOGRAM_SUB)

/*
 * Most functions see a few of the buckets only. So a histogram consists of groups of neighbouring buckets, those that
 * have anything in them. They are found through SC_RECORD_LISTS short lists: group n is in list n %
 * SC_RECORD_LISTS, anywhere.
 */
#define SC_RECORD_GROUP 4
#define SC_RECORD_LISTS 8
#define SC_RECORD_GROUPS (SC_HISTOGRAM_BUCKETS / SC_RECORD_GROUP)

/* Totals in ticks, of one function in one thread. Rarely a thread has several of a function: all are to be added up. */
struct sc_record_times {
	uint32_t index;
	uint32_t reserved;
	uint64_t calls; /* that returned */
	uint64_t total;
	uint64_t self;
	uint64_t min; /* valid when calls > 0 */
	uint64_t max;
	uint32_t groups[SC_RECORD_LISTS]; /* references of the first struct sc_record_group of each list */
};

_Static_assert(sizeof(struct sc_record_region) == SC_RECORD_LOG_OFFSET, "leave.S knows this offset");

struct sc_record_group {
	uint32_t number; /* of its first bucket / SC_RECORD_GROUP */
	uint32_t next;	 /* reference, or 0 */
	uint64_t buckets[SC_RECORD_GROUP];
};

/*
 * A log entry goes into times and histogram in several stores, and SIGKILL may come between any two. So the entry
 * and the values that the times have are noted in the region before; then the entry is emptied, then the times
 * changed. A reader that finds a note of an emptied entry makes the times what they were about to become.
 */

/* The index of the stub whose call a region has a note of; UINT32_MAX: no note, or the entry is still there. */
static inline uint32_t sc_record_noted(const struct sc_record_region *region, const struct sc_record_entry *log)
{
	if (region->fold_slot == 0 || region->fold_slot > SC_RECORD_LOG_ENTRIES || log[region->fold_slot - 1].first >> 16)
		return UINT32_MAX;
	return (uint32_t)(region->fold_first & 0xffff) | (uint32_t)(region->fold_second & 0xffff) << 16;
}

/* For that index: `times` is what the region's fold_times names, and `bucket` the one of fold_first >> 16 in
 * its histogram, or NULL. When a signal handler has folded a call of the same function meanwhile, the times have
 * other values, and stay as they are. */
static inline void sc_record_finish_noted(const struct sc_record_region *region, struct sc_record_times *times,
					  uint64_t *bucket)
{
	uint64_t duration = region->fold_first >> 16, children = region->fold_second >> 16;
	uint64_t self = duration > children ? duration - children : 0;

	if (times->calls - region->fold_calls > 1 ||
	    (times->total != region->fold_total && times->total != region->fold_total + duration) ||
	    (times->self != region->fold_self && times->self != region->fold_self + self))
		return;
	times->calls = region->fold_calls + 1;
	times->total = region->fold_total + duration;
	times->self = region->fold_self + self;
	if (times->min == 0 || duration < times->min)
		times->min = duration;
	if (duration > times->max)
		times->max = duration;
	if (bucket && *bucket == region->fold_bucket)
		(*bucket)++;
}

static inline unsigned sc_histogram_bucket(uint64_t ticks)
{
	unsigned e;

	if (ticks < SC_HISTOGRAM_SUB)
		return (unsigned)ticks;
	if (ticks >> 40)
		return SC_HISTOGRAM_BUCKETS - 1;
	e = 63 - (unsigned)__builtin_clzll(ticks);
	return (e - 3) * SC_HISTOGRAM_SUB + (unsigned)((ticks >> (e - 4)) & 15);
}

/* The smallest value that falls into a bucket; that of bucket + 1 is its exclusive upper bound. */
static inline uint64_t sc_histogram_lowest(unsigned bucket)
{
	unsigned e;

	if (bucket < 2 * SC_HISTOGRAM_SUB)
		return bucket;
	e = bucket / SC_HISTOGRAM_SUB + 3;
	return (uint64_t)(SC_HISTOGRAM_SUB + bucket % SC_HISTOGRAM_SUB) << (e - 4);
}

#endif
