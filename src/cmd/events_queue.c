/* SPDX-License-Identifier: MIT */
/* Owns the queues of events that wait for their turn. Called by events_merge.c and events_process.c. */
#include "cmd/events_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_KEPT 65536

int sc_queue_put(struct sc_queue *queue, uint64_t time, const struct sc_event *event)
{
	size_t size = sizeof(time) + event->size;

	if (queue->head && queue->room - queue->tail < size) {
		memmove(queue->bytes, queue->bytes + queue->head, queue->tail - queue->head);
		queue->tail -= queue->head;
		queue->head = 0;
	}
	if (queue->room - queue->tail < size) {
		size_t room = queue->room ? queue->room : 4096;
		unsigned char *grown;

		while (room - queue->tail < size)
			room *= 2;
		grown = realloc(queue->bytes, room);
		if (!grown)
			return -ENOMEM;
		queue->bytes = grown;
		queue->room = room;
	}
	memcpy(queue->bytes + queue->tail, &time, sizeof(time));
	memcpy(queue->bytes + queue->tail + sizeof(time), event, event->size);
	queue->tail += size;
	return 0;
}

bool sc_queue_empty(const struct sc_queue *queue)
{
	return queue->head == queue->tail;
}

uint64_t sc_queue_time(const struct sc_queue *queue)
{
	uint64_t time;

	memcpy(&time, queue->bytes + queue->head, sizeof(time));
	return time;
}

const struct sc_event *sc_queue_first(const struct sc_queue *queue)
{
	return (const struct sc_event *)(queue->bytes + queue->head + sizeof(uint64_t));
}

void sc_queue_remove(struct sc_queue *queue)
{
	queue->head += sizeof(uint64_t) + sc_queue_first(queue)->size;
	if (queue->head < queue->tail)
		return;
	queue->head = queue->tail = 0;
	if (queue->room > ROOM_KEPT)
		sc_queue_shrink(queue);
}

void sc_queue_shrink(struct sc_queue *queue)
{
	free(queue->bytes);
	queue->bytes = NULL;
	queue->head = queue->tail = queue->room = 0;
}

void sc_queue_free(struct sc_queue *queue)
{
	sc_queue_shrink(queue);
	free(queue);
}

static bool before(const struct sc_queue *a, const struct sc_queue *b)
{
	return sc_queue_time(a) < sc_queue_time(b);
}

int sc_queue_heap_add(struct sc_queue_heap *heap, struct sc_queue *queue)
{
	size_t at = heap->count;

	if (sc_report_grow(&heap->queues, heap->count, sizeof(struct sc_queue *)))
		return -ENOMEM;
	heap->count++;
	while (at > 0 && before(queue, heap->queues[(at - 1) / 2])) {
		heap->queues[at] = heap->queues[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap->queues[at] = queue;
	queue->in_heap = true;
	return 0;
}

void sc_queue_heap_first_changed(struct sc_queue_heap *heap)
{
	struct sc_queue *moving = heap->queues[0];
	size_t at = 0;

	if (sc_queue_empty(moving)) {
		moving->in_heap = false;
		moving = heap->queues[--heap->count];
		if (heap->count == 0)
			return;
	}
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < heap->count && before(heap->queues[child + 1], heap->queues[child]))
			child++;
		if (child >= heap->count || !before(heap->queues[child], moving))
			break;
		heap->queues[at] = heap->queues[child];
		at = child;
	}
	heap->queues[at] = moving;
}

void sc_queue_heap_release(struct sc_queue_heap *heap)
{
	free(heap->queues);
	*heap = (struct sc_queue_heap){ 0 };
}
