/* SPDX-License-Identifier: MIT */
/* Between events_merge.c, which knows whose turn it is, and events_process.c, which knows the life of each process. */
#ifndef SC_CMD_EVENTS_MERGE_INTERNAL_H
#define SC_CMD_EVENTS_MERGE_INTERNAL_H

#include "cmd/events_dir.h"
#include "cmd/events_merge.h"
#include "cmd/events_queue.h"

/* A record that is not read yet. */
struct waiting {
	const char *name;
	uint64_t start; /* ns since the epoch */
};

struct process {
	struct sc_merged_process shown; /* first: what the caller sees */
	const struct sc_clock_rate *rate; /* of this moment: see set_rates */
	struct sc_queue **threads; /* by the reader's number */
	size_t thread_count, busy; /* busy: with something in their queue */
	uint64_t asked;		   /* when it was last asked whether it lives */
	uint64_t last;		   /* time of its last event */
	bool over;		   /* read to the end */
	bool ended;		   /* its end was given */
};

struct sc_merge {
	struct sc_events_dir dir;
	unsigned mode;
	uint64_t since;
	bool finished;
	struct sc_clock_rates rates;
	size_t rates_known; /* that processes have pointers to */
	struct waiting *waiting;
	size_t waiting_count, waiting_next;
	struct process **processes;
	size_t process_count;
	struct process **running; /* those not over: what a poll looks at */
	size_t running_count;
	struct process **ends;	  /* whose end is to be given */
	size_t end_count;
	struct process *closing;  /* its end was given: to be closed at the next call */
	struct sc_queue_heap heap;
	struct sc_queue *taken;	  /* its first event was given: to be removed at the next call */
	uint64_t horizon;	  /* events up to it may be given */
	struct sc_merge_losses losses;
};

static inline bool sc_merge_is_live(const struct sc_merge *merge)
{
	return merge->mode & SC_EVENTS_LIVE && !merge->finished;
}

/* A record: read, refused for good, of another run, or gone (0), or to be tried again (1). -ENOMEM. */
int sc_merge_process_open(struct sc_merge *merge, const char *name);
/* Puts what its threads have, each as much as sc_events_take gives, into their queues. How many, or a negative
 * errno. */
long sc_merge_process_take(struct sc_merge *merge, struct process *process);
/* Likewise of one thread whose queue is empty, and is in the heap yet. */
long sc_merge_process_refill(struct process *process, struct sc_queue *queue);
/* Whether another program took its place: the same process has a later record, and that is no fork's. */
bool sc_merge_process_was_replaced(const struct sc_merge *merge, const struct process *process);
/* Nothing more is written to it: what is there is taken. How many, or a negative errno. */
long sc_merge_process_end(struct sc_merge *merge, struct process *process);
/* Finds out how it ended. */
void sc_merge_process_set_state(const struct sc_merge *merge, struct process *process);
/* Its end is to be given to the caller, once. 0 or -ENOMEM. */
int sc_merge_process_give_end(struct sc_merge *merge, struct process *process);
/* Its end was given: the losses are added up, and the reader is closed. */
void sc_merge_process_close(struct sc_merge *merge, struct process *process);

#endif
