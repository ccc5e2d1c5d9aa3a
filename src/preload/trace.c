/* SPDX-License-Identifier: MIT */
/*
 * Owns what is in events (common/event.h): the words of registers and stack, times, numbers. What arguments point to is
 * trace_blobs.c's, where events lie events.c's. Called by hooks.c inside intercepted calls.
 */
#include "preload/trace.h"

#include <string.h>

#include "common/size.h"
#include "preload/frame_memory.h"
#include "preload/runtime.h"
#include "preload/trace_blobs.h"

#define STRING_LIMIT 32 /* strace's */

extern void sc_values_vector(uint64_t out[8]);
extern void sc_values_x87(uint8_t out[32], unsigned count);

static uint32_t limit = STRING_LIMIT;
static uint32_t depth; /* frames of the stack with each call */

/* A number at *at, behind `name` and "=". */
static bool read_option(const char **at, const char *name, uint64_t most, uint64_t *out)
{
	size_t length = strlen(name), end;
	char word[24];

	if (strncmp(*at, name, length) != 0 || (*at)[length] != '=')
		return false;
	end = strcspn(*at + length + 1, ",");
	if (end == 0 || end >= sizeof(word))
		return false;
	memcpy(word, *at + length + 1, end);
	word[end] = 0;
	*at += length + 1 + end;
	return sc_size_parse(word, out) && *out <= most;
}

bool sc_trace_configure(const char *text)
{
	uint64_t strings = limit, stacks = 0, buffer = 0;

	while (text && *text) {
		if (!read_option(&text, "strings", SC_EVENT_MOST / 8, &strings) &&
		    !read_option(&text, "stacks", SC_RULE_DEPTH_MOST, &stacks) &&
		    !read_option(&text, "buffer", UINT64_MAX, &buffer))
			return false;
		text += *text == ',';
	}
	limit = (uint32_t)strings;
	depth = (uint32_t)stacks;
	if (buffer)
		sc_events_limit(buffer);
	return true;
}

uint32_t sc_trace_depth(void)
{
	return depth;
}

static uint32_t capped(uint32_t size)
{
	return size < SC_EVENT_MOST ? size : SC_EVENT_MOST;
}

static uint32_t stack_most(uint32_t frames)
{
	return frames ? (uint32_t)sizeof(struct sc_blob) + 8 * frames : 0;
}

static void put_stack(struct sc_trace_builder *b, struct sc_hook_stack *stack, uint32_t most)
{
	sc_hook_stack_walk(stack);
	sc_trace_copy(b, SC_BLOB_STACK, 255, stack->frames, 8 * (stack->depth < most ? stack->depth : most));
}

void sc_trace_measure(struct sc_hook *hook)
{
	const struct sc_capture *capture = hook->capture;
	uint32_t words = 8u * (capture->general + capture->vector + capture->stack);

	hook->enter_most = capped((uint32_t)sizeof(struct sc_event) + words + stack_most(depth) +
				  sc_trace_blobs_most(capture, SC_CAPTURE_ENTER, limit));
	hook->keeps = sc_trace_blobs_most(capture, SC_CAPTURE_LEAVE, limit) > 0;
	hook->enter_head = SC_EVENT_ENTER | (uint32_t)capture->general << 8 | (uint32_t)capture->vector << 16 |
			   (uint32_t)capture->stack << 24;
	hook->leave_most = capped((uint32_t)sizeof(struct sc_event) + 64 +
				  sc_trace_blobs_most(capture, SC_CAPTURE_LEAVE, limit));
}

static bool is_around(const struct sc_hook_state *outer, const struct sc_frame *frame)
{
	return outer->frame && outer->frame->rax == (uintptr_t)outer && sc_frame_stack(outer->frame) > sc_frame_stack(frame);
}

/* The innermost recorded call that still runs, and lies above on the stack. Calls that were abandoned are passed over: they
 * have no frame any more, or one that is not above. Where coroutines have returned in any order, the state of an outer call
 * may be another's by now: that has a greater number. */
static struct sc_hook_state *outer_of(const struct sc_hook_thread *hooks, const struct sc_frame *frame)
{
	struct sc_hook_state *outer = hooks->current;

	while (outer && !is_around(outer, frame))
		outer = outer->outer && outer->outer->call < outer->call ? outer->outer : NULL;
	return outer;
}

/* A tail call returns to where the call would have that it is the end of. */
static bool is_tail_call(const struct sc_hook_thread *hooks, const struct sc_frame *frame)
{
	const struct sc_hook_state *current = hooks->current;

	return current && current->frame && current->frame->rax == (uintptr_t)current &&
	       sc_frame_memory_returning(frame->return_address) == current->frame;
}

static void find_depth(struct sc_hook_state *state, struct sc_hook_thread *hooks)
{
	state->outer = is_tail_call(hooks, state->frame) ? hooks->current : outer_of(hooks, state->frame);
	state->depth = state->outer ? state->outer->depth + 1 : 0;
	hooks->current = state;
}

static void start_builder(struct sc_trace_builder *b, const uintptr_t *arguments, const struct sc_frame *frame,
			  const uintptr_t *returned)
{
	b->arguments = arguments;
	b->stack = (const uintptr_t *)sc_frame_stack(frame);
	b->returned = returned;
	b->limit = limit;
	b->peek = (struct sc_peek){ .stack = sc_frame_stack(frame) };
}

/* Argument registers and words of the stack. */
static uint64_t *put_arguments(uint64_t *at, const struct sc_capture *capture, const struct sc_hook_call *call,
			       struct sc_trace_builder *b)
{
	for (unsigned i = 0; i < capture->general; i++)
		*at++ = call->arguments[i];
	if (capture->vector) {
		uint64_t vector[8];

		sc_values_vector(vector);
		for (unsigned i = 0; i < capture->vector; i++)
			*at++ = vector[i];
	}
	for (unsigned i = 0; i < capture->stack; i++)
		*at++ = sc_trace_word(b, SC_PLACE_STACK + i);
	return at;
}

void sc_trace_enter(struct sc_hook_stack *stack, struct sc_frame *frame, struct sc_hook_state *state,
		    struct sc_hook_thread *hooks, uint64_t (*now)(void))
{
	const struct sc_hook_call *call = stack->call;
	const struct sc_capture *capture = state->hook->capture;
	struct sc_trace_builder b;
	struct sc_event *event;

	start_builder(&b, call->arguments, frame, NULL);
	state->call = ++hooks->calls;
	find_depth(state, hooks);
	event = sc_events_begin(&hooks->events, state->hook->enter_most);
	if (!event)
		return;
	memcpy(&event->kind, &state->hook->enter_head, sizeof(state->hook->enter_head));
	event->index = state->hook->index;
	event->depth = state->depth;
	event->call = state->call;
	event->detail = frame->return_address;
	b.end = (char *)event + state->hook->enter_most;
	b.at = (char *)put_arguments(event->words, capture, call, &b);
	if (capture->item_count)
		sc_trace_blobs(&b, capture, SC_CAPTURE_ENTER);
	if (depth)
		put_stack(&b, stack, depth);
	if (b.peek.slow || depth)
		frame->start = now();
	event->ticks = frame->start;
	sc_events_end(&hooks->events, event, (uint32_t)(b.at - (char *)event));
}

/* The registers that hold the return value. */
static uint64_t *put_returned(struct sc_event *event, const struct sc_capture *capture, const uintptr_t returned[2])
{
	uint64_t *at = event->words, vector[8];

	if (capture->returns & (SC_RETURN_RAX | SC_RETURN_RDX))
		*at++ = returned[1];
	if (capture->returns & SC_RETURN_RDX)
		*at++ = returned[0];
	event->general = (uint8_t)(at - event->words);
	if (capture->returns & (SC_RETURN_XMM0 | SC_RETURN_XMM1)) {
		sc_values_vector(vector);
		event->vector = capture->returns & SC_RETURN_XMM1 ? 2 : 1;
		*at++ = vector[0];
		if (event->vector == 2)
			*at++ = vector[1];
	}
	if (capture->returns & (SC_RETURN_ST0 | SC_RETURN_ST1)) {
		event->stack = capture->returns & SC_RETURN_ST1 ? 2 : 1;
		sc_values_x87((uint8_t *)at, event->stack);
		at += 2 * event->stack;
	}
	return at;
}

/* What arguments point to now. */
static uint64_t *put_results(const struct sc_hook_state *state, struct sc_event *event, uint64_t *at,
			     const uintptr_t returned[2])
{
	struct sc_trace_builder b;

	start_builder(&b, state->arguments, state->frame, returned);
	b.at = (char *)at;
	b.end = (char *)event + state->hook->leave_most;
	sc_trace_blobs(&b, state->hook->capture, SC_CAPTURE_LEAVE);
	return (uint64_t *)b.at;
}

void sc_trace_leave(const struct sc_hook_state *state, struct sc_hook_thread *hooks, const uintptr_t returned[2],
		    uint64_t now)
{
	const struct sc_capture *capture = state->hook->capture;
	struct sc_event *event;
	bool moved = state->owner != hooks; /* a coroutine, which has come from another thread: that one counted it */
	uint64_t *at;

	event = sc_events_begin(&hooks->events, state->hook->leave_most);
	/* Not before it has its place: a handler's calls would come ahead of it, on the depth of a call that still runs. */
	if (!moved)
		hooks->current = state->outer;
	if (!event)
		return;
	event->kind = SC_EVENT_LEAVE;
	event->vector = event->stack = 0;
	event->index = state->hook->index;
	event->depth = state->depth;
	event->call = moved ? 0 : state->call;
	event->ticks = now;
	event->detail = (uint64_t)*sc_hooks_errno();
	if (capture->returns == SC_RETURN_RAX) {
		event->general = 1;
		event->words[0] = returned[1];
		at = event->words + 1;
	} else {
		at = put_returned(event, capture, returned);
	}
	if (state->hook->keeps)
		at = put_results(state, event, at, returned);
	sc_events_end(&hooks->events, event, (uint32_t)((char *)at - (char *)event));
}

void sc_trace_inject(struct sc_hook_stack *stack, const struct sc_hook_rule *rule, const struct sc_hook_state *state,
		     struct sc_hook_thread *hooks)
{
	uint32_t most = (uint32_t)sizeof(struct sc_event) + stack_most(rule->depth);
	const struct sc_rule_inject *inject = rule->inject;
	struct sc_trace_builder b;
	struct sc_event *event;

	if (!sc_runtime.config.out)
		return;
	event = sc_events_begin(&hooks->events, most);
	if (!event)
		return;
	event->kind = SC_EVENT_INJECT;
	event->general = event->vector = event->stack = 0;
	event->index = stack->hook->index;
	event->depth = state && state->call ? state->depth : 0;
	event->ticks = stack->frame->start;
	event->call = state ? state->call : 0;
	event->detail = (uint64_t)(uint16_t)inject->error | (uint64_t)(uint16_t)inject->signal << 16 |
			(uint64_t)(inject->faults & 0xff) << 32 | (uint64_t)rule->origin << 40;
	b.at = (char *)event->words;
	b.end = (char *)event + most;
	put_stack(&b, stack, rule->depth);
	sc_events_end(&hooks->events, event, (uint32_t)(b.at - (char *)event));
}
