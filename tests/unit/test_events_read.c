/* SPDX-License-Identifier: MIT */
/*
 * The reader of events against records that are put together here, in a file that changes while it is read: open events,
 * chunks that come, are left, given back and used again; and damage.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/events_read.h"
#include "cmd/events_view.h"

enum {
	FIRST = (sizeof(struct sc_record_header) + 63) / 64 * 64,
	CHUNK = 1024,
	ROOM = CHUNK - sizeof(struct sc_record_events),
	CHUNKS = 3,
	SIZE = FIRST + CHUNKS * CHUNK,
};

struct got {
	uint64_t calls[64];
	uint32_t tids[64];
	unsigned count;
};

static unsigned char *record; /* the file, mapped as the process has it */
static char directory[] = "/tmp/test_events_XXXXXX";
static int directory_fd;

static struct sc_record_events *chunk_at(unsigned n)
{
	return (struct sc_record_events *)(record + FIRST + n * CHUNK);
}

static void setup(void)
{
	struct sc_record_header *header;
	int fd;

	memcpy(directory + sizeof(directory) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY);
	fd = openat(directory_fd, "1-1.record", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	record = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(record, MAP_FAILED);
	close(fd);
	header = (struct sc_record_header *)record;
	memcpy(header->magic, SC_RECORD_MAGIC, 8);
	header->header_size = sizeof(*header);
	header->version = 1;
	header->pid = 1;
}

static void teardown(void)
{
	munmap(record, SIZE);
	unlinkat(directory_fd, "1-1.record", 0);
	close(directory_fd);
	rmdir(directory);
}

static struct sc_record_events *put_chunk(unsigned n, uint32_t thread, uint32_t sequence)
{
	struct sc_record_events *chunk = chunk_at(n);

	chunk->chunk = (struct sc_record_chunk){ SC_RECORD_CHUNK_MAGIC, SC_RECORD_EVENTS, CHUNK };
	chunk->thread = thread;
	chunk->tid = 100 + thread;
	chunk->sequence = sequence;
	return chunk;
}

static struct sc_event *put_event(struct sc_record_events *chunk, uint64_t call, uint32_t size, uint32_t open)
{
	struct sc_event *event = (struct sc_event *)((char *)(chunk + 1) + chunk->used);

	chunk->used += size;
	event->kind = SC_EVENT_ENTER;
	event->call = call;
	event->size = size | open;
	return event;
}

static int sink(void *context, const struct sc_events_thread *thread, const struct sc_event *event)
{
	struct got *got = context;

	ck_assert(sc_event_valid(event, event->size));
	ck_assert_uint_lt(got->count, 64);
	got->tids[got->count] = thread->tid;
	got->calls[got->count++] = event->call;
	return 0;
}

static struct sc_events *open_record(unsigned mode)
{
	struct sc_events *events;
	const char *why;

	ck_assert_int_eq(sc_events_open(&events, directory_fd, "1-1.record", mode, &why), 0);
	return events;
}

/* Everything there is now, of all threads. */
static struct got take(struct sc_events *events)
{
	struct got got = { .count = 0 };
	long count;

	ck_assert_int_eq(sc_events_look(events), 0);
	for (size_t i = 0; i < sc_events_thread_count(events); i++) {
		do {
			count = sc_events_take(events, i, sink, &got);
			ck_assert_int_ge(count, 0);
		} while (count);
	}
	return got;
}

START_TEST(events_come_in_order_of_chunks_not_of_places)
{
	struct sc_events *events = open_record(0);
	struct got got;

	put_event(put_chunk(1, 1, 1), 1, 48, 0);
	put_event(put_chunk(0, 1, 2), 2, 56, 0);
	put_event(chunk_at(0), 3, 48, 0);
	put_event(put_chunk(2, 2, 1), 9, 48, 0);
	got = take(events);
	ck_assert_uint_eq(got.count, 4);
	ck_assert(got.calls[0] == 9 || (got.calls[0] == 1 && got.calls[1] == 2 && got.calls[2] == 3));
	ck_assert(got.calls[0] == 1 || (got.calls[1] == 1 && got.calls[2] == 2 && got.calls[3] == 3));
	sc_events_close(events);
}
END_TEST

START_TEST(what_comes_while_it_is_read_is_read_later)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk;
	struct got got = take(events);

	ck_assert_uint_eq(got.count, 0);
	chunk = put_chunk(0, 1, 1);
	put_event(chunk, 1, 48, 0);
	ck_assert_uint_eq(take(events).count, 1);
	ck_assert_uint_eq(take(events).count, 0);
	put_event(chunk, 2, 48, 0);
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.calls[0], 2);
	sc_events_close(events);
}
END_TEST

START_TEST(a_chunk_without_a_kind_is_looked_at_again)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);

	chunk->chunk.kind = 0;
	put_event(chunk, 1, 48, 0);
	put_event(put_chunk(1, 2, 1), 2, 48, 0);
	ck_assert_uint_eq(take(events).count, 1);
	chunk->chunk.kind = SC_RECORD_EVENTS;
	ck_assert_uint_eq(take(events).count, 1);
	sc_events_close(events);
}
END_TEST

START_TEST(an_open_event_comes_when_it_is_whole_and_holds_up_no_other)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct sc_event *open;
	struct got got;

	put_event(chunk, 1, 48, 0);
	open = put_event(chunk, 2, 64, SC_EVENT_OPEN);
	ck_assert_uint_eq(take(events).count, 1);
	put_event(chunk, 3, 48, 0); /* a signal handler's */
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.calls[0], 3);
	open->size = 64;
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.calls[0], 2);
	ck_assert_uint_eq(take(events).count, 0);
	ck_assert_uint_eq(sc_events_unfinished(events), 0);
	sc_events_close(events);
}
END_TEST

/* The writer reserves as much as an event may need, and gives back what it did not. */
START_TEST(the_last_event_may_become_smaller)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct sc_event *open = put_event(chunk, 1, 256, SC_EVENT_OPEN);
	struct got got;

	ck_assert_uint_eq(take(events).count, 0);
	chunk->used = 48;
	open->size = 48;
	put_event(chunk, 2, 48, 0);
	got = take(events);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.calls[1], 2);
	sc_events_close(events);
}
END_TEST

START_TEST(after_a_kill_what_was_not_finished_is_left_out_and_counted)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct got got;

	put_event(chunk, 1, 64, SC_EVENT_OPEN);
	put_event(chunk, 2, 48, 0);
	chunk->used += 64; /* reserved, and nothing more */
	put_event(chunk, 3, 48, 0);
	put_event(chunk, 4, 48, SC_EVENT_OPEN);
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	sc_events_ended(events);
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.calls[0], 3);
	ck_assert_uint_eq(sc_events_unfinished(events), 3);
	sc_events_close(events);
	/* The same for who comes later. */
	events = open_record(0);
	got = take(events);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(sc_events_unfinished(events), 3);
	sc_events_close(events);
}
END_TEST

START_TEST(all_that_came_in_the_place_of_zeros_is_there_at_the_end)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1), between;
	struct got got = { .count = 0 };

	put_event(chunk, 1, 48, 0);
	between = *chunk;
	chunk->used += 96; /* reserved by two, one in the middle of the other */
	put_event(chunk, 4, 48, 0);
	put_event(put_chunk(1, 1, 2), 5, 48, 0);
	ck_assert_uint_eq(take(events).count, 2);
	while (got.count == 0) /* until it is believed that nothing comes any more */
		got = take(events);
	ck_assert_uint_eq(got.calls[0], 4);
	for (uint64_t call = 2; call <= 3; call++) {
		struct sc_event *event = (struct sc_event *)((char *)(chunk + 1) + between.used);

		event->kind = SC_EVENT_ENTER;
		event->call = call;
		event->size = 48;
		between.used += 48;
	}
	sc_events_ended(events);
	ck_assert_int_eq(sc_events_look(events), 0);
	got.count = 0;
	ck_assert_int_eq(sc_events_take(events, 0, sink, &got), 2);
	ck_assert_uint_eq(got.calls[1], 3);
	ck_assert_uint_eq(sc_events_unfinished(events), 0);
	sc_events_close(events);
}
END_TEST

static void fill(struct sc_record_events *chunk, uint64_t first)
{
	for (uint64_t call = first; ROOM - chunk->used >= 48; call++)
		put_event(chunk, call, 48, 0);
	chunk->used += 48; /* the one that did not fit */
}

START_TEST(a_chunk_that_was_left_is_emptied_given_back_and_read_again)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE | SC_EVENTS_DRAIN);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct got got;

	fill(chunk, 1);
	got = take(events);
	ck_assert_uint_eq(got.count, ROOM / 48);
	ck_assert_uint_eq(chunk->drained, 0);
	put_event(put_chunk(1, 1, 2), 50, 48, 0);
	ck_assert_uint_eq(take(events).count, 1);
	ck_assert_uint_eq(chunk->drained, 1);
	for (size_t i = 0; i < ROOM; i++)
		ck_assert_uint_eq(((unsigned char *)(chunk + 1))[i], 0);
	ck_assert_uint_eq(take(events).count, 0);
	/* Another thread takes it, with the same number in its own sequence. */
	chunk->used = 0;
	chunk->drained = 0;
	put_chunk(0, 2, 1);
	put_event(chunk, 7, 48, 0);
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.calls[0], 7);
	ck_assert_uint_eq(got.tids[0], 102);
	sc_events_close(events);
}
END_TEST

START_TEST(nothing_is_emptied_that_others_will_read)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);

	fill(chunk, 1);
	put_event(put_chunk(1, 1, 2), 50, 48, 0);
	take(events);
	ck_assert_uint_eq(take(events).count, 0);
	ck_assert_uint_eq(chunk->drained, 0);
	sc_events_close(events);
}
END_TEST

START_TEST(an_open_event_keeps_its_chunk_from_being_given_back)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE | SC_EVENTS_DRAIN);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct sc_event *open = put_event(chunk, 1, 48, SC_EVENT_OPEN);

	fill(chunk, 2);
	put_event(put_chunk(1, 1, 2), 50, 48, 0);
	take(events);
	ck_assert_uint_eq(chunk->drained, 0);
	open->size = 48;
	ck_assert_uint_eq(take(events).count, 1);
	take(events);
	ck_assert_uint_eq(chunk->drained, 1);
	sc_events_close(events);
}
END_TEST

START_TEST(a_thread_goes_on_where_another_has_ended)
{
	struct sc_events *events = open_record(0);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct sc_event *other;
	struct got got;

	put_event(chunk, 1, 48, 0);
	other = put_event(chunk, 0, 48, 0);
	other->kind = SC_EVENT_THREAD;
	other->detail = 555 | 2ull << 32;
	put_event(chunk, 1, 48, 0);
	got = take(events);
	ck_assert_uint_eq(got.count, 3);
	ck_assert_uint_eq(got.tids[0], 101);
	ck_assert_uint_eq(got.tids[2], 555);
	sc_events_close(events);
}
END_TEST

START_TEST(what_was_dropped_is_counted_once)
{
	struct sc_events *events = open_record(SC_EVENTS_LIVE);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);

	chunk->dropped = 3;
	take(events);
	take(events);
	ck_assert_uint_eq(sc_events_dropped(events), 3);
	chunk->dropped = 5;
	((struct sc_record_header *)record)->events_dropped = 2;
	take(events);
	ck_assert_uint_eq(sc_events_dropped(events), 7);
	sc_events_close(events);
}
END_TEST

static const struct {
	uint32_t size;
	uint8_t kind, general, vector, stack;
} spoiled[] = {
	{ 47, 1, 0, 0, 0 }, { 52, 1, 0, 0, 0 }, { 8, 1, 0, 0, 0 }, { SC_EVENT_MOST + 8, 1, 0, 0, 0 },
	{ ROOM, 1, 0, 0, 0 }, { 48, 0, 0, 0, 0 }, { 48, 9, 0, 0, 0 }, { 40, 1, 1, 0, 0 }, { 40, 1, 0, 1, 0 },
	{ 40, 1, 0, 0, 1 }, { 48, 1, 255, 255, 255 }, { 64, 2, 3, 0, 0 }, { 96, 2, 0, 0, 3 }, { 48, 2, 0, 0, 1 },
};

START_TEST(damaged_events_are_left_out_and_said)
{
	struct sc_events *events = open_record(0);
	struct sc_record_events *chunk = put_chunk(0, 1, 1);
	struct sc_event *bad;
	struct got got;

	put_event(chunk, 1, 48, 0);
	bad = put_event(chunk, 2, spoiled[_i].size == ROOM ? 48 : (spoiled[_i].size + 7) / 8 * 8 % 512, 0);
	bad->size = spoiled[_i].size;
	bad->kind = spoiled[_i].kind;
	bad->general = spoiled[_i].general;
	bad->vector = spoiled[_i].vector;
	bad->stack = spoiled[_i].stack;
	got = take(events);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_str_eq(sc_events_damage(events), "events");
	ck_assert_uint_ge(sc_events_unfinished(events), 1);
	sc_events_close(events);
}
END_TEST

START_TEST(a_record_cut_anywhere_gives_what_is_left)
{
	fill(put_chunk(0, 1, 1), 1);
	fill(put_chunk(1, 1, 2), 1);
	for (size_t size = 0; size < SIZE; size += 7) {
		unsigned char *copy = malloc(size ? size : 1);
		struct got got = { .count = 0 };
		struct sc_events *events;
		const char *why;

		memcpy(copy, record, size);
		if (sc_events_open_bytes(&events, copy, size, &why)) {
			ck_assert_uint_lt(size, sizeof(struct sc_record_header));
		} else {
			got = take(events);
			ck_assert_uint_le(got.count, 2 * ROOM / 48);
			sc_events_close(events);
		}
		free(copy);
	}
}
END_TEST

START_TEST(blobs_end_where_the_event_ends)
{
	_Alignas(8) unsigned char bytes[96] = { 0 };
	struct sc_event *event = (struct sc_event *)bytes;
	struct sc_blob *blob = (struct sc_blob *)(bytes + 48);
	struct sc_blob_view view;
	size_t offset;

	*event = (struct sc_event){ .size = 96, .kind = SC_EVENT_ENTER, .general = 1 };
	ck_assert(sc_event_valid(event, 96));
	ck_assert_uint_eq(sc_event_words(event).blobs, 48);
	*blob = (struct sc_blob){ .kind = SC_BLOB_STRING, .argument = 3, .length = 40 };
	ck_assert(sc_event_find_blob(event, 3, 1u << SC_BLOB_STRING, &view));
	ck_assert_uint_eq(view.length, 40);
	ck_assert(!sc_event_find_blob(event, 2, 1u << SC_BLOB_STRING, &view));
	ck_assert(!sc_event_find_blob(event, 3, 1u << SC_BLOB_BYTES, &view));
	blob->length = 41;
	ck_assert(!sc_event_find_blob(event, 3, 1u << SC_BLOB_STRING, &view));
	blob->length = UINT32_MAX;
	offset = 48;
	ck_assert(!sc_event_next_blob(event, &offset, &view));
	blob->kind = 0;
	blob->length = 0;
	ck_assert(!sc_event_next_blob(event, &offset, &view));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("events_read");
	TCase *tests = tcase_create("reader");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, events_come_in_order_of_chunks_not_of_places);
	tcase_add_test(tests, what_comes_while_it_is_read_is_read_later);
	tcase_add_test(tests, a_chunk_without_a_kind_is_looked_at_again);
	tcase_add_test(tests, an_open_event_comes_when_it_is_whole_and_holds_up_no_other);
	tcase_add_test(tests, the_last_event_may_become_smaller);
	tcase_add_test(tests, after_a_kill_what_was_not_finished_is_left_out_and_counted);
	tcase_add_test(tests, all_that_came_in_the_place_of_zeros_is_there_at_the_end);
	tcase_add_test(tests, a_chunk_that_was_left_is_emptied_given_back_and_read_again);
	tcase_add_test(tests, nothing_is_emptied_that_others_will_read);
	tcase_add_test(tests, an_open_event_keeps_its_chunk_from_being_given_back);
	tcase_add_test(tests, a_thread_goes_on_where_another_has_ended);
	tcase_add_test(tests, what_was_dropped_is_counted_once);
	tcase_add_loop_test(tests, damaged_events_are_left_out_and_said, 0, sizeof(spoiled) / sizeof(spoiled[0]));
	tcase_add_test(tests, a_record_cut_anywhere_gives_what_is_left);
	tcase_add_test(tests, blobs_end_where_the_event_ends);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
