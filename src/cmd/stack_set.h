/* SPDX-License-Identifier: MIT */
/*
 * The stacks of all records of a directory, each distinct one once, with names. Filled by report_gather.c, shown by
 * stack_folded.c, stack_pprof.c and stack_callers.c.
 */
#ifndef SC_CMD_STACK_SET_H
#define SC_CMD_STACK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/record_stacks.h"
#include "cmd/report.h"
#include "cmd/symbolize.h"

/* A module by path and build-id, whatever process it was in. Its number is that of symbolize.h. */
struct sc_stack_mapping {
	char *path;
	uint8_t build_id[32];
	size_t build_id_size;
	uint64_t start, end, base; /* where it was first seen */
};

/* An instruction that made a call. */
struct sc_stack_location {
	int mapping;	  /* -1: in no module */
	uint64_t address; /* in the file; in memory when it is in no module */
	const struct sc_symbol_place *place; /* of it; NULL in no module */
};

struct sc_stack_sample {
	const struct sc_report_row *row; /* of the function that was called */
	bool cut;
	uint32_t depth;
	uint32_t *locations; /* numbers, innermost first */
	uint64_t calls, bytes;
	double ns; /* of calls that returned */
};

struct sc_stack_set {
	struct sc_symbols *symbols;
	struct sc_stack_mapping *mappings;
	size_t mapping_count;
	struct sc_stack_location *locations;
	size_t location_count;
	struct sc_stack_sample **samples; /* in the order they came */
	size_t sample_count;
	uint64_t started; /* ns since the epoch: when the first process did */
	void *location_index, *sample_index;
};

enum sc_stack_metric { SC_STACK_CALLS, SC_STACK_BYTES, SC_STACK_TIME };

/* 0 or -ENOMEM; release in every case, before the report whose rows are pointed to. */
int sc_stack_set_open(struct sc_stack_set *set, bool demangle);
void sc_stack_set_release(struct sc_stack_set *set);

/* Adds a record: as read, and its bytes. ns_per_tick: 0 when that is not known. 0 or -ENOMEM. *damage: as in struct
 * sc_record_stacks. */
int sc_stack_set_add(struct sc_stack_set *set, struct sc_report *report, struct sc_named_images *images,
		     const struct sc_record_file *record, const void *bytes, size_t size, double ns_per_tick,
		     const char **damage);

uint64_t sc_stack_value(const struct sc_stack_sample *sample, enum sc_stack_metric metric);
/* How an address in no module is called: in text[0..32). */
const char *sc_stack_unknown(const struct sc_stack_location *location, char text[32]);

/* "outermost;...;innermost;function N" lines, as flamegraph.pl and Speedscope read them. 0 or -ENOMEM. */
int sc_stack_folded(const struct sc_stack_set *set, enum sc_stack_metric metric, FILE *out);
/* profile.proto, gzipped, as `go tool pprof` reads it. 0 or a negative errno. */
int sc_stack_pprof(const struct sc_stack_set *set, enum sc_stack_metric metric, FILE *out);

enum sc_stack_form { SC_STACK_TEXT, SC_STACK_JSON, SC_STACK_CSV };
/* A line for each function and calling function. 0 or -ENOMEM. */
int sc_stack_callers(const struct sc_stack_set *set, enum sc_stack_metric metric, enum sc_stack_form form, FILE *out);

#endif
