/* SPDX-License-Identifier: MIT */
/*
 * Owns what fork does to a record: the child gets a file of its own, mapped where the parent's was, so
 * that the region in TLS and the displacements in stubs go on being right. Called in the child of fork, in
 * its only thread, possibly inside a signal handler.
 *
 * Of the chunks the child keeps the names and modules, the stacks with their counts at zero (calls that return in the child
 * have pointers to them), and the calling thread's region, emptied; the space of the others becomes
 * padding, or lies behind the end and is used again. Only when the handler has interrupted this very
 * code, which then holds pointers to any of them, does it keep them all.
 *
 * A call that the handler has interrupted between reserving its slot in the log and filling it fills that
 * slot in the child's empty log, where it is not awaited: at worst that costs one call its time.
 *
 * The parent's other threads go on, and its file, which the child reads, with them. So what is there is looked at once:
 * a chunk gets its storage and is written with the same figures, and what belongs to stubs that the child does not
 * know is left out, since it will give their numbers to others.
 *
 * The new segments are made complete elsewhere and then moved over the old ones, so the memory at
 * a pointer is at each moment the parent's or the child's, and is always there.
 */
#include <stddef.h>
#include <sys/mman.h>
#include <time.h>

#include "common/event.h"
#include "common/sys.h"
#include "preload/record_chunks.h"
#include "preload/record_file.h"
#include "preload/record_internal.h"
#include "preload/record_map.h"
#include "preload/record_tables.h"

struct fork {
	int fd; /* < 0: anonymous memory */
	unsigned segments;
	struct sc_segment old[SC_CHUNK_SEGMENTS];
	char *fresh[SC_CHUNK_SEGMENTS];
	uint64_t end; /* of the child's chain */
	int error;
};

static bool kept(const struct sc_record_chunk *chunk)
{
	const struct sc_record_region *region = (const struct sc_record_region *)chunk;
	const struct sc_record_names *names = (const struct sc_record_names *)chunk;
	uint32_t kind = __atomic_load_n(&chunk->kind, __ATOMIC_ACQUIRE);

	if (kind == SC_RECORD_NAMES)
		return names->first_index < sc_record_stub_count();
	if (sc_record_self.busy || kind == SC_RECORD_MODULES || kind == SC_RECORD_STACKS)
		return true;
	return kind == SC_RECORD_REGION && sc_record_self.tid && region->tid == sc_record_self.tid;
}

static void *fresh_at(const struct fork *fork, uint64_t offset)
{
	unsigned n = 0;

	while (offset - fork->old[n].offset >= fork->old[n].size)
		n++;
	return fork->fresh[n] + (offset - fork->old[n].offset);
}

static void copy_words(void *to, const void *from, size_t size)
{
	uint64_t *out = to;
	const uint64_t *in = from;

	for (size_t i = 0; i < size / sizeof(*out); i++)
		out[i] = in[i];
}

static void write_region(struct sc_record_region *to, const struct sc_record_region *from, uint32_t backed)
{
	bool ours = sc_record_self.tid && from->tid == sc_record_self.tid;

	sc_record_region_init(to, ours ? (uint32_t)sc_sys_gettid() : 0, backed);
	to->children = ours ? from->children : 0;
	if (ours && sc_record_self.busy)
		to->index = from->index;
}

/* Interrupted code goes on handing out where it was, and what it had found is what it was: but empty. */
static void write_pool(struct sc_record_pool *to, const struct sc_record_pool *from)
{
	const struct sc_record_times *times = (const struct sc_record_times *)(from + 1);
	struct sc_record_times *fresh = (struct sc_record_times *)(to + 1);

	to->used = from->used;
	if (from->chunk.kind == SC_RECORD_TIMES)
		for (uint64_t i = 0; i < sc_record_pool_count(from, from->used, sizeof(*times)); i++)
			fresh[i].index = times[i].index;
}

/* What is there has a place in its thread's table, and goes on being counted: from zero. */
static void write_stacks(struct sc_record_pool *to, const struct sc_record_pool *from, uint64_t size)
{
	uint64_t room = size - sizeof(*to), used = __atomic_load_n(&from->used, __ATOMIC_ACQUIRE), at = 0;

	to->used = used;
	used = used < room ? used : room;
	copy_words(to + 1, from + 1, used);
	while (used - at >= sizeof(struct sc_record_stack)) {
		struct sc_record_stack *stack = (struct sc_record_stack *)((char *)(to + 1) + at);

		if (stack->size > used - at)
			break;
		at += stack->size ? stack->size : sizeof(uint64_t);
		if (stack->size)
			stack->calls = stack->bytes = stack->ticks = 0;
	}
}

static void write_chunk(struct sc_record_chunk *to, const struct sc_record_chunk *chunk, uint64_t size, uint32_t backed)
{
	to->magic = SC_RECORD_CHUNK_MAGIC;
	to->size = size;
	if (to->kind == SC_RECORD_REGION) {
		write_region((struct sc_record_region *)to, (const struct sc_record_region *)chunk, backed);
	} else if (to->kind == SC_RECORD_TIMES || to->kind == SC_RECORD_HISTOGRAMS) {
		write_pool((struct sc_record_pool *)to, (const struct sc_record_pool *)chunk);
	} else if (to->kind == SC_RECORD_STACKS) {
		write_stacks((struct sc_record_pool *)to, (const struct sc_record_pool *)chunk, size);
	} else if (to->kind == SC_RECORD_NAMES || to->kind == SC_RECORD_INDEX || to->kind == SC_RECORD_MODULES) {
		copy_words(to, chunk, size);
	}
}

/* Gives a chunk of the child's chain its storage and its contents; padding where `chunk` is NULL. */
static void take_chunk(struct fork *fork, uint64_t offset, const struct sc_record_chunk *chunk, uint64_t size)
{
	uint32_t kind = chunk ? __atomic_load_n(&chunk->kind, __ATOMIC_ACQUIRE) : SC_RECORD_PADDING, backed = 0;
	uint64_t storage = size;
	struct sc_record_chunk *to;

	if (kind == SC_RECORD_PADDING) {
		storage = SC_CHUNK_ALIGNMENT;
	} else if (kind == SC_RECORD_REGION) {
		backed = __atomic_load_n(&((const struct sc_record_region *)chunk)->backed, __ATOMIC_ACQUIRE);
		storage = sc_record_region_backed(backed);
	} else if (kind == 0 && storage > sc_record_self.pending) {
		storage = sc_record_self.pending; /* the interrupted code's, or nobody's */
	}
	if (!fork->error)
		fork->error = sc_record_file_reserve(offset,
						     storage > SC_CHUNK_ALIGNMENT ? storage : SC_CHUNK_ALIGNMENT);
	if (fork->error)
		return;
	to = fresh_at(fork, offset);
	to->kind = kind;
	write_chunk(to, chunk, size, backed);
}

static void take_chunks(struct fork *fork)
{
	uint64_t at = SC_CHUNKS_FIRST, offset = at, padding = at;
	const struct sc_record_chunk *chunk;

	while ((chunk = sc_chunks_next(&at))) {
		if (kept(chunk)) {
			if (padding < offset)
				take_chunk(fork, padding, NULL, offset - padding);
			take_chunk(fork, offset, chunk, chunk->size);
			padding = at;
		}
		offset = at;
	}
	fork->end = padding;
}

static void write_header(struct fork *fork, uint32_t pid, uint64_t realtime)
{
	const struct sc_record_header *old = sc_chunks_header();
	struct sc_record_header *header = fresh_at(fork, 0);

	copy_words(header, old, sizeof(*header));
	header->forked_from = old->pid;
	header->pid = pid;
	header->parent = (uint32_t)sc_sys_getppid();
	header->state = SC_RECORD_RUNNING;
	header->last_mono = 0;
	header->last_ticks = 0;
	header->lost = 0;
	header->untimed = 0;
	header->stackless = 0;
	header->denied = 0;
	header->events_dropped = 0;
	header->executor = 0;
	for (unsigned i = 0; i < SC_UNOBSERVED_REASONS; i++)
		header->unobserved[i] = 0;
	header->used = fork->end;
	sc_record_begin(header, realtime);
	while (header->image_count > 0 && header->images[header->image_count - 1].first_index >= sc_record_stub_count())
		header->image_count--;
}

static void unmap_segments(struct fork *fork)
{
	while (fork->segments > 0) {
		fork->segments--;
		sc_sys_munmap(fork->fresh[fork->segments], fork->old[fork->segments].size);
	}
}

static bool map_segments(struct fork *fork)
{
	struct sc_segment segment;

	if (!sc_sys_may(SYS_mremap))
		return false;
	for (fork->segments = 0; sc_chunks_segment(fork->segments, &segment); fork->segments++) {
		void *fresh = sc_chunks_map(fork->fd, segment.offset, segment.size);

		if (fresh == MAP_FAILED) {
			unmap_segments(fork);
			return false;
		}
		fork->old[fork->segments] = segment;
		fork->fresh[fork->segments] = fresh;
	}
	return true;
}

static void move_segments(const struct fork *fork)
{
	for (unsigned n = 0; n < fork->segments; n++)
		sc_syscall6(SYS_mremap, (long)fork->fresh[n], (long)fork->old[n].size, (long)fork->old[n].size,
			    MREMAP_MAYMOVE | MREMAP_FIXED, (long)fork->old[n].address, 0);
}

static void make_file(struct fork *fork, uint32_t pid, uint64_t realtime)
{
	uint64_t first = SC_CHUNKS_FIRST + sc_record_region_backed(sc_record_stub_count());

	fork->fd = sc_record_file_present() ? sc_record_file_create(pid, realtime, first) : -1;
}

static void remove_file(struct fork *fork)
{
	sc_record_file_remove();
	sc_sys_close(fork->fd);
	fork->fd = -1;
}

/* What is mapped still is the parent's. */
static void note_unrecorded(void)
{
	__atomic_fetch_add(&sc_chunks_header()->unobserved[SC_UNOBSERVED_FORK - 1], 1, __ATOMIC_RELAXED);
}

/* False when there is no memory, or no storage for what the child keeps and what interrupted code is about to use. */
static bool replace_segments(struct fork *fork, uint32_t pid, uint64_t realtime)
{
	if (!map_segments(fork))
		return false;
	fork->error = 0;
	take_chunks(fork);
	if (!fork->error && sc_record_self.pending)
		fork->error = sc_record_file_reserve(fork->end, sc_record_self.pending);
	if (fork->error) {
		unmap_segments(fork);
		return false;
	}
	write_header(fork, pid, realtime);
	move_segments(fork);
	return true;
}

void sc_record_fork_child(void)
{
	uint32_t pid = (uint32_t)sc_sys_getpid();
	uint64_t realtime = sc_record_clock_ns(CLOCK_REALTIME);
	bool replaced, present = sc_record_file_present();
	struct fork fork;

	make_file(&fork, pid, realtime);
	if (present && fork.fd < 0)
		note_unrecorded();
	replaced = replace_segments(&fork, pid, realtime);
	if (!replaced && fork.fd >= 0) {
		remove_file(&fork);
		note_unrecorded();
		replaced = replace_segments(&fork, pid, realtime);
	}
	if (!replaced)
		sc_chunks_close();
	if (sc_record_self.busy)
		sc_chunks_forked(fork.fd);
	else
		sc_tables_forked();
	if (fork.fd >= 0)
		sc_sys_close(fork.fd);
	if (sc_record_self.tid)
		sc_record_self.tid = (uint32_t)sc_sys_gettid();
	sc_record_spare_forked();
}
