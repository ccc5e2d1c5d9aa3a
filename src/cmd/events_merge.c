/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of events: which records are read when, and whose event is next. Does not own the reading
 * (events_read.c), the finding of records (events_dir.c), the life of a process (events_process.c) nor the queues
 * (events_queue.c). Called by what shows single calls.
 *
 * Complete records are opened when their turn comes, in the order of their start, and read a chunk of a thread at a
 * time, so that neither descriptors nor memory are needed for all of them. Live ones are read as far as they are at
 * every poll.
 *
 *	names -> waiting -> processes -> threads with a queue each -> heap by the time of the first in the queue
 */
#include "cmd/events_merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/events_merge_internal.h"

#define HOLD_NS 3000000u
#define LIFE_NS 20000000u /* how often it is asked whether a quiet process is still there */

static uint64_t mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- what was given ---- */

/* The first event of a queue was given before: what comes after it? */
static int remove_taken(struct sc_merge *merge)
{
	struct sc_queue *queue = merge->taken;
	struct process *process = (struct process *)queue->shown.process;
	long count = 0;

	merge->taken = NULL;
	sc_queue_remove(queue);
	if (sc_queue_empty(queue) && !(merge->mode & SC_EVENTS_LIVE))
		count = sc_merge_process_refill(process, queue);
	if (count < 0)
		return (int)count;
	sc_queue_heap_first_changed(&merge->heap);
	if (!queue->in_heap && --process->busy == 0 && process->over)
		return sc_merge_process_give_end(merge, process);
	return 0;
}

/* ---- live ---- */

static int open_fresh(struct sc_merge *merge)
{
	size_t kept = 0;
	int r = sc_events_dir_look(&merge->dir);

	for (size_t i = 0; i < merge->dir.fresh_count; i++) {
		int again = r ? 1 : sc_merge_process_open(merge, merge->dir.fresh[i]);

		if (again < 0)
			r = again;
		if (again)
			merge->dir.fresh[kept++] = merge->dir.fresh[i];
	}
	merge->dir.fresh_count = kept;
	return r;
}

static bool is_over(const struct sc_merge *merge, struct process *process, uint64_t now)
{
	if (merge->finished || sc_merge_process_was_replaced(merge, process))
		return true;
	if (now - process->asked < LIFE_NS)
		return false;
	process->asked = now;
	return !sc_clock_process_lives(&process->shown.header);
}

static long poll_process(struct sc_merge *merge, struct process *process, uint64_t now)
{
	long count;
	int r;

	/* Asked before it is read: what it wrote before it went is then there. */
	if (is_over(merge, process, now))
		return sc_merge_process_end(merge, process);
	r = sc_events_look(process->shown.events);
	count = r ? r : sc_merge_process_take(merge, process);
	if (count > 0)
		process->asked = now;
	return count;
}

long sc_merge_poll(struct sc_merge *merge)
{
	uint64_t now = mono_now();
	size_t kept = 0;
	long count = 0;
	int r;

	/* While it is the first in the heap. */
	r = merge->taken ? remove_taken(merge) : 0;
	if (r == 0)
		r = open_fresh(merge);
	if (r)
		return r;
	sc_clock_solve(&merge->rates);
	for (size_t i = 0; i < merge->running_count; i++) {
		struct process *process = merge->running[i];
		long got = count < 0 ? 0 : poll_process(merge, process, now);

		count = got < 0 ? got : count + got;
		if (!process->over)
			merge->running[kept++] = process;
	}
	merge->running_count = kept;
	if (merge->rates.count)
		merge->horizon = merge->rates.rates[0].boot + now - HOLD_NS;
	return count;
}

int sc_merge_finish(struct sc_merge *merge)
{
	long count;

	merge->finished = true;
	count = merge->mode & SC_EVENTS_LIVE ? sc_merge_poll(merge) : 0;
	return count < 0 ? (int)count : 0;
}

/* ---- complete ---- */

static int by_start(const void *a, const void *b)
{
	const struct waiting *first = a, *second = b;

	if (first->start != second->start)
		return first->start < second->start ? -1 : 1;
	return strcmp(first->name, second->name);
}

/* The headers of all records, because they tell together how long a tick is, and in which order they come. */
static int note_all(struct sc_merge *merge)
{
	int r = sc_events_dir_look(&merge->dir);

	for (size_t i = 0; r == 0 && i < merge->dir.fresh_count; i++) {
		const char *name = merge->dir.fresh[i], *why;
		struct sc_events *events;
		uint64_t start = 0;

		r = sc_events_open(&events, merge->dir.fd, name, merge->mode, &why);
		if (r == 0) {
			start = sc_events_header(events)->start_realtime;
			r = sc_clock_note(&merge->rates, sc_events_header(events));
			sc_events_close(events);
		}
		r = r == -ENOMEM ? r : 0;
		if (r == 0)
			r = sc_report_grow(&merge->waiting, merge->waiting_count, sizeof(*merge->waiting));
		if (r == 0)
			merge->waiting[merge->waiting_count++] = (struct waiting){ name, start };
	}
	merge->dir.fresh_count = 0;
	if (merge->waiting_count)
		qsort(merge->waiting, merge->waiting_count, sizeof(*merge->waiting), by_start);
	return r;
}

/* Opens the records that begin before the next event. */
static int open_waiting(struct sc_merge *merge)
{
	int r = 0;

	while (r == 0 && merge->waiting_next < merge->waiting_count) {
		const struct waiting *next = &merge->waiting[merge->waiting_next];
		size_t before = merge->process_count;

		if (merge->heap.count && sc_queue_time(merge->heap.queues[0]) < next->start)
			break;
		merge->waiting_next++;
		r = sc_merge_process_open(merge, next->name);
		if (r == 0 && merge->process_count > before) {
			struct process *process = merge->processes[before];
			long count = sc_events_look(process->shown.events);

			if (count == 0)
				count = sc_merge_process_take(merge, process);
			process->over = true; /* its chunks are read as they are needed */
			r = count < 0 ? (int)count : 0;
			if (r == 0 && process->busy == 0)
				r = sc_merge_process_give_end(merge, process);
		}
	}
	return r;
}

/* ---- what is next ---- */

static void fill_end(struct sc_merge *merge, struct sc_merged *out)
{
	struct process *process = merge->ends[0];

	memmove(merge->ends, merge->ends + 1, --merge->end_count * sizeof(struct process *));
	if (!(merge->mode & SC_EVENTS_LIVE))
		sc_merge_process_set_state(merge, process);
	*out = (struct sc_merged){ .kind = SC_MERGED_END, .process = &process->shown, .time = process->last };
	merge->closing = process;
}

int sc_merge_next(struct sc_merge *merge, struct sc_merged *out)
{
	struct sc_queue *first;
	int r = 0;

	if (merge->closing)
		sc_merge_process_close(merge, merge->closing);
	merge->closing = NULL;
	if (merge->taken)
		r = remove_taken(merge);
	if (r == 0 && !(merge->mode & SC_EVENTS_LIVE))
		r = open_waiting(merge);
	if (r)
		return r;
	first = merge->heap.count ? merge->heap.queues[0] : NULL;
	if (merge->end_count && (!first || sc_queue_time(first) > merge->ends[0]->last)) {
		fill_end(merge, out);
		return 1;
	}
	if (!first || (sc_merge_is_live(merge) && sc_queue_time(first) > merge->horizon))
		return 0;
	*out = (struct sc_merged){ .kind = SC_MERGED_EVENT, .process = first->shown.process, .thread = &first->shown,
				   .event = sc_queue_first(first), .time = sc_queue_time(first) };
	((struct process *)first->shown.process)->last = out->time;
	if (out->event->kind == SC_EVENT_THREAD)
		first->shown.tid = (uint32_t)out->event->detail;
	merge->taken = first;
	return 1;
}

int sc_merge_open(struct sc_merge **out, const char *directory, unsigned mode, uint64_t since)
{
	struct sc_merge *merge = calloc(1, sizeof(*merge));
	int r;

	*out = merge;
	if (!merge)
		return -ENOMEM;
	merge->mode = mode;
	merge->since = since;
	r = sc_events_dir_open(&merge->dir, directory, mode & SC_EVENTS_LIVE);
	if (r == 0 && !(mode & SC_EVENTS_LIVE))
		r = note_all(merge);
	return r;
}

void sc_merge_close(struct sc_merge *merge)
{
	if (!merge)
		return;
	for (size_t i = 0; i < merge->process_count; i++) {
		struct process *process = merge->processes[i];

		sc_events_close(process->shown.events);
		for (size_t n = 0; n < process->thread_count; n++)
			sc_queue_free(process->threads[n]);
		free(process->threads);
		free(process);
	}
	free(merge->processes);
	free(merge->running);
	free(merge->ends);
	free(merge->waiting);
	sc_queue_heap_release(&merge->heap);
	sc_clock_release(&merge->rates);
	sc_events_dir_close(&merge->dir);
	free(merge);
}

double sc_merge_rate(const struct sc_merge *merge, const struct sc_merged_process *process)
{
	return sc_clock_rate_of(&merge->rates, &process->header);
}

int sc_merge_directory(const struct sc_merge *merge)
{
	return merge->dir.fd;
}

const struct sc_merge_losses *sc_merge_losses(const struct sc_merge *merge)
{
	return &merge->losses;
}
