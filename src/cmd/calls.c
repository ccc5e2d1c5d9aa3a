/* SPDX-License-Identifier: MIT */
/*
 * Owns the calls that are open, of each thread: which return belongs to which entry, and which calls were left without
 * returning (by longjmp, an exception, exit): those that are further in than one that returns, and those that are no
 * further out than one that begins. Does not own the names (calls_names.c) nor how calls are shown. Called by lines_live.c
 * and report_events.c.
 */
#include "cmd/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/calls_names.h"

struct thread {
	struct sc_calls_call *innermost;
	uint64_t inject_call, inject_detail; /* a fault whose entry is about to come; 0: none */
	uint32_t inject_index;
	struct thread *next; /* of the process */
};

struct sc_calls {
	struct sc_merge *merge;
	struct sc_calls_sink sink;
	struct sc_calls_names names;
	struct sc_calls_call *spare; /* with room for SPARE_ROOM bytes of event */
};

/* Most entries fit. */
#define SPARE_ROOM 512

static struct sc_calls_call *new_call(struct sc_calls *calls, uint32_t event_size)
{
	struct sc_calls_call *call = calls->spare;

	if (event_size > SPARE_ROOM || !call)
		return malloc(sizeof(*call) + (event_size > SPARE_ROOM ? event_size : SPARE_ROOM));
	calls->spare = call->outer;
	return call;
}

static void free_call(struct sc_calls *calls, struct sc_calls_call *call)
{
	if (call->line.enter && call->line.enter->size > SPARE_ROOM) {
		free(call);
		return;
	}
	call->outer = calls->spare;
	calls->spare = call;
}

static struct thread *thread_of(const struct sc_merged *merged)
{
	struct sc_calls_process *process;
	struct thread *thread = merged->thread->user;

	if (thread)
		return thread;
	process = sc_calls_process(merged->process);
	thread = process ? calloc(1, sizeof(*thread)) : NULL;
	if (!thread)
		return NULL;
	thread->next = process->threads;
	process->threads = thread;
	merged->thread->user = thread;
	return thread;
}

/* The innermost call has left. leave: how, or NULL. */
static int leave(struct sc_calls *calls, struct thread *thread, const struct sc_event *event, uint64_t time)
{
	struct sc_calls_call *call = thread->innermost;
	int r;

	thread->innermost = call->outer;
	call->line.leave = event;
	call->end = event ? time : 0;
	r = calls->sink.leave(calls->sink.context, call);
	free_call(calls, call);
	return r;
}

static int leave_deeper(struct sc_calls *calls, struct thread *thread, uint32_t depth)
{
	int r = 0;

	while (r == 0 && thread->innermost && thread->innermost->depth >= depth)
		r = leave(calls, thread, NULL, 0);
	return r;
}

/* A fault that was to be told with its call, whose entry did not come. */
static int injected_alone(struct sc_calls *calls, struct thread *thread, const struct sc_merged *merged)
{
	const struct sc_calls_function *function;
	struct sc_event event = { .size = sizeof(event), .kind = SC_EVENT_INJECT, .index = thread->inject_index,
				  .detail = thread->inject_detail };
	struct sc_merged alone = *merged;

	thread->inject_detail = 0;
	if (!calls->sink.injected)
		return 0;
	function = sc_calls_name(&calls->names, merged->process, event.index);
	if (!function)
		return -ENOMEM;
	alone.event = &event;
	return calls->sink.injected(calls->sink.context, &alone, function);
}

static int inject(struct sc_calls *calls, struct thread *thread, const struct sc_merged *merged)
{
	const struct sc_event *event = merged->event;

	for (struct sc_calls_call *call = thread->innermost; call; call = call->outer) {
		if (event->call && call->number == event->call) {
			call->injected = event->detail;
			return 0;
		}
	}
	thread->inject_call = event->call;
	thread->inject_detail = event->detail;
	thread->inject_index = event->index;
	return event->call ? 0 : injected_alone(calls, thread, merged);
}

static void fill(struct sc_calls_call *call, const struct sc_merged *merged, const struct sc_calls_function *function)
{
	const struct sc_event *event = merged->event;

	*call = (struct sc_calls_call){
		.line.proto = function->proto, .function = function, .thread = merged->thread,
		.number = event->call, .ticks = event->ticks, .depth = event->depth,
	};
}

static int enter(struct sc_calls *calls, struct thread *thread, const struct sc_merged *merged,
		 struct sc_calls_function *function)
{
	struct sc_calls_call *call;
	struct sc_event *copy;
	int r = leave_deeper(calls, thread, merged->event->depth);

	if (r)
		return r;
	call = new_call(calls, merged->event->size);
	if (!call)
		return -ENOMEM;
	fill(call, merged, function);
	copy = (struct sc_event *)(call + 1);
	memcpy(copy, merged->event, merged->event->size);
	call->line.enter = copy;
	call->start = merged->time;
	call->caller = copy->detail;
	if (thread->inject_detail && thread->inject_call == call->number) {
		call->injected = thread->inject_detail;
		thread->inject_detail = 0;
	}
	call->outer = thread->innermost;
	thread->innermost = call;
	if (!function->proto)
		function->seen_unknown = true;
	return calls->sink.enter ? calls->sink.enter(calls->sink.context, call) : 0;
}

/* Of a call whose entry is in another record (fork), or found no room. */
static int leave_unknown(struct sc_calls *calls, const struct sc_merged *merged, const struct sc_calls_function *function)
{
	struct sc_calls_call call;

	fill(&call, merged, function);
	call.line.leave = merged->event;
	call.end = merged->time;
	return calls->sink.leave(calls->sink.context, &call);
}

static int returned(struct sc_calls *calls, struct thread *thread, const struct sc_merged *merged,
		    const struct sc_calls_function *function)
{
	struct sc_calls_call *call = thread->innermost;
	int r = 0;

	while (call && call->number != merged->event->call)
		call = call->outer;
	if (!call)
		return leave_unknown(calls, merged, function);
	while (r == 0 && thread->innermost != call)
		r = leave(calls, thread, NULL, 0);
	return r ? r : leave(calls, thread, merged->event, merged->time);
}

static int take_event(struct sc_calls *calls, const struct sc_merged *merged)
{
	struct thread *thread = thread_of(merged);
	struct sc_calls_function *function;
	int r = 0;

	if (!thread)
		return -ENOMEM;
	if (thread->inject_detail && merged->event->call != thread->inject_call)
		r = injected_alone(calls, thread, merged);
	if (r)
		return r;
	if (merged->event->kind == SC_EVENT_THREAD)
		return leave_deeper(calls, thread, 0);
	if (merged->event->kind == SC_EVENT_INJECT)
		return inject(calls, thread, merged);
	function = sc_calls_name(&calls->names, merged->process, merged->event->index);
	if (!function)
		return -ENOMEM;
	if (merged->event->kind == SC_EVENT_ENTER)
		return enter(calls, thread, merged, function);
	return returned(calls, thread, merged, function);
}

static void free_threads(struct sc_calls *calls, struct sc_calls_process *process)
{
	while (process->threads) {
		struct thread *thread = process->threads;

		while (thread->innermost) {
			struct sc_calls_call *call = thread->innermost;

			thread->innermost = call->outer;
			free_call(calls, call);
		}
		process->threads = thread->next;
		free(thread);
	}
}

static int take_end(struct sc_calls *calls, const struct sc_merged *merged)
{
	struct sc_calls_process *process = merged->process->user;
	int r = 0;

	for (struct thread *thread = process ? process->threads : NULL; r == 0 && thread; thread = thread->next)
		r = leave_deeper(calls, thread, 0);
	if (r == 0 && calls->sink.end)
		r = calls->sink.end(calls->sink.context, merged);
	if (process) {
		free_threads(calls, process);
		sc_calls_process_free(&calls->names, merged->process);
	}
	return r;
}

long sc_calls_take(struct sc_calls *calls, long most)
{
	struct sc_merged merged;
	long count = 0;
	int r = 0;

	while (count < most && (r = sc_merge_next(calls->merge, &merged)) > 0) {
		r = merged.kind == SC_MERGED_END ? take_end(calls, &merged) : take_event(calls, &merged);
		if (r < 0)
			return r;
		count++;
	}
	return r < 0 ? r : count;
}

int sc_calls_open(struct sc_calls **out, struct sc_merge *merge, const struct sc_protos *protos,
		  const struct sc_calls_sink *sink)
{
	struct sc_calls *calls = calloc(1, sizeof(*calls));

	if (!calls)
		return -ENOMEM;
	calls->merge = merge;
	calls->sink = *sink;
	sc_calls_names_open(&calls->names, sc_merge_directory(merge), protos);
	*out = calls;
	return 0;
}

const struct sc_calls_function *sc_calls_unknown(const struct sc_calls *calls, size_t n)
{
	return sc_calls_names_unknown(&calls->names, n);
}

void sc_calls_close(struct sc_calls *calls)
{
	if (!calls)
		return;
	while (calls->names.processes) {
		struct sc_calls_process *process = calls->names.processes;

		free_threads(calls, process);
		sc_calls_process_free(&calls->names, process->merged);
	}
	while (calls->spare) {
		struct sc_calls_call *next = calls->spare->outer;

		free(calls->spare);
		calls->spare = next;
	}
	sc_calls_names_close(&calls->names);
	free(calls);
}
