/* SPDX-License-Identifier: MIT */
/* The events of one thread that wait for their turn, and a heap of such queues, for events_merge.c. */
#ifndef SC_CMD_EVENTS_QUEUE_H
#define SC_CMD_EVENTS_QUEUE_H

#include "cmd/events_merge.h"

struct sc_queue {
	struct sc_merged_thread shown; /* first: what the caller sees */
	unsigned char *bytes;	       /* {time, event} {time, event} ... */
	size_t head, tail, room;
	bool in_heap;
	uint32_t last_tid;  /* of what was put last; 0: nothing yet */
	uint64_t last_time;
};

/* 0 or -ENOMEM. */
int sc_queue_put(struct sc_queue *queue, uint64_t time, const struct sc_event *event);
bool sc_queue_empty(const struct sc_queue *queue);
/* Of one that is not empty. */
uint64_t sc_queue_time(const struct sc_queue *queue);
const struct sc_event *sc_queue_first(const struct sc_queue *queue);
void sc_queue_remove(struct sc_queue *queue);
/* Gives the memory of an empty queue back. */
void sc_queue_shrink(struct sc_queue *queue);
void sc_queue_free(struct sc_queue *queue);

/* The one whose first event is the oldest comes first. */
struct sc_queue_heap {
	struct sc_queue **queues;
	size_t count;
};

/* 0 or -ENOMEM. */
int sc_queue_heap_add(struct sc_queue_heap *heap, struct sc_queue *queue);
/* The first queue has another first event, or none: it is moved, or taken out. */
void sc_queue_heap_first_changed(struct sc_queue_heap *heap);
void sc_queue_heap_release(struct sc_queue_heap *heap);

#endif
