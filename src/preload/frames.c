/* SPDX-License-Identifier: MIT */
/*
 * Owns the shadow frames: each thread's list of them, and finding those whose call will never return. Does not own their
 * memory (frame_memory.c).
 *
 * A frame is taken by a stub and given back by leave.S. Between them it is found by where the call returns to, not through
 * a stack of frames, so calls may end in any order (coroutines). A call that ends by longjmp or by an
 * exception never gives its frame back. Such a frame is known by its stack word: the address at
 * which the original's return address was pushed. When a later call begins with the same stack word, the memory of
 * the earlier one is gone, on whatever stack it was: the earlier call is dead. There is one exception. An original
 * may end in a jump to another target (a tail call), whose stub then finds the trampoline of the first stub's frame as its
 * return address:
 *
 *	caller -> stub A, frame F -> a -> jmp -> stub B, frame G -> b
 *	           F.stack == G.stack, G.return_address == F's trampoline
 *
 * so of the frames with one stack word, the latest and the chain that leads on from it are alive. Addresses
 * alone prove nothing more: a stack may lie inside another one (sigaltstack, makecontext on an array), so "below
 * the stack pointer" is not "dead".
 *
 * That bounds what is abandoned by the number of different stack depths at which it happens.
 *
 * Called from threads.c, inside intercepted calls.
 */
#include "preload/threads.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/frame_memory.h"
#include "x86_64/local_add.h"

#define PAGE 4096
#define PAIRS_FROM 512 /* frames, from which on duplicates among frames are looked for */
#define DOUBLE_MOST ((size_t)1 << 20) /* bytes */
#define MARK ((uintptr_t)0xff << SC_FRAME_MARK_SHIFT)

struct sc_frame_chunk {
	struct sc_frame_chunk *next;
	size_t count;
	size_t reserved[6]; /* frames are aligned to cache lines */
	struct sc_frame frames[];
};

_Static_assert(sizeof(struct sc_frame_chunk) == 64, "frames are aligned to cache lines");

/* A signal handler may take and give back frames between any two of our instructions; all that is relied
 * upon is that `first`..`last` are ours and that the head is the one last->next names. */
static void list_push(struct sc_thread *thread, struct sc_frame *first, struct sc_frame *last)
{
	struct sc_frame *head = __atomic_load_n(&thread->free, __ATOMIC_RELAXED);

	do
		last->next = head;
	while (!__atomic_compare_exchange_n(&thread->free, &head, first, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
}

/*
 * Frames go onto the list a page at a time: each page is touched here for the first time, and until the thread has frames
 * every signal handler that comes in gets itself a chunk, too. With a timer that is quicker than the faults of a large chunk,
 * that would never end.
 */
void sc_frames_add(struct sc_thread *thread, void *memory, size_t size)
{
	struct sc_frame_chunk *chunk = memory;
	struct sc_frame_chunk *head = __atomic_load_n(&thread->chunks, __ATOMIC_RELAXED);
	size_t count = (size - sizeof(*chunk)) / sizeof(chunk->frames[0]), first = 0;

	chunk->count = count;
	do
		chunk->next = head;
	while (!__atomic_compare_exchange_n(&thread->chunks, &head, chunk, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	__atomic_fetch_add(&thread->frames, (uint32_t)count, __ATOMIC_RELAXED);
	for (size_t i = 0; i < count; i++) {
		chunk->frames[i].trampoline = sc_frame_memory_trampoline(&chunk->frames[i]);
		if (i + 1 < count && (uintptr_t)&chunk->frames[i + 1] % PAGE != 0) {
			chunk->frames[i].next = &chunk->frames[i + 1];
			continue;
		}
		list_push(thread, &chunk->frames[first], &chunk->frames[i]);
		first = i + 1;
	}
}

static int grow(struct sc_thread *thread, size_t size)
{
	size_t had = 0;

	while (had < size) {
		size_t piece = (size - had + SC_FRAME_MEMORY_LEAST - 1) & ~(size_t)(SC_FRAME_MEMORY_LEAST - 1);
		void *memory = sc_frame_memory_take(&piece);

		if (!memory)
			break;
		sc_frames_add(thread, memory, piece);
		had += piece;
	}
	return had ? 0 : -ENOMEM;
}

/* Both change the stack word by compare-and-swap, since a signal handler may be reclaiming, too, and have given the frame
 * to a call of its own: each frame is freed once, and only what is in use is marked. */
static bool frame_free(struct sc_thread *thread, struct sc_frame *frame, uintptr_t word)
{
	if (!__atomic_compare_exchange_n(&frame->stack, &word, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	list_push(thread, frame, frame);
	return true;
}

static bool frame_mark(struct sc_frame *frame, uintptr_t stack, uintptr_t mark)
{
	uintptr_t word = __atomic_load_n(&frame->stack, __ATOMIC_RELAXED);

	return (word & ~MARK) == stack && (word & MARK) != mark &&
	       __atomic_compare_exchange_n(&frame->stack, &word, stack | mark, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* A mark that frames were not given by the last looks. One that is left from the 255th look before keeps its frame from
 * being freed by this one. */
static uintptr_t new_mark(struct sc_thread *thread)
{
	uint32_t look = __atomic_fetch_add(&thread->looks, 1, __ATOMIC_RELAXED);

	return (uintptr_t)(look % 255 + 1) << SC_FRAME_MARK_SHIFT;
}

/* Marks the frames of the calls that tail-called their way to a call with this return address. */
static void mark_chain(uintptr_t return_address, uintptr_t stack, uintptr_t mark)
{
	struct sc_frame *frame;

	while ((frame = sc_frame_memory_returning(return_address)) && frame_mark(frame, stack, mark))
		return_address = frame->return_address;
}

static size_t reclaim_at(struct sc_thread *thread, const struct sc_frame_call *call, uintptr_t mark)
{
	size_t freed = 0;

	mark_chain(call->return_address, call->stack, mark);
	for (struct sc_frame_chunk *chunk = thread->chunks; chunk; chunk = chunk->next) {
		for (size_t i = 0; i < chunk->count; i++) {
			uintptr_t word = __atomic_load_n(&chunk->frames[i].stack, __ATOMIC_RELAXED);

			if ((word & ~MARK) == call->stack && (word & MARK) != mark)
				freed += frame_free(thread, &chunk->frames[i], word);
		}
	}
	return freed;
}

struct newest {
	struct sc_frame **table;
	size_t entries; /* a power of two, more than there are frames */
};

static struct sc_frame **newest_at(const struct newest *newest, uintptr_t stack)
{
	size_t at = (stack >> 3) * 0x9e3779b97f4a7c15u >> 20 & (newest->entries - 1);

	while (newest->table[at] && sc_frame_stack(newest->table[at]) != stack)
		at = (at + 1) & (newest->entries - 1);
	return &newest->table[at];
}

/* Frees frames whose stack a later frame has, but for those in that one's chain. */
static size_t reclaim_pairs(struct sc_thread *thread, const struct newest *newest, uintptr_t mark)
{
	size_t freed = 0;

	for (struct sc_frame_chunk *chunk = thread->chunks; chunk; chunk = chunk->next) {
		for (size_t i = 0; i < chunk->count; i++) {
			struct sc_frame *frame = &chunk->frames[i], **at;
			uintptr_t stack = sc_frame_stack(frame);

			if (!stack)
				continue;
			at = newest_at(newest, stack);
			if (!*at || (*at)->start < frame->start)
				*at = frame;
		}
	}
	for (size_t i = 0; i < newest->entries; i++)
		if (newest->table[i])
			mark_chain(newest->table[i]->return_address, sc_frame_stack(newest->table[i]), mark);
	for (struct sc_frame_chunk *chunk = thread->chunks; chunk; chunk = chunk->next) {
		for (size_t i = 0; i < chunk->count; i++) {
			struct sc_frame *frame = &chunk->frames[i];
			uintptr_t word = __atomic_load_n(&frame->stack, __ATOMIC_RELAXED);
			const struct sc_frame *latest = word ? *newest_at(newest, word & ~MARK) : NULL;

			if (latest && latest->start > frame->start && (word & MARK) != mark)
				freed += frame_free(thread, frame, word);
		}
	}
	return freed;
}

static size_t reclaim(struct sc_thread *thread, const struct sc_frame_call *call)
{
	uintptr_t mark = new_mark(thread);
	size_t freed = reclaim_at(thread, call, mark);
	struct newest newest = { .entries = 2 * PAIRS_FROM };
	void *table;

	if (freed || thread->frames < PAIRS_FROM)
		return freed;
	while (newest.entries < 2 * (size_t)thread->frames)
		newest.entries *= 2;
	table = sc_sys_mmap(NULL, newest.entries * sizeof(newest.table[0]), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		return 0;
	newest.table = table;
	mark = new_mark(thread);
	/* The call that is about to begin has no frame yet, but its chain is alive. */
	mark_chain(call->return_address, call->stack, mark);
	freed = reclaim_pairs(thread, &newest, mark);
	sc_sys_munmap(table, newest.entries * sizeof(newest.table[0]));
	return freed;
}

/* Twice as many as there are; a quarter more, when they are many, since all threads share what there is. Each growth follows
 * a search among all frames of the thread. */
static size_t growth(const struct sc_thread *thread)
{
	size_t size = thread->frames * sizeof(struct sc_frame);

	if (size > DOUBLE_MOST)
		size /= 4;
	return size < PAGE ? PAGE : (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

int sc_frames_provide(struct sc_thread *thread, const struct sc_frame_call *call)
{
	size_t freed;
	int r;

	/* There was nothing to be had: a search among all frames is not made for each call. */
	if (thread->refused) {
		thread->refused--;
		return -ENOMEM;
	}
	/* A handler that has interrupted a search does not begin another, or a timer that is quicker than the search would
	 * never let one end. What it has interrupted may never be gone on with: the next may search again. */
	if (!sc_local_replace_32(&thread->searching, 0, 1)) {
		thread->searching = 0;
		return grow(thread, PAGE);
	}
	freed = reclaim(thread, call);
	thread->searching = 0;
	if (freed || sc_frames_any(thread))
		return 0;
	r = grow(thread, growth(thread));
	if (r < 0)
		thread->refused = thread->frames;
	return r;
}
