/* SPDX-License-Identifier: MIT */
/*
 * Owns the life of the processes whose events are merged: from the opening of a record over what its threads have to
 * how it ended. Does not own which of them is read when, nor the order of events (events_merge.c). Called by it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/events_merge_internal.h"

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

long sc_merge_process_refill(struct process *process, struct sc_queue *queue)
{
	return sc_events_take(process->shown.events, queue->shown.number - 1, sink, queue);
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

long sc_merge_process_take(struct sc_merge *merge, struct process *process)
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

int sc_merge_process_give_end(struct sc_merge *merge, struct process *process)
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

bool sc_merge_process_was_replaced(const struct sc_merge *merge, const struct process *process)
{
	const struct sc_record_header *header = &process->shown.header;

	for (size_t i = merge->process_count; i > 0; i--) {
		const struct sc_record_header *other = &merge->processes[i - 1]->shown.header;

		if (other->pid == header->pid && other->start_realtime > header->start_realtime && !other->forked_from)
			return true;
	}
	return has_waiting(merge, header);
}

void sc_merge_process_set_state(const struct sc_merge *merge, struct process *process)
{
	struct sc_record_header *header = &process->shown.header;
	uint64_t ended;

	*header = *sc_events_header(process->shown.events);
	ended = header->start_realtime + (header->last_mono - header->start_mono);
	if (header->last_mono > header->start_mono && ended > process->last)
		process->last = ended;
	if (header->state == SC_RECORD_ENDED)
		process->shown.state = SC_PROCESS_ENDED;
	else if (sc_merge_process_was_replaced(merge, process))
		process->shown.state = SC_PROCESS_EXECED;
	else
		process->shown.state = sc_clock_process_lives(header) ? SC_PROCESS_RUNNING : SC_PROCESS_KILLED;
}

long sc_merge_process_end(struct sc_merge *merge, struct process *process)
{
	long count;
	int r;

	sc_events_ended(process->shown.events);
	r = sc_events_look(process->shown.events);
	count = r ? r : sc_merge_process_take(merge, process);
	sc_merge_process_set_state(merge, process);
	process->over = true;
	if (count >= 0 && process->busy == 0)
		r = sc_merge_process_give_end(merge, process);
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

int sc_merge_process_open(struct sc_merge *merge, const char *name)
{
	struct sc_events *events;
	const char *why = NULL;
	int r = sc_events_open(&events, merge->dir.fd, name, merge->mode, &why);

	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT || (r == -ENODATA && !sc_merge_is_live(merge)))
		return 0;
	if (sc_merge_is_live(merge) && (r == -EINVAL || r == -ENODATA || r == -EMFILE || r == -ENFILE))
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

void sc_merge_process_close(struct sc_merge *merge, struct process *process)
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
