/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of events: which records are read when, and whose event is next. Does not own the reading
 * (events_read.c), the finding of records (events_dir.c) nor the queues (events_queue.c). Called by what shows
 * single calls.
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

#include "cmd/events_dir.h"
#include "cmd/events_queue.h"

#define HOLD_NS 3000000u
#define LIFE_NS 20000000u /* how often it is asked whether a quiet process is still there */

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

static bool live(const struct sc_merge *merge)
{
	return merge->mode & SC_EVENTS_LIVE && !merge->finished;
}

static uint64_t mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- processes ---- */

/* Of the process that came last; and of all, because rates move in memory when a record of another boot or clock
 * comes. */
static void set_rates(struct sc_merge *merge)
{
	size_t first = merge->rates.count == merge->rates_known ? merge->process_count - 1 : 0;

	sc_clock_solve(&merge->rates);
	for (size_t i = first; i < merge->process_count; i++)
		merge->processes[i]->rate = sc_clock_find(&merge->rates, &merge->processes[i]->shown.header);
	merge->rates_known = merge->rates.count;
}

static void refuse(struct sc_merge *merge, const char *name, const char *why)
{
	if (merge->losses.refused++ == 0) {
		merge->losses.refused_file = name;
		merge->losses.refused_why = why;
	}
}

/* Tells those who take the events that what follows is another thread's. */
static int put_switch(struct sc_queue *queue, uint32_t tid)
{
	struct sc_event other = { .size = sizeof(other), .kind = SC_EVENT_THREAD, .detail = tid };
	bool first = queue->last_tid == 0;

	queue->last_tid = tid;
	if (first)
		queue->shown.tid = tid;
	return first ? 0 : sc_queue_put(queue, queue->last_time, &other);
}

static int sink(void *context, const struct sc_events_thread *thread, const struct sc_event *event)
{
	struct sc_queue *queue = context;
	const struct process *process = (const struct process *)queue->shown.process;
	int r = thread->tid == queue->last_tid ? 0 : put_switch(queue, thread->tid);

	if (r || event->kind == SC_EVENT_THREAD)
		return r;
	queue->last_time = sc_clock_time(process->rate, event->ticks);
	return sc_queue_put(queue, queue->last_time, event);
}

static struct sc_queue *queue_of(struct process *process, size_t n)
{
	struct sc_queue *queue;

	if (n < process->thread_count)
		return process->threads[n];
	if (sc_report_grow(&process->threads, process->thread_count, sizeof(*process->threads)))
		return NULL;
	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return NULL;
	queue->shown.process = &process->shown;
	queue->shown.number = (uint32_t)n + 1;
	process->threads[process->thread_count++] = queue;
	return queue;
}

/* Events of one thread, as many as sc_events_take gives. */
static long take_thread(struct sc_merge *merge, struct process *process, size_t n)
{
	struct sc_queue *queue = queue_of(process, n);
	long count;

	if (!queue)
		return -ENOMEM;
	count = sc_events_take(process->shown.events, n, sink, queue);
	if (count > 0 && !queue->in_heap && !sc_queue_empty(queue)) {
		int r = sc_queue_heap_add(&merge->heap, queue);

		if (r)
			return r;
		process->busy++;
	}
	return count;
}

static long take_all(struct sc_merge *merge, struct process *process)
{
	size_t threads = sc_events_thread_count(process->shown.events);
	long count = 0;

	for (size_t i = 0; i < threads; i++) {
		long got = take_thread(merge, process, i);

		if (got < 0)
			return got;
		count += got;
	}
	return count;
}

static int give_end(struct sc_merge *merge, struct process *process)
{
	if (process->ended)
		return 0;
	process->ended = true;
	if (sc_report_grow(&merge->ends, merge->end_count, sizeof(struct process *)))
		return -ENOMEM;
	merge->ends[merge->end_count++] = process;
	return 0;
}

/* Whether a record that is not read yet is a later one of the same process: its name tells. */
static bool has_waiting(const struct sc_merge *merge, const struct sc_record_header *header)
{
	for (size_t i = merge->waiting_next; i < merge->waiting_count; i++) {
		char *end;

		if (merge->waiting[i].start > header->start_realtime &&
		    strtoul(merge->waiting[i].name, &end, 10) == header->pid && *end == '-')
			return true;
	}
	return false;
}

/* Whether another program took its place: the same process has a later record, and that is no fork's. */
static bool was_replaced(const struct sc_merge *merge, const struct process *process)
{
	const struct sc_record_header *header = &process->shown.header;

	for (size_t i = merge->process_count; i > 0; i--) {
		const struct sc_record_header *other = &merge->processes[i - 1]->shown.header;

		if (other->pid == header->pid && other->start_realtime > header->start_realtime && !other->forked_from)
			return true;
	}
	return has_waiting(merge, header);
}

static void set_state(const struct sc_merge *merge, struct process *process)
{
	struct sc_record_header *header = &process->shown.header;
	uint64_t ended;

	*header = *sc_events_header(process->shown.events);
	ended = header->start_realtime + (header->last_mono - header->start_mono);
	if (header->last_mono > header->start_mono && ended > process->last)
		process->last = ended;
	if (header->state == SC_RECORD_ENDED)
		process->shown.state = SC_PROCESS_ENDED;
	else if (was_replaced(merge, process))
		process->shown.state = SC_PROCESS_EXECED;
	else
		process->shown.state = sc_clock_process_lives(header) ? SC_PROCESS_RUNNING : SC_PROCESS_KILLED;
}

/* Nothing more is written to it: what is there is taken. */
static long end_process(struct sc_merge *merge, struct process *process)
{
	long count;
	int r;

	sc_events_ended(process->shown.events);
	r = sc_events_look(process->shown.events);
	count = r ? r : take_all(merge, process);
	set_state(merge, process);
	process->over = true;
	if (count >= 0 && process->busy == 0)
		r = give_end(merge, process);
	return r ? r : count;
}

static int start_process(struct sc_merge *merge, struct sc_events *events, const char *name)
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process || sc_report_grow(&merge->processes, merge->process_count, sizeof(struct process *))) {
		free(process);
		sc_events_close(events);
		return -ENOMEM;
	}
	process->shown.events = events;
	process->shown.file = name;
	process->shown.header = *sc_events_header(events);
	process->last = process->shown.header.start_realtime;
	merge->processes[merge->process_count++] = process;
	merge->losses.processes++;
	if (sc_report_grow(&merge->running, merge->running_count, sizeof(struct process *)))
		return -ENOMEM;
	merge->running[merge->running_count++] = process;
	return 0;
}

/* 0: read or refused for good; 1: to be tried again. */
static int open_process(struct sc_merge *merge, const char *name)
{
	struct sc_events *events;
	const char *why = NULL;
	int r = sc_events_open(&events, merge->dir.fd, name, merge->mode, &why);

	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT || (r == -ENODATA && !live(merge)))
		return 0;
	if (live(merge) && (r == -EINVAL || r == -ENODATA || r == -EMFILE || r == -ENFILE))
		return 1;
	if (r) {
		refuse(merge, name, r == -EINVAL ? why : strerrordesc_np(-r));
		return 0;
	}
	if (sc_events_header(events)->start_realtime < merge->since) {
		sc_events_close(events);
		return 0;
	}
	if (merge->mode & SC_EVENTS_LIVE && sc_clock_note(&merge->rates, sc_events_header(events))) {
		sc_events_close(events);
		return -ENOMEM;
	}
	r = start_process(merge, events, name);
	if (r == 0)
		set_rates(merge);
	return r;
}

/* The first event of a queue was given before: what comes after it? */
static int remove_taken(struct sc_merge *merge)
{
	struct sc_queue *queue = merge->taken;
	struct process *process = (struct process *)queue->shown.process;
	long count = 0;

	merge->taken = NULL;
	sc_queue_remove(queue);
	if (sc_queue_empty(queue) && !(merge->mode & SC_EVENTS_LIVE))
		count = sc_events_take(process->shown.events, queue->shown.number - 1, sink, queue);
	if (count < 0)
		return (int)count;
	sc_queue_heap_first_changed(&merge->heap);
	if (!queue->in_heap && --process->busy == 0 && process->over)
		return give_end(merge, process);
	return 0;
}

/* ---- live ---- */

static int open_fresh(struct sc_merge *merge)
{
	size_t kept = 0;
	int r = sc_events_dir_look(&merge->dir);

	for (size_t i = 0; i < merge->dir.fresh_count; i++) {
		int again = r ? 1 : open_process(merge, merge->dir.fresh[i]);

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
	if (merge->finished || was_replaced(merge, process))
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
		return end_process(merge, process);
	r = sc_events_look(process->shown.events);
	count = r ? r : take_all(merge, process);
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
		r = open_process(merge, next->name);
		if (r == 0 && merge->process_count > before) {
			struct process *process = merge->processes[before];
			long count = sc_events_look(process->shown.events);

			if (count == 0)
				count = take_all(merge, process);
			process->over = true; /* its chunks are read as they are needed */
			r = count < 0 ? (int)count : 0;
			if (r == 0 && process->busy == 0)
				r = give_end(merge, process);
		}
	}
	return r;
}

/* ---- what is next ---- */

static void close_process(struct sc_merge *merge, struct process *process)
{
	struct sc_merge_losses *losses = &merge->losses;
	struct sc_events *events = process->shown.events;

	losses->dropped += sc_events_dropped(events);
	losses->denied += sc_events_header(events)->denied;
	losses->unfinished += sc_events_unfinished(events);
	if (sc_events_damage(events) && losses->damaged++ == 0) {
		losses->damaged_file = process->shown.file;
		losses->damage = sc_events_damage(events);
	}
	sc_events_close(events);
	process->shown.events = NULL;
	for (size_t i = 0; i < process->thread_count; i++)
		sc_queue_shrink(process->threads[i]);
}

static void fill_end(struct sc_merge *merge, struct sc_merged *out)
{
	struct process *process = merge->ends[0];

	memmove(merge->ends, merge->ends + 1, --merge->end_count * sizeof(struct process *));
	if (!(merge->mode & SC_EVENTS_LIVE))
		set_state(merge, process);
	*out = (struct sc_merged){ .kind = SC_MERGED_END, .process = &process->shown, .time = process->last };
	merge->closing = process;
}

int sc_merge_next(struct sc_merge *merge, struct sc_merged *out)
{
	struct sc_queue *first;
	int r = 0;

	if (merge->closing)
		close_process(merge, merge->closing);
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
	if (!first || (live(merge) && sc_queue_time(first) > merge->horizon))
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
