/* SPDX-License-Identifier: MIT */
/*
 * Processes that start with an empty cache, or merge into an image when they end, are killed: at the entry to and the
 * exit from every system call in turn, and at any moment. The cache then holds the image of before, a new one or
 * none; the next start is not harmed and finds or makes a good one.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store_fixture.h"
#include "victim.h"

enum { SKIPPED = 77, ANY_MOMENTS = 150, LONGEST_NS = 2000000, TWO_HOURS = 7200 };

/* What was seen over all kills: a test in which only one thing happens proves little. */
struct seen {
	unsigned kills, without, with, leftovers;
};

static unsigned wrong;

static void check(bool right, const char *what, const char *when, int stop)
{
	if (right)
		return;
	printf("wrong: %s, kill %d: %s\n", when, stop, what);
	wrong++;
}

static void remove_entry(const char *directory, const char *name)
{
	unlink(fixture_path(directory, name));
}

static void age_entry(const char *directory, const char *name)
{
	fixture_age(fixture_path(directory, name), TWO_HOURS);
}

/* Temporaries of the dead are swept when they are old. */
static void sweep(struct seen *seen, const char *when, int stop)
{
	unsigned leftovers = fixture_count(victim_cache(), SC_STORE_TEMPORARY);
	struct sc_store store;

	fixture_open(&store, SC_STORE_WRITE, victim_cache(), NULL);
	fixture_each(victim_cache(), SC_STORE_TEMPORARY, age_entry);
	check(sc_store_evict(&store, NULL) == leftovers, "a temporary stays", when, stop);
	check(leftovers <= 1, "more than one temporary", when, stop);
	seen->leftovers += leftovers;
}

static void check_after(struct seen *seen, const char *when, int stop)
{
	bool there = victim_image() != NULL;
	struct victim_end end;

	sweep(seen, when, stop);
	check(fixture_count(victim_cache(), "") == there, "something else is in the cache", when, stop);
	check(!there || victim_image_good(), "a bad image", when, stop);
	victim_start(&end);
	check(end.unharmed, "the next start is harmed", when, stop);
	check(strcmp(end.state, there ? "warm" : "cold") == 0, end.reason, when, stop);
	check(victim_image_good(), "no good image after the next start", when, stop);
	seen->kills++;
	seen->with += there;
	seen->without += !there;
}

static void become(void *argument)
{
	victim_become(argument);
}

/* The cache as a scenario wants it: empty, or with the image of a start without argument. */
static void prepare(const char *argument)
{
	struct victim_end end;

	fixture_each(victim_cache(), "", remove_entry);
	if (argument)
		victim_start(&end);
}

/* The last run, which nobody kills, shows that there was something to kill. */
static void kill_everywhere(const char *argument, const char *when, struct seen *seen)
{
	const char *state = argument ? "merged" : "cold";
	struct victim_end end;
	int status = 0;

	for (int stop = 1; !WIFEXITED(status) || stop == 1; stop++) {
		prepare(argument);
		if (fixture_trace_status(become, (void *)argument, stop, &status) < 0) {
			fprintf(stderr, "skipped: ptrace is not allowed here\n");
			fixture_remove();
			exit(SKIPPED);
		}
		victim_look(status, &end);
		check(!WIFEXITED(status) || end.unharmed, "harmed by being traced", when, stop);
		check(!WIFEXITED(status) || strcmp(end.state, state) == 0, end.state, when, stop);
		check_after(seen, when, stop);
	}
}

static void kill_any_time(const char *argument, const char *when, struct seen *seen)
{
	srandom(1);
	for (int i = 0; i < ANY_MOMENTS; i++) {
		struct timespec moment = { 0, random() % LONGEST_NS };
		pid_t child;
		int status;

		prepare(argument);
		child = fork();
		if (child == 0)
			victim_become(argument);
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		check_after(seen, when, i);
	}
}

static void report(const char *when, const struct seen *seen)
{
	printf("%s: %u kills, an image after %u, none after %u, a temporary after %u\n", when, seen->kills, seen->with,
	       seen->without, seen->leftovers);
}

int main(void)
{
	struct seen start = { 0 }, merge = { 0 }, any = { 0 };

	victim_make(fixture_make());
	kill_everywhere(NULL, "at each system call of a start", &start);
	report("at each system call of a start", &start);
	check(start.kills > 100 && start.with > 2 && start.without > 20, "too little was seen", "start", 0);
	kill_everywhere("load", "at each system call of a merge", &merge);
	report("at each system call of a merge", &merge);
	check(merge.kills > 100 && merge.without == 0, "the image was lost", "merge", 0);
	kill_any_time(NULL, "at any time", &any);
	report("at any time", &any);
	fixture_remove();
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
