/* SPDX-License-Identifier: MIT */
/*
 * The record of this process while it runs: its file (or, without STUBCACHE_OUT, anonymous memory of
 * the same layout), the regions handed to threads, folding logs into times and histograms, fork.
 * The layout is common/record.h.
 *
 * Everything here may run inside an intercepted call, so: raw system calls only (common/sys.h), no
 * libc function, no heap, no lock that is waited for (compare-and-swap lists; a growing operation
 * that loses a race retries or gives up), no errno, no vector register (built with
 * -mgeneral-regs-only), and a signal handler that comes in between and calls the same function must
 * find everything consistent. Storage is reserved (fallocate, or written) before it is mapped: a
 * store to a mapped hole of a full disk would be a SIGBUS in the host.
 */
#ifndef SC_RECORD_MAP_H
#define SC_RECORD_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/record.h"

struct sc_record_options {
	const char *directory;	/* STUBCACHE_OUT, made when missing (0700); NULL: anonymous memory */
	const char *program;	/* path as executed */
	uint32_t stub_count;	/* indexes in use now */
	enum sc_record_clock clock;
	uint64_t (*ticks)(void); /* reads that clock */
	bool (*noticed)(void);	 /* told when the process is found to be another: fork.h; NULL: nobody */
	uint64_t page_size;
};

/* Creates the record and nothing else: no region yet. Called once, in the constructor. Returns 0 or a
 * negative errno; on failure with a directory it falls back to anonymous memory and still returns the
 * errno, so that the caller can say so: counting works either way (only -ENOMEM leaves nothing). */
int sc_record_start(const struct sc_record_options *options);

/* Names an image in the record's header, and puts a copy of the image's file as images/<hex id>.so
 * beside the record (hard link from `path` when that works, else the contents of fd; no copy without a
 * directory or when it is there). path may be NULL. Returns 0 or a negative errno. */
int sc_record_add_image(const uint8_t id[16], uint32_t first_index, uint32_t count, const char *path, int fd);

/* Names stubs that are in no image (struct sc_record_names): strings[0..size) holds `count` terminated
 * names. Returns 0 or a negative errno. */
int sc_record_add_names(uint32_t first_index, uint32_t count, const char *strings, uint64_t size);

/* Makes indexes below stub_count valid in every region there is and will be, before any stub that uses
 * them can run. -ENOSPC when beyond the capacity fixed at start (4 * stub_count + 8192). */
int sc_record_extend(uint32_t stub_count);

/* A region for the calling thread: a new one, or one whose thread is gone (tgkill(pid, tid, 0) ==
 * ESRCH, asked in batches so that n threads cost O(n) calls). NULL: none to be had; the caller counts
 * through sc_record_spare. A region belongs to its thread until that ends. */
struct sc_record_region *sc_record_region_get(void);
/* Gives back a region that was got and not used (a signal handler was quicker). */
void sc_record_region_unget(struct sc_record_region *region);
/* One region shared by all threads that got none: counts there are not exact under races, and are
 * reported as lost calls. Never NULL after sc_record_start succeeded. */
struct sc_record_region *sc_record_spare(void);

/* Folds the log of the calling thread's region into its times. Called by leave.S when the log is full, with
 * *one* entry that did not fit (or {0,0}). Re-entered by a signal handler in the middle it folds that
 * entry directly. */
void sc_record_fold(struct sc_record_region *region, uint64_t second, uint64_t first);

/* Adds to header->lost / untimed (atomic). */
void sc_record_lost(uint64_t calls);

/* In the child of fork: a fresh record (or zeroed memory) under the same addresses, so that pointers
 * in TLS and stubs keep working; the calling thread keeps its region, the others' are free. Async-signal
 * safe. If no file can be made: anonymous memory. */
void sc_record_fork_child(void);

/* Stamps the end (state, last clock pair). May be called more than once. */
void sc_record_end(enum sc_record_state state);

/* Reading one's own record, for the summary: walks all regions. */
struct sc_record_sum {
	uint64_t calls, returned, total, self, min, max;
	uint64_t histogram[SC_HISTOGRAM_BUCKETS];
};
void sc_record_sum(uint32_t index, struct sc_record_sum *out);

const struct sc_record_header *sc_record_header(void);

/* The program has confined itself (enum sc_record_confined), and where system calls that we then do without are counted. */
void sc_record_confined(uint32_t how);
uint64_t *sc_record_denied(void);
/* Before it does so, or gives up the right to open the record again: what is recorded next needs no system call. */
void sc_record_prepare(void);

#endif
