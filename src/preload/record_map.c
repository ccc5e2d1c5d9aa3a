/* SPDX-License-Identifier: MIT */
/*
 * Owns the header of the running process's record: starting, extending and ending it, and its clocks. Does
 * not own its memory (record_chunks.c), its regions (record_regions.c), nor what fork does to it
 * (record_fork.c). Called by the constructor, at dlopen, at each fold, and when the process ends.
 *
 *	0         1984      2112            18496                 the first page and the one with the counts
 *	| header  | region  | log           | counts ...          are all that a short process touches
 */
#include "preload/record_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <time.h>

#include "common/sys.h"
#include "preload/record_chunks.h"
#include "preload/record_file.h"
#include "preload/record_internal.h"
#include "preload/hot.h"

#define CAPACITY_MORE 8192
#define CAPACITY_MOST (1u << 26)
#define PREPARED_ROOM ((uint64_t)1 << 20)
#define STAMP_TICKS (1u << 30) /* a third of a second or so by TSC, a second by the other clock */

static struct {
	uint32_t stub_count;
	uint32_t capacity;
	uint32_t stamping;
	uint64_t (*ticks)(void);
	bool (*noticed)(void);
} map SC_HOT;

uint32_t sc_record_stub_count(void)
{
	return __atomic_load_n(&map.stub_count, __ATOMIC_SEQ_CST);
}

uint32_t sc_record_capacity(void)
{
	return map.capacity;
}

uint64_t sc_record_ticks(void)
{
	return map.ticks();
}

void sc_record_look(void)
{
	if (map.noticed && sc_chunks_header()->pid != (uint32_t)sc_sys_getpid())
		map.noticed();
}

uint64_t sc_record_clock_ns(int clock)
{
	struct timespec now = { 0, 0 };

	sc_syscall2(SYS_clock_gettime, clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void sc_record_stamp(bool now)
{
	struct sc_record_header *header = sc_chunks_header();
	uint64_t mono, ticks = map.ticks();

	if (!now && ticks - (header->last_mono ? header->last_ticks : header->start_ticks) < STAMP_TICKS)
		return;
	if (__atomic_exchange_n(&map.stamping, 1, __ATOMIC_ACQUIRE) && !now)
		return;
	mono = header->clock == SC_RECORD_CLOCK_MONOTONIC ? ticks : sc_record_clock_ns(CLOCK_MONOTONIC);
	/* A reader, after SIGKILL too, must not take one half of two pairs. */
	__atomic_store_n(&header->last_mono, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&header->last_ticks, ticks, __ATOMIC_RELEASE);
	__atomic_store_n(&header->last_mono, mono, __ATOMIC_RELEASE);
	__atomic_store_n(&map.stamping, 0, __ATOMIC_RELEASE);
}

void sc_record_begin(struct sc_record_header *header, uint64_t realtime)
{
	header->start_realtime = realtime;
	header->start_mono = sc_record_clock_ns(CLOCK_MONOTONIC);
	header->start_ticks = map.ticks();
}

static void fill_header(const struct sc_record_options *options, uint64_t realtime)
{
	static const char magic[sizeof(SC_RECORD_MAGIC)] = SC_RECORD_MAGIC;
	struct sc_record_header *header = sc_chunks_header();

	header->header_size = sizeof(*header);
	header->version = 1;
	header->pid = (uint32_t)sc_sys_getpid();
	header->parent = (uint32_t)sc_sys_getppid();
	header->state = SC_RECORD_RUNNING;
	header->clock = options->clock;
	sc_record_begin(header, realtime);
	header->used = SC_CHUNKS_FIRST;
	for (size_t i = 0; options->program && options->program[i] && i < sizeof(header->program) - 1; i++)
		header->program[i] = options->program[i];
	/* Last: what has no magic is no record. */
	for (size_t i = 0; i < sizeof(header->magic); i++)
		__atomic_store_n(&header->magic[i], magic[i], __ATOMIC_RELEASE);
}

/* Storage and mapping for the header and the first region. */
static int start_file(const char *directory, uint64_t realtime, uint64_t page_size)
{
	uint64_t backed = SC_CHUNKS_FIRST + sc_record_region_backed(map.stub_count);
	int r = sc_record_file_directory(directory), fd;

	if (r)
		return r;
	fd = sc_record_file_create((uint32_t)sc_sys_getpid(), realtime, (backed + page_size - 1) & ~(page_size - 1));
	if (fd < 0)
		return fd;
	r = sc_chunks_start(fd, SC_CHUNKS_FIRST + sc_record_region_size(), page_size);
	if (r)
		sc_record_file_remove();
	sc_sys_close(fd);
	return r;
}

int sc_record_start(const struct sc_record_options *options)
{
	uint64_t realtime = sc_record_clock_ns(CLOCK_REALTIME), page_size = options->page_size;
	int error = 0;

	if (options->stub_count > (CAPACITY_MOST - CAPACITY_MORE) / 4)
		return -ENOMEM;
	map.stub_count = options->stub_count;
	map.capacity = 4 * options->stub_count + CAPACITY_MORE;
	map.ticks = options->ticks;
	map.noticed = options->noticed;
	if (options->directory)
		error = start_file(options->directory, realtime, page_size);
	if ((!options->directory || error) &&
	    sc_chunks_start(-1, SC_CHUNKS_FIRST + sc_record_region_size(), page_size))
		return -ENOMEM;
	fill_header(options, realtime);
	return error == -ENOMEM ? -ENOBUFS : error;
}

static bool raise_count(uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&map.stub_count, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int sc_record_extend(uint32_t stub_count)
{
	uint64_t at = SC_CHUNKS_FIRST, offset = at;
	uint32_t before = sc_record_stub_count();
	struct sc_record_chunk *chunk;
	int r = 0;

	if (stub_count > map.capacity)
		return -ENOSPC;
	/* First of all, so that a region which is made meanwhile has room for the new ones, too. */
	while (before < stub_count && !raise_count(before, stub_count))
		before = sc_record_stub_count();
	if (before >= stub_count)
		return 0;
	sc_chunks_enter();
	while (r == 0 && (chunk = sc_chunks_next(&at))) {
		if (__atomic_load_n(&chunk->kind, __ATOMIC_SEQ_CST) == SC_RECORD_REGION)
			r = sc_record_region_back((struct sc_record_region *)chunk, offset, stub_count);
		offset = at;
	}
	sc_chunks_leave();
	if (r)
		raise_count(stub_count, before);
	return r;
}

void sc_record_lost(uint64_t calls)
{
	__atomic_fetch_add(&sc_chunks_header()->lost, calls, __ATOMIC_RELAXED);
}

void sc_record_end(enum sc_record_state state)
{
	sc_record_spare_drain();
	sc_record_stamp(true);
	__atomic_store_n(&sc_chunks_header()->state, (uint32_t)state, __ATOMIC_RELEASE);
}

void sc_record_prepare(void)
{
	sc_chunks_prepare(PREPARED_ROOM);
}

void sc_record_confined(uint32_t how)
{
	if (sc_chunks_header()->confined < how)
		sc_chunks_header()->confined = how;
}

uint64_t *sc_record_denied(void)
{
	return &sc_chunks_header()->denied;
}

const struct sc_record_header *sc_record_header(void)
{
	return sc_chunks_header();
}
