/* SPDX-License-Identifier: MIT */
/*
 * Chunks of events that a reader has emptied, and who has them then: any thread, unless a handler has interrupted, between
 * two instructions, a call that is about to take room in one.
 */
#include "record_suite.h"

#include "preload/events.h"

#define SIZE 64u

static struct sc_events events, others;

/* Of two threads, as hook_threads.c makes them. */
static void start(void)
{
	suite_start(STUBS);
	sc_events_adopt(&events, 1);
	sc_events_adopt(&others, 2);
}

static void write_event(struct sc_events *to)
{
	struct sc_event *event = sc_events_begin(to, SIZE);

	ck_assert_ptr_nonnull(event);
	event->kind = SC_EVENT_LEAVE;
	sc_events_end(to, event, SIZE);
}

static void write_until_left(struct sc_events *to)
{
	const struct sc_record_events *chunk = to->chunk;

	while (to->chunk == chunk)
		write_event(to);
}

/* What a live reader does with a chunk that was left. */
static void drain(struct sc_record_events *chunk)
{
	memset(chunk + 1, 0, chunk->chunk.size - sizeof(*chunk));
	__atomic_store_n(&chunk->drained, chunk->sequence, __ATOMIC_RELEASE);
	sc_chunks_header()->events_drained++;
}

START_TEST(what_a_reader_has_emptied_is_used_again_by_another_thread)
{
	struct sc_record_events *first;

	start();
	write_event(&events);
	write_event(&others);
	first = events.chunk;
	write_until_left(&events);
	drain(first);
	write_until_left(&others);
	ck_assert_ptr_eq(others.chunk, first);
}
END_TEST

START_TEST(a_chunk_that_an_interrupted_call_has_found_is_no_other_threads)
{
	struct sc_record_events *found;
	uint64_t at, room;

	start();
	write_event(&events);
	write_event(&others);
	/* As sc_events_begin does; then a handler comes in. */
	sc_events_hold();
	found = events.chunk;
	write_until_left(&events);
	drain(found);
	write_until_left(&others);
	ck_assert_ptr_ne(others.chunk, found);
	/* It goes on: there is no room, or room that is its own. */
	room = sc_events_room(found);
	at = sc_local_fetch_add(&found->used, SIZE);
	ck_assert(at + SIZE > room || found->thread == events.thread);
	sc_events_let_go();
}
END_TEST

START_TEST(the_thread_itself_uses_it_again_and_then_it_is_anyones)
{
	struct sc_record_events *found;

	start();
	write_event(&events);
	write_event(&others);
	sc_events_hold();
	found = events.chunk;
	write_until_left(&events);
	sc_events_let_go();
	drain(found);
	write_until_left(&events);
	ck_assert_ptr_eq(events.chunk, found);
	write_until_left(&events);
	drain(found);
	write_until_left(&others);
	ck_assert_ptr_eq(others.chunk, found);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, what_a_reader_has_emptied_is_used_again_by_another_thread);
	tcase_add_test(tests, a_chunk_that_an_interrupted_call_has_found_is_no_other_threads);
	tcase_add_test(tests, the_thread_itself_uses_it_again_and_then_it_is_anyones);
}

int main(void)
{
	return suite_main("events", add);
}
