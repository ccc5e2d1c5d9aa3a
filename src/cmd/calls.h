/* SPDX-License-Identifier: MIT */
/*
 * Events put together to calls: an entry and a return, within which calls of the same thread lie; and what the functions
 * are. What shows calls gets to know of each entry and each return, in the order of time. Not thread safe.
 */
#ifndef SC_CMD_CALLS_H
#define SC_CMD_CALLS_H

#include "cmd/events_merge.h"
#include "cmd/line_call.h"

struct sc_calls_function {
	char *name; /* function@library@version; the parts are these: */
	const char *function, *library, *version; /* never NULL */
	const struct sc_proto *proto; /* NULL: none is known */
	bool seen_unknown; /* a call without a prototype was there */
};

struct sc_calls_call {
	struct sc_line_call line; /* enter is the call's own, leave valid in the callback */
	const struct sc_calls_function *function;
	struct sc_merged_thread *thread;
	uint64_t start, end; /* ns since the epoch; 0: not known */
	uint64_t number;     /* of the call in its thread */
	uint64_t caller;     /* return address */
	uint64_t ticks;      /* of the entry, or, where there is none, of the return */
	uint32_t depth;
	uint64_t injected;   /* detail of the event of an injected fault, or 0 */
	/* What shows calls keeps here what it has shown; 0 at first. */
	unsigned shown;
	uint8_t state;
	struct sc_calls_call *outer; /* the next one outwards that is open */
};

struct sc_calls_sink {
	void *context;
	/* Each returns 0, or a negative errno that ends the reading. enter may be NULL. */
	int (*enter)(void *context, struct sc_calls_call *call);
	/* It returned; or, where line.leave is NULL, it never will. line.enter is NULL where nothing is known of the entry. */
	int (*leave)(void *context, struct sc_calls_call *call);
	/* A fault was injected into a call of which there is nothing else. */
	int (*injected)(void *context, const struct sc_merged *merged, const struct sc_calls_function *function);
	/* A process has ended: its calls that were open have left. */
	int (*end)(void *context, const struct sc_merged *merged);
};

struct sc_calls;

/* protos may be NULL: nothing is known of any function. All must stay. 0 or -ENOMEM; close accepts NULL. */
int sc_calls_open(struct sc_calls **out, struct sc_merge *merge, const struct sc_protos *protos,
		  const struct sc_calls_sink *sink);
/* Gives what sc_merge_next has, to its (present) end, but at most so many events. How many, or a negative errno. */
long sc_calls_take(struct sc_calls *calls, long most);
/* Functions of which calls without a prototype were there: NULL gives the first; NULL: no more. */
const struct sc_calls_function *sc_calls_unknown(const struct sc_calls *calls, size_t n);
void sc_calls_close(struct sc_calls *calls);

#endif
