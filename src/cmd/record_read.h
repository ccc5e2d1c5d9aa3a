/* SPDX-License-Identifier: MIT */
/*
 * Reads what src/preload/record_map.c wrote (layout: common/record.h), of a process that ended, was
 * killed, or still runs. Nothing in the file is believed: a damaged part is left out and named, the
 * rest still counts.
 *
 * Thread safety: calls on different records may run concurrently.
 */
#ifndef SC_CMD_RECORD_READ_H
#define SC_CMD_RECORD_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/record.h"

/* One stub, summed over all threads. Times in ticks of the record's clock. */
struct sc_record_stub {
	uint64_t calls;
	uint64_t returned; /* calls that have a time; 0 for what is only counted */
	uint64_t total;
	uint64_t self;
	uint64_t min; /* valid when returned > 0 */
	uint64_t max;
	uint64_t *histogram; /* SC_HISTOGRAM_BUCKETS of them, or NULL: none returned */
	char *name; /* "function@library[@version]" where the record itself says so, or NULL */
};

/* A program that was executed and left no record. */
struct sc_record_program {
	char *path;
	enum sc_unobserved reason;
	uint64_t times;
};

struct sc_record_file {
	struct sc_record_header header; /* program terminated, image_count within images */
	struct sc_record_stub *stubs;	/* by index */
	uint32_t stub_count;
	uint64_t lost;	  /* calls that passed uncounted */
	uint64_t untimed; /* calls counted but not timed */
	uint64_t events_dropped;
	struct sc_record_program *programs;
	size_t program_count;
	uint64_t threads; /* that counted something */
	const char *damage; /* stable word for the first thing that was wrong, or NULL:
			       "images", "chunk", "region", "times", "histogram", "log", "names", "events",
			       "unobserved" */
};

/*
 * Fills *out from data[0..size), which may be aligned anyhow and is not referred to afterwards.
 * Returns 0, with out->damage set when part of it was left out; -EINVAL with *why ("short", "magic",
 * "version", "header") when nothing can be said; -ENODATA when no byte of it was written yet: its process was
 * killed, or is about to go on; -ENOMEM. *out is untouched on failure.
 */
int sc_record_parse(struct sc_record_file *out, const void *data, size_t size, const char **why);

/* Whether a file in a directory of records is one, by its name. */
bool sc_record_is_name(const char *name);

/* What a word of *why means, for people; anything else as it is. */
const char *sc_record_why_text(const char *why);

/* Whether what is there of a header, size bytes, was never written: a file that has just been made is empty, or zero. */
bool sc_record_is_unbegun(const void *data, size_t size);

/* Opens, reads and parses a file. Further failures: a negative errno of open or read; -EFBIG; -EINVAL
 * with "type" for what is no regular file. */
int sc_record_load(struct sc_record_file *out, int directory, const char *name, const char **why);

/* The bytes of a record's file, as sc_record_load reads them; *out is the caller's to free. */
int sc_record_bytes(int directory, const char *name, unsigned char **out, size_t *size, const char **why);

/* Gives everything back. Accepts NULL and a zeroed record. */
void sc_record_release(struct sc_record_file *record);

#endif
