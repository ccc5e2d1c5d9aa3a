/* SPDX-License-Identifier: MIT */
/*
 * Owns what threads have for their hooked calls: the page of each, its counters, and the states of its calls.
 *
 *	sc_tls.thread -> struct sc_hook_thread -> pages of counters
 *	                                       -> free states, 31 a page
 *	shadow frame  -> struct sc_hook_state, while the call runs
 *
 * A call that is left by longjmp or an exception gives its state back as it gives its frame back: never. Its frame is
 * found by frames.c one day and used again, and then its hook word leads elsewhere: so when no state is free, those
 * that no frame leads to any more are. There are never more states than frames.
 */
#include "preload/hook_threads.h"

#include <stddef.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/hook_stacks.h"
#include "x86_64/layout.h"
#include "x86_64/local_add.h"

#define PAGE_SIZE 4096

_Static_assert(sizeof(struct sc_hook_thread) == PAGE_SIZE, "it is mapped as a page");
_Static_assert(SC_HOOK_PAGE * sizeof(uint64_t) == PAGE_SIZE, "so are its counters");
_Static_assert(SC_HOOK_FRAMES * sizeof(uintptr_t) == PAGE_SIZE && SC_HOOK_FRAMES >= SC_RULE_DEPTH_MOST, "and frames");
_Static_assert(sizeof(struct sc_hook_state) == 128, "states are aligned to cache lines");

struct states {
	struct states *next;
	uint64_t reserved[15];
	struct sc_hook_state states[PAGE_SIZE / sizeof(struct sc_hook_state) - 1];
};

_Static_assert(sizeof(struct states) == PAGE_SIZE, "they are mapped as a page");

static uint32_t threads; /* numbers given out */

static void *map_page(void)
{
	void *page = sc_sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

/* What *at points to, made when missing; a signal handler may make it first, and then its is the one. */
static void *page_at(void **at)
{
	void *page = __atomic_load_n(at, __ATOMIC_ACQUIRE), *none = NULL;

	if (page)
		return page;
	page = map_page();
	if (page && !__atomic_compare_exchange_n(at, &none, page, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		sc_sys_munmap(page, PAGE_SIZE);
		page = none;
	}
	return page;
}

/* The thread is a new one, which has adopted the state of another: it starts from zero. */
static void start_over(struct sc_hook_thread *hooks, uint32_t owner)
{
	for (unsigned i = 0; i < SC_HOOK_PAGES; i++) {
		uint64_t *page = __atomic_exchange_n(&hooks->pages[i], NULL, __ATOMIC_ACQ_REL);

		if (page)
			sc_sys_munmap(page, PAGE_SIZE);
	}
	if (hooks->sites)
		sc_hook_stack_forget(hooks);
	hooks->number = __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
	hooks->calls = 0;
	hooks->inside = hooks->outermost = 0;
	hooks->current = NULL;
	sc_events_adopt(&hooks->events, hooks->number);
	__atomic_store_n(&hooks->owner, owner, __ATOMIC_RELEASE);
}

struct sc_hook_thread *sc_hook_thread_make(void)
{
	struct sc_thread *thread = (struct sc_thread *)sc_tls.thread; /* it has a frame, so it is not the empty one */
	struct sc_hook_thread *hooks = page_at((void **)&thread->hooks);

	if (hooks && hooks->owner != thread->owners)
		start_over(hooks, thread->owners);
	return hooks;
}

uint64_t sc_hook_thread_count(struct sc_hook_thread *hooks, uint32_t counter)
{
	uint64_t *page = page_at((void **)&hooks->pages[counter / SC_HOOK_PAGE]);

	return page ? sc_local_fetch_add(&page[counter % SC_HOOK_PAGE], 1) + 1 : 0;
}

static void push(struct sc_hook_thread *hooks, struct sc_hook_state *state)
{
	do
		state->next = hooks->free;
	while (!sc_local_replace((uint64_t *)&hooks->free, (uint64_t)state->next, (uint64_t)state));
}

/* A handler that comes in gives back what it takes, in reverse order, so that the head's successor is right. */
static struct sc_hook_state *pop(struct sc_hook_thread *hooks)
{
	struct sc_hook_state *state;

	do
		state = hooks->free;
	while (state && !sc_local_replace((uint64_t *)&hooks->free, (uint64_t)state, (uint64_t)state->next));
	return state;
}

static bool is_live(const struct sc_hook_state *state)
{
	return state->frame && state->frame->stack && state->frame->rax == (uintptr_t)state;
}

/* States whose calls were abandoned. Their owner is exchanged for nobody first: a handler may be at it, too. */
static void sweep(struct sc_hook_thread *hooks)
{
	for (struct states *page = hooks->states; page; page = page->next)
		for (size_t i = 0; i < sizeof(page->states) / sizeof(page->states[0]); i++) {
			struct sc_hook_state *state = &page->states[i];
			struct sc_frame *frame = state->frame;

			if (frame && !is_live(state) &&
			    sc_local_replace((uint64_t *)&state->frame, (uint64_t)frame, 0))
				push(hooks, state);
		}
}

static void grow(struct sc_hook_thread *hooks)
{
	struct states *page = map_page();

	if (!page)
		return;
	do
		page->next = hooks->states;
	while (!sc_local_replace((uint64_t *)&hooks->states, (uint64_t)page->next, (uint64_t)page));
	for (size_t i = 0; i < sizeof(page->states) / sizeof(page->states[0]); i++) {
		page->states[i].owner = hooks;
		push(hooks, &page->states[i]);
	}
}

struct sc_hook_state *sc_hook_state_take(struct sc_hook_thread *hooks, struct sc_frame *frame)
{
	struct sc_hook_state *state = pop(hooks);

	if (!state) {
		sweep(hooks);
		state = pop(hooks);
	}
	if (!state) {
		grow(hooks);
		state = pop(hooks);
	}
	if (!state)
		return NULL;
	frame->rax = (uintptr_t)state;
	state->frame = frame;
	return state;
}

void sc_hook_state_give(struct sc_hook_state *state)
{
	struct sc_thread *thread = (struct sc_thread *)sc_tls.thread;
	struct sc_frame *frame = state->frame;

	frame->rax = 0;
	/* A coroutine that has come from another thread: that one's next sweep finds it. */
	if (thread->hooks != state->owner)
		return;
	if (sc_local_replace((uint64_t *)&state->frame, (uint64_t)frame, 0))
		push(state->owner, state);
}

/* A signal handler that finds none has one for itself. That of a call which is left by longjmp before its original is
 * called (out of a handler of an injected signal, say) is lost. */
uintptr_t *sc_hook_frames_take(struct sc_hook_thread *hooks)
{
	uintptr_t *frames = __atomic_exchange_n(&hooks->frames, NULL, __ATOMIC_ACQ_REL);

	return frames ? frames : map_page();
}

void sc_hook_frames_give(struct sc_hook_thread *hooks, uintptr_t *frames)
{
	if (!sc_local_replace((uint64_t *)&hooks->frames, 0, (uint64_t)frames))
		sc_sys_munmap(frames, PAGE_SIZE);
}

void sc_hook_threads_forked(void)
{
	threads = 0;
}
