/* SPDX-License-Identifier: MIT */
/* What the indexes in events mean, of each process. Part of calls.c. */
#ifndef SC_CMD_CALLS_NAMES_H
#define SC_CMD_CALLS_NAMES_H

#include "cmd/calls.h"

struct thread;

struct sc_calls_process {
	struct sc_merged_process *merged;
	struct thread *threads;
	struct sc_calls_function **functions; /* by index, NULL: not asked for yet */
	uint32_t function_count;
	struct sc_calls_process *next, **link;
};

struct sc_calls_names {
	int directory; /* of the records */
	struct sc_named_images images;
	const struct sc_protos *protos;
	void *tree; /* functions by name, owned by `all` */
	struct sc_calls_function **all;
	size_t count;
	struct sc_calls_process *processes; /* that have not ended */
};

void sc_calls_names_open(struct sc_calls_names *names, int directory, const struct sc_protos *protos);
void sc_calls_names_close(struct sc_calls_names *names);
/* What was noted for a process, made at the first call. NULL: no memory. sc_calls_name enters it into the list. */
struct sc_calls_process *sc_calls_process(struct sc_merged_process *merged);
void sc_calls_process_free(struct sc_calls_names *names, struct sc_merged_process *merged);
/* The function of a stub, numbered where its name is not known. NULL: no memory. */
struct sc_calls_function *sc_calls_name(struct sc_calls_names *names, struct sc_merged_process *merged, uint32_t index);
/* The n-th function of which a call was seen and no prototype is known, or NULL. */
const struct sc_calls_function *sc_calls_names_unknown(const struct sc_calls_names *names, size_t n);

#endif
