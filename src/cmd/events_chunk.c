/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of events from chunks, each where the last reading ended. Does not own the finding of chunks
 * (events_read.c). Called by it and by events_process.c.
 *
 * While the process writes, what is read is read twice, and only what was the same both times, from the beginning on,
 * is looked at: what a copy took of an event before its size was stored differs the second time. An event that is open
 * is passed by once something was written behind it (until then it may become smaller), noted, and looked at again, so
 * that one which a signal handler interrupted does not hold up those the handler makes; and one that is never finished
 * holds up nothing.
 *
 *	| event | event | open, noted | event | zeros, or the last one open: here the next reading begins |
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/events_internal.h"
#include "cmd/events_view.h"

#define CHUNK_MOST ((uint64_t)256 << 20)
#define THREADS_MOST (4u << 20)
/* How long the end of a chunk has to be empty before it is believed that nothing is on its way there. */
#define SETTLE_NS 50000000u

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool live(const struct sc_events *events)
{
	return events->mode & SC_EVENTS_LIVE && !events->ended;
}

static uint64_t room_of(const struct sc_events_chunk *chunk)
{
	return chunk->size - sizeof(struct sc_record_events);
}

static uint64_t limit_of(const struct sc_events_chunk *chunk)
{
	return (chunk->used < room_of(chunk) ? chunk->used : room_of(chunk)) & ~(uint64_t)7;
}

/* ---- chunks and their threads ---- */

static int by_sequence(const void *a, const void *b, void *context)
{
	const struct sc_events *events = context;
	const struct sc_events_chunk *first = &events->chunks[*(const size_t *)a];
	const struct sc_events_chunk *second = &events->chunks[*(const size_t *)b];

	if (first->sequence != second->sequence)
		return first->sequence < second->sequence ? -1 : 1;
	return first->offset < second->offset ? -1 : 1;
}

/* The place in events->numbers for a thread's number. NULL: no memory. */
static uint32_t *number_of(struct sc_events *events, uint32_t thread)
{
	if (thread >= events->number_count) {
		uint32_t count = thread + 64, *grown = reallocarray(events->numbers, count, sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + events->number_count, 0, (count - events->number_count) * sizeof(*grown));
		events->numbers = grown;
		events->number_count = count;
	}
	return &events->numbers[thread];
}

static struct sc_events_follow *thread_of(struct sc_events *events, const struct sc_events_thread *thread)
{
	uint32_t *number = number_of(events, thread->thread);

	if (number && *number == 0) {
		if (sc_report_grow(&events->threads, events->thread_count, sizeof(*events->threads)))
			return NULL;
		events->threads[events->thread_count++] = (struct sc_events_follow){ .thread = *thread };
		*number = (uint32_t)events->thread_count;
	}
	return number ? &events->threads[*number - 1] : NULL;
}

static int assign(struct sc_events *events)
{
	for (size_t i = 0; i < events->thread_count; i++)
		events->threads[i].chunk_count = 0;
	for (size_t i = 0; i < events->chunk_count; i++) {
		struct sc_events_follow *thread;

		if (events->chunks[i].sequence == 0)
			continue;
		if (events->chunks[i].thread.thread > THREADS_MOST) {
			sc_events_damaged(events, "events");
			continue;
		}
		thread = thread_of(events, &events->chunks[i].thread);
		if (!thread || sc_report_grow(&thread->chunks, thread->chunk_count, sizeof(*thread->chunks)))
			return -ENOMEM;
		thread->chunks[thread->chunk_count++] = i;
	}
	for (size_t i = 0; i < events->thread_count; i++)
		if (events->threads[i].chunk_count)
			qsort_r(events->threads[i].chunks, events->threads[i].chunk_count, sizeof(size_t), by_sequence, events);
	return 0;
}

/* Whether it is another thread's now, or another part of the same thread's events. */
static bool look_at(struct sc_events *events, struct sc_events_chunk *chunk)
{
	struct sc_record_events now;
	bool changed;

	if (sc_events_read_at(events, &now, sizeof(now), chunk->offset) != (long)sizeof(now))
		return false;
	changed = now.sequence != chunk->sequence || now.thread != chunk->thread.thread;
	/* Given back, and nobody has taken it yet. */
	if (chunk->drained && !changed && now.drained == now.sequence)
		return false;
	if (chunk->drained || changed) {
		chunk->drained = chunk->damaged = false;
		chunk->at = chunk->open_count = 0;
		chunk->waiting = 0;
		chunk->dropped = 0;
		chunk->tid = now.tid;
	}
	if (chunk->at == 0)
		chunk->tid = now.tid;
	if (now.dropped > chunk->dropped)
		events->dropped += now.dropped - chunk->dropped;
	chunk->dropped = now.dropped;
	chunk->used = now.used;
	chunk->sequence = now.sequence;
	chunk->thread = (struct sc_events_thread){ .thread = now.thread, .tid = now.tid };
	return changed;
}

int sc_events_look_at_chunks(struct sc_events *events)
{
	bool changed = false;

	for (size_t i = 0; i < events->chunk_count; i++)
		changed |= look_at(events, &events->chunks[i]);
	return changed ? assign(events) : 0;
}

/* ---- events ---- */

/* Both halves of the buffer are of at least this size afterwards. */
static int want_buffer(struct sc_events *events, size_t size)
{
	unsigned char *grown;

	if (size <= events->buffer_size)
		return 0;
	grown = realloc(events->buffer, 2 * size);
	if (!grown)
		return -ENOMEM;
	events->buffer = grown;
	events->buffer_size = size;
	return 0;
}

/* Bytes from `offset` on that stay as they are, at events->buffer; as many as there are of size. */
static long fetch(struct sc_events *events, uint64_t offset, size_t size)
{
	unsigned char *again;
	long n, m, same = 0;

	if (want_buffer(events, size))
		return -ENOMEM;
	n = sc_events_read_at(events, events->buffer, size, offset);
	if (n <= 0 || !live(events))
		return n;
	again = events->buffer + events->buffer_size;
	m = sc_events_read_at(events, again, (size_t)n, offset);
	if (m < n)
		n = m;
	if (n > 0 && memcmp(events->buffer, again, (size_t)n) == 0)
		return n;
	while (same < n && events->buffer[same] == again[same])
		same++;
	return same & ~7L;
}

static uint64_t word_at(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static bool note_open(struct sc_events *events, struct sc_events_chunk *chunk, uint64_t at, uint64_t end)
{
	if (!live(events)) {
		events->unfinished++;
		return true;
	}
	if (chunk->open_count == SC_EVENTS_OPEN_MOST)
		return false;
	chunk->open[chunk->open_count++] = (struct sc_events_open_event){ .at = at, .end = end };
	return true;
}

static void spoil(struct sc_events *events, struct sc_events_chunk *chunk)
{
	chunk->damaged = true;
	events->unfinished++;
	sc_events_damaged(events, "events");
}

static int give(struct sc_events *events, struct sc_events_chunk *chunk, const unsigned char *at, uint32_t size,
		sc_events_sink sink, void *context, long *count)
{
	struct sc_events_thread thread = chunk->thread;
	int r;

	if (!sc_event_valid(at, size)) {
		events->unfinished++;
		sc_events_damaged(events, "events");
		return 0;
	}
	/* Another thread goes on where the one before has ended. */
	if (((const struct sc_event *)at)->kind == SC_EVENT_THREAD)
		chunk->tid = (uint32_t)((const struct sc_event *)at)->detail;
	thread.tid = chunk->tid;
	r = sink(context, &thread, (const struct sc_event *)at);
	if (r == 0)
		++*count;
	return r;
}

/* Zeros from p on: where the next event begins, or n. */
static size_t behind_zeros(const unsigned char *data, size_t p, size_t n)
{
	while (n - p >= 8 && word_at(data + p) == 0)
		p += 8;
	return n - p < 8 ? n : p;
}

/* Whether the event at p may be passed by although it is open: it keeps its size when something was written behind it. */
static bool keeps_size(const unsigned char *data, size_t p, uint32_t size, size_t n)
{
	return n - p >= size + 8u && word_at(data + p + size) != 0;
}

/*
 * What to do at p, where no whole event begins. Returns where to go on, or p: here the next reading begins.
 * finished: nothing is on its way into this chunk any more.
 */
static size_t pass_by(struct sc_events *events, struct sc_events_chunk *chunk, size_t p, size_t n, bool finished)
{
	const unsigned char *data = events->buffer;
	uint32_t size = (uint32_t)word_at(data + p), plain = size & ~SC_EVENT_OPEN;
	uint64_t left = room_of(chunk) - chunk->at - p;
	size_t q;

	if (word_at(data + p) == 0) {
		q = behind_zeros(data, p, n);
		if (!finished || q == n || !note_open(events, chunk, chunk->at + p, chunk->at + q))
			return p;
		return q;
	}
	if (plain < sizeof(struct sc_event) || plain % 8 || plain > SC_EVENT_MOST || plain > left) {
		/* Live it may be what is left of an event that was made smaller, where the size is about to be stored. */
		if (finished)
			spoil(events, chunk);
		return p;
	}
	if (size == plain) /* it is whole, but not all of it was read */
		return p;
	if (finished ? plain > n - p : !keeps_size(data, p, plain, n))
		return p;
	return note_open(events, chunk, chunk->at + p, chunk->at + p + plain) ? p + plain : p;
}

static bool whole_at(const unsigned char *at, size_t n)
{
	uint32_t size = (uint32_t)word_at(at);

	return size >= sizeof(struct sc_event) && size % 8 == 0 && size <= SC_EVENT_MOST && size <= n;
}

/* Takes what is whole of the n bytes in the buffer, which lie at chunk->at. */
static int take_buffer(struct sc_events *events, struct sc_events_chunk *chunk, size_t n, bool finished,
		       sc_events_sink sink, void *context, long *count)
{
	size_t p = 0;
	int r = 0;

	while (r == 0 && n - p >= 8) {
		const unsigned char *at = events->buffer + p;

		if (whole_at(at, n - p)) {
			r = give(events, chunk, at, (uint32_t)word_at(at), sink, context, count);
			p += (uint32_t)word_at(at);
		} else {
			size_t next = pass_by(events, chunk, p, n, finished);

			if (next == p)
				break;
			p = next;
		}
	}
	chunk->at += p;
	return r;
}

/* One that was passed by: what there is of it now; of zeros, all the events that came in their place. */
static int look_again(struct sc_events *events, struct sc_events_chunk *chunk, struct sc_events_open_event *open,
		      sc_events_sink sink, void *context, long *count)
{
	int r = 0;

	while (r == 0 && open->at < open->end) {
		uint64_t offset = chunk->offset + sizeof(struct sc_record_events) + open->at;
		long n = fetch(events, offset, (size_t)(open->end - open->at));

		if (n < 8)
			return n < 0 ? (int)n : 0;
		if (!whole_at(events->buffer, (size_t)n)) {
			if (!live(events)) {
				events->unfinished++;
				open->at = open->end;
			}
			return 0;
		}
		open->at += (uint32_t)word_at(events->buffer);
		r = give(events, chunk, events->buffer, (uint32_t)word_at(events->buffer), sink, context, count);
	}
	return r;
}

static int look_again_at_open(struct sc_events *events, struct sc_events_chunk *chunk, sc_events_sink sink, void *context,
			      long *count)
{
	unsigned kept = 0;
	int r = 0;

	for (unsigned i = 0; i < chunk->open_count; i++) {
		if (r == 0)
			r = look_again(events, chunk, &chunk->open[i], sink, context, count);
		if (chunk->open[i].at < chunk->open[i].end)
			chunk->open[kept++] = chunk->open[i];
	}
	chunk->open_count = kept;
	return r;
}

/* Whether its thread writes nothing to it any more; `left`: it writes to another one. */
static bool settled(struct sc_events_chunk *chunk, bool left)
{
	uint64_t now;

	if (!left || chunk->open_count)
		return false;
	if (chunk->damaged || limit_of(chunk) <= chunk->at || limit_of(chunk) - chunk->at < sizeof(struct sc_event))
		return true;
	now = now_ns();
	if (chunk->waiting == 0)
		chunk->waiting = now;
	return now - chunk->waiting > SETTLE_NS;
}

static int zero(const struct sc_events *events, uint64_t offset, uint64_t size)
{
	static const unsigned char zeros[65536];

	while (size) {
		size_t part = size < sizeof(zeros) ? (size_t)size : sizeof(zeros);
		ssize_t n = pwrite(events->fd, zeros, part, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

/* A failure is no matter: the process then looks for it later. */
static void pwrite_quietly(int fd, const void *data, size_t size, off_t offset)
{
	ssize_t n = pwrite(fd, data, size, offset);

	(void)n;
}

/* When this fails the process merely gets no chunk back. */
static void give_back(struct sc_events *events, struct sc_events_chunk *chunk)
{
	uint64_t start = chunk->offset + sizeof(struct sc_record_events);
	uint64_t drained = chunk->offset + offsetof(struct sc_record_events, drained);

	chunk->drained = zero(events, start, limit_of(chunk)) == 0 &&
			 pwrite(events->fd, &chunk->sequence, sizeof(chunk->sequence), (off_t)drained) ==
				 (ssize_t)sizeof(chunk->sequence);
	events->given_back++;
	pwrite_quietly(events->fd, &events->given_back, sizeof(events->given_back),
		       offsetof(struct sc_record_header, events_drained));
	/* Not to be tried again at every reading. */
	if (!chunk->drained)
		events->mode &= ~(unsigned)SC_EVENTS_DRAIN;
}

static long take_chunk(struct sc_events *events, struct sc_events_chunk *chunk, bool left, sc_events_sink sink,
		       void *context)
{
	bool finished = !live(events) || settled(chunk, left);
	uint64_t limit = limit_of(chunk), start = chunk->offset + sizeof(struct sc_record_events) + chunk->at;
	long n, count = 0;
	int r = 0;

	if (chunk->drained || chunk->sequence == 0)
		return 0;
	if (chunk->open_count)
		r = look_again_at_open(events, chunk, sink, context, &count);
	if (r == 0 && !chunk->damaged && limit > chunk->at && start < events->size) {
		uint64_t size = limit - chunk->at < CHUNK_MOST ? limit - chunk->at : CHUNK_MOST;

		size = size < events->size - start ? size : events->size - start;
		n = fetch(events, start, (size_t)size);
		r = n < 0 ? (int)n : take_buffer(events, chunk, (size_t)n, finished, sink, context, &count);
	}
	if (r == 0 && events->mode & SC_EVENTS_DRAIN && live(events) && finished && settled(chunk, left))
		give_back(events, chunk);
	return r < 0 ? r : count;
}

size_t sc_events_thread_count(const struct sc_events *events)
{
	return events->thread_count;
}

long sc_events_take(struct sc_events *events, size_t n, sc_events_sink sink, void *context)
{
	struct sc_events_follow *thread = &events->threads[n];
	bool step = !(events->mode & SC_EVENTS_LIVE);
	long count = 0;

	for (size_t i = step ? thread->next : 0; i < thread->chunk_count; i++) {
		long got = take_chunk(events, &events->chunks[thread->chunks[i]], i + 1 < thread->chunk_count, sink, context);

		if (got < 0)
			return got;
		count += got;
		thread->next = i + 1;
		if (step && count)
			break;
	}
	return count;
}
