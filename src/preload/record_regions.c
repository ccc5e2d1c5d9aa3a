/* SPDX-License-Identifier: MIT */
/*
 * Owns which thread has which region, and the spare. Does not own the chunks that regions lie in.
 * Called for a thread's first intercepted call, inside that call.
 *
 * Nobody says when a thread ends, and a thread-exit hook would run too early for calls made by the host's own. So
 * a region whose thread is gone is found by asking the kernel, for a few regions each time one is wanted, in
 * turn: then there are never more than some regions for each thread that lives, and no call is spent on
 * asking about all of them at once.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/hot.h"
#include "preload/making.h"
#include "preload/record_chunks.h"
#include "preload/record_file.h"
#include "preload/record_internal.h"
#include "preload/record_map.h"

#define QUESTIONS 4 /* threads asked about, at most, by each that wants a region */
#define STEPS 64    /* chunks passed on the way */

static uint64_t cursor SC_HOT; /* where the next one looks on */
static struct sc_record_region *spare SC_HOT;

uint64_t sc_record_region_size(void)
{
	uint64_t size = sc_record_region_backed(sc_record_capacity());

	return (size + SC_CHUNK_ALIGNMENT - 1) & ~(uint64_t)(SC_CHUNK_ALIGNMENT - 1);
}

void sc_record_region_init(struct sc_record_region *region, uint32_t tid, uint32_t backed)
{
	region->tid = tid;
	region->threads = tid ? 1 : 0;
	region->capacity = sc_record_capacity();
	region->pass = 1; /* not what a slot has that was never used */
	__atomic_store_n(&region->backed, backed, __ATOMIC_RELEASE);
}

int sc_record_region_back(struct sc_record_region *region, uint64_t offset, uint32_t count)
{
	uint32_t backed;
	int r = 0;

	if (!sc_chunks_lock())
		return -EAGAIN;
	backed = __atomic_load_n(&region->backed, __ATOMIC_ACQUIRE);
	if (backed < count)
		r = sc_record_file_reserve(offset + sc_record_region_backed(backed), 8 * (uint64_t)(count - backed));
	while (r == 0 && backed < count)
		if (__atomic_compare_exchange_n(&region->backed, &backed, count, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			break;
	sc_chunks_unlock();
	return r;
}

/* Whether the thread that a region belongs to has ended. 0 stands for none. A new thread with its number
 * only means that the region is found later. */
static bool owner_gone(uint32_t tid, unsigned *questions)
{
	if (tid == 0)
		return true;
	++*questions;
	return sc_sys_tgkill((pid_t)sc_chunks_header()->pid, (pid_t)tid, 0) == -ESRCH;
}

/* Takes a region over; its counts and log go on. */
static bool take(struct sc_record_region *region, uint32_t owner, uint32_t tid)
{
	if (!__atomic_compare_exchange_n(&region->tid, &owner, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	region->threads++;
	region->children = 0;
	return true;
}

static struct sc_record_region *reuse(uint32_t tid)
{
	uint64_t from = __atomic_load_n(&cursor, __ATOMIC_RELAXED), began = from ? from : SC_CHUNKS_FIRST, at = began;
	struct sc_record_region *found = NULL;
	unsigned questions = 0;
	bool wrapped = false;

	for (unsigned step = 0; step < STEPS && questions < QUESTIONS && !found; step++) {
		struct sc_record_region *region;
		uint32_t owner;

		if (wrapped && at >= began)
			break;
		region = (struct sc_record_region *)sc_chunks_next(&at);
		if (!region) {
			at = SC_CHUNKS_FIRST;
			wrapped = true;
			continue;
		}
		if (__atomic_load_n(&region->chunk.kind, __ATOMIC_ACQUIRE) != SC_RECORD_REGION)
			continue;
		owner = __atomic_load_n(&region->tid, __ATOMIC_ACQUIRE);
		/* One with our own number may be in use by a call that we, in a handler, have interrupted. */
		if (owner != tid && owner_gone(owner, &questions) && take(region, owner, tid))
			found = region;
	}
	__atomic_store_n(&cursor, at, __ATOMIC_RELAXED);
	return found;
}

static struct sc_record_region *create(uint32_t tid)
{
	uint32_t count = sc_record_stub_count();
	uint64_t offset = sc_chunks_claim(sc_record_region_size(), sc_record_region_backed(count));
	struct sc_record_region *region;

	if (!offset)
		return NULL;
	region = sc_chunks_at(offset);
	sc_record_region_init(region, tid, count);
	sc_chunks_publish(offset, SC_RECORD_REGION);
	/* Either sc_record_extend sees this region in the chain, or we see its new count. */
	count = sc_record_stub_count();
	if (count > region->backed && sc_record_region_back(region, offset, count)) {
		__atomic_store_n(&region->tid, 0, __ATOMIC_RELEASE);
		return NULL;
	}
	return region;
}

struct sc_record_region *sc_record_region_get(void)
{
	uint32_t tid = (uint32_t)sc_sys_gettid();
	struct sc_record_region *region;

	/* A child of vfork runs on its parent's thread: what it gets stays with that thread, but would look
	 * abandoned once the child is gone. So would that of a child by clone. */
	if ((uint32_t)sc_sys_getpid() != sc_chunks_header()->pid)
		return NULL;
	sc_record_self.tid = tid;
	sc_chunks_enter();
	region = reuse(tid);
	if (!region)
		region = create(tid);
	sc_chunks_leave();
	return region;
}

void sc_record_region_unget(struct sc_record_region *region)
{
	if (!region || region == spare)
		return;
	region->threads--;
	__atomic_store_n(&region->tid, 0, __ATOMIC_RELEASE);
}

static struct sc_record_region *spare_make(void)
{
	static struct sc_making making; /* threads may disturb its count, and then one more makes it, or one less */
	struct sc_record_region *region, *none = NULL;

	if (!sc_making_begin(&making))
		return NULL;
	region = sc_chunks_map(-1, 0, sc_record_region_size());
	sc_making_end(&making, 0);
	if (region == MAP_FAILED)
		return NULL;
	sc_record_region_init(region, 0, sc_record_capacity());
	if (__atomic_compare_exchange_n(&spare, &none, region, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return region;
	sc_sys_munmap(region, sc_record_region_size());
	return none;
}

/* Any region, for want of memory for a spare. Its counts then suffer races. */
static struct sc_record_region *spare_borrow(void)
{
	uint64_t at = SC_CHUNKS_FIRST;
	struct sc_record_chunk *chunk;

	while ((chunk = sc_chunks_next(&at)))
		if (chunk->kind == SC_RECORD_REGION)
			return (struct sc_record_region *)chunk;
	/* None yet. The first one will lie here, and has had storage from the start. */
	return sc_chunks_at(SC_CHUNKS_FIRST);
}

struct sc_record_region *sc_record_spare(void)
{
	struct sc_record_region *region = __atomic_load_n(&spare, __ATOMIC_ACQUIRE);

	if (!region)
		region = spare_make();
	return region ? region : spare_borrow();
}

bool sc_record_is_spare(const struct sc_record_region *region)
{
	return region == __atomic_load_n(&spare, __ATOMIC_ACQUIRE);
}

void sc_record_spare_drain(void)
{
	uint32_t count = sc_record_stub_count();
	uint64_t calls = 0, *counts;

	if (!spare)
		return;
	counts = sc_record_counts(spare);
	for (uint32_t i = 0; i < count; i++)
		if (__atomic_load_n(&counts[i], __ATOMIC_RELAXED))
			calls += __atomic_exchange_n(&counts[i], 0, __ATOMIC_RELAXED);
	if (calls)
		sc_record_lost(calls);
}

void sc_record_spare_forked(void)
{
	cursor = 0;
	if (!spare)
		return;
	sc_sys_madvise(spare, sc_record_region_size(), MADV_DONTNEED);
	sc_record_region_init(spare, 0, sc_record_capacity());
}
