/* SPDX-License-Identifier: MIT */
/*
 * The events of all threads of all processes of a directory of records, in the order of time: while the programs run,
 * or afterwards. Not thread safe.
 *
 * Live, an event is held back for a few milliseconds, so that one of another thread that is older but was written later
 * still comes first. One that is later yet comes late: order is then that of each thread alone.
 */
#ifndef SC_CMD_EVENTS_MERGE_H
#define SC_CMD_EVENTS_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/events_read.h"

struct sc_merge;

struct sc_merged_process {
	struct sc_record_header header; /* as last seen */
	const char *file;		/* name of the record */
	enum sc_process_state state;	/* known at its end */
	struct sc_events *events;	/* NULL once its end was given */
	void *user;			/* the caller's: NULL at first */
};

struct sc_merged_thread {
	struct sc_merged_process *process;
	uint32_t tid, number;
	void *user; /* the caller's: NULL at first */
};

enum sc_merged_kind {
	SC_MERGED_EVENT, /* SC_EVENT_THREAD: what follows from `thread` is another's, whose tid it has from now on */
	SC_MERGED_END, /* of a process: nothing more comes from it */
};

struct sc_merged {
	enum sc_merged_kind kind;
	struct sc_merged_process *process;
	struct sc_merged_thread *thread; /* NULL at the end of a process */
	const struct sc_event *event;	 /* valid until the next sc_merge_next or sc_merge_poll */
	uint64_t time;			 /* ns since the epoch */
};

/* Live or complete, as `mode` says (events_read.h), of records that started at or after since (ns since the epoch).
 * 0 or a negative errno; close in every case, which accepts NULL. */
int sc_merge_open(struct sc_merge **out, const char *directory, unsigned mode, uint64_t since);
void sc_merge_close(struct sc_merge *merge);

/* Reads what there is by now; of no use where the mode is complete. Returns how many events, or a negative errno. */
long sc_merge_poll(struct sc_merge *merge);
/* The program has ended: reads the rest, and holds nothing back from now on. 0 or a negative errno. */
int sc_merge_finish(struct sc_merge *merge);

/* 1 with *out filled, 0 when there is nothing (now, or any more), or a negative errno. */
int sc_merge_next(struct sc_merge *merge, struct sc_merged *out);

/* Nanoseconds a tick of this process has; 0: not known. */
double sc_merge_rate(const struct sc_merge *merge, const struct sc_merged_process *process);
/* Directory of the records, for images beside them. */
int sc_merge_directory(const struct sc_merge *merge);

/* What was found by now: to be said at the end. */
struct sc_merge_losses {
	uint64_t dropped;    /* events that found no room */
	uint64_t denied;     /* system calls for the record that processes had forbidden by seccomp */
	uint64_t unfinished; /* half written, by a process that was killed */
	size_t processes;    /* whose records were read */
	size_t refused;	     /* records that gave nothing */
	size_t damaged;	     /* records that were read in part */
	const char *refused_file, *refused_why; /* the first of them; or NULL */
	const char *damaged_file, *damage;
};

const struct sc_merge_losses *sc_merge_losses(const struct sc_merge *merge);

#endif
