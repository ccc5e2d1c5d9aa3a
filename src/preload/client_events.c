/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of exit events. Called by clients, by clients.c and by exit.c.
 */
#include "preload/client_events.h"

#include <stddef.h>
#include <time.h>

#include "common/persist.h"
#include "common/sys.h"
#include "dr_api.h"
#include "preload/log.h"

#define EVENTS_MOST 64
#define PATIENCE_MS 1000

struct event {
	void (*func)(void);
	client_id_t client;
};

static struct {
	int taken; /* for a few instructions at a time */
	unsigned count;
	struct event events[EVENTS_MOST];
} list;

static void take(void)
{
	while (__atomic_exchange_n(&list.taken, 1, __ATOMIC_ACQUIRE))
		sc_syscall0(SYS_sched_yield);
}

static void give(void)
{
	__atomic_store_n(&list.taken, 0, __ATOMIC_RELEASE);
}

void sc_client_events_forked(void)
{
	give();
}

void dr_register_exit_event(void (*func)(void))
{
	take();
	if (func && list.count < EVENTS_MOST)
		list.events[list.count++] = (struct event){ func, sc_persist_registry()->client };
	give();
}

static void remove_at(unsigned i)
{
	for (list.count--; i < list.count; i++)
		list.events[i] = list.events[i + 1];
}

bool dr_unregister_exit_event(void (*func)(void))
{
	unsigned i;

	take();
	for (i = list.count; i > 0 && list.events[i - 1].func != func; i--)
		;
	if (i > 0)
		remove_at(i - 1);
	give();
	return i > 0;
}

void sc_client_events_drop(client_id_t client)
{
	take();
	for (unsigned i = list.count; i > 0; i--)
		if (list.events[i - 1].client == client)
			remove_at(i - 1);
	give();
}

/* The next to be called, or NULL. It is off the list before it runs: exit may be called from within. */
static void (*take_last(void))(void)
{
	void (*func)(void) = NULL;

	take();
	if (list.count > 0)
		func = list.events[--list.count].func;
	give();
	return func;
}

static bool take_registry(void)
{
	const struct timespec moment = { 0, 1000000 };

	for (unsigned i = 0; i < PATIENCE_MS; i++) {
		if (sc_persist_take(sc_persist_registry()))
			return true;
		sc_syscall2(SYS_nanosleep, &moment, NULL);
	}
	return false;
}

void sc_client_events_run(void)
{
	void (*func)(void);

	if (list.count == 0)
		return;
	if (!take_registry()) {
		sc_log(SC_LOG_ERROR, "exit events of clients are left out: a callback has not come back");
		return;
	}
	while ((func = take_last()) != NULL)
		func();
	sc_persist_give(sc_persist_registry());
}
