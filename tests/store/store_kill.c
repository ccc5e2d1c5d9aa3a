/* SPDX-License-Identifier: MIT */
/*
 * A publish is killed at every one of its system calls in turn: once at the entry (the call is not
 * made) and once at the exit (it was). Whatever the moment, lookups find the old file, the new one,
 * or none where there was none; nothing but temporaries is left besides, the next sweep removes
 * them, and the next publish works.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store_fixture.h"

#define NAME "image.so"
#define SKIPPED 77
#define TWO_HOURS 7200

enum { OLD = 'o', NEW = 'n', NEXT = 'x' };

enum before { NO_DIRECTORY, EMPTY, OLD_FILE, BEFORES };

struct scenario {
	enum fixture_way way;
	enum before before;
	bool replace;
	char directory[PATH_MAX];
};

/* What was seen over all kills of a scenario: a test in which only one thing happens proves little. */
struct seen {
	unsigned kills, without, with, leftovers;
};

#define REQUIRE(condition)                                                                                       \
	do {                                                                                                     \
		if (!(condition)) {                                                                              \
			fprintf(stderr, "way %d, before %d, replace %d, stop %d: not so: %s\n", scenario->way,   \
				scenario->before, scenario->replace, stop, #condition);                          \
			fixture_remove();                                                                        \
			exit(1);                                                                                 \
		}                                                                                                \
	} while (0)

static void publish(void *user)
{
	const struct scenario *scenario = user;
	struct sc_store store;
	int error = 0;

	fixture_allow_only(scenario->way);
	fixture_open(&store, SC_STORE_WRITE, scenario->directory, NULL);
	if (fixture_publish(&store, NAME, NEW, scenario->replace, &error) != SC_STORE_OK)
		_exit(1);
}

static void prepare(const struct scenario *scenario, const struct sc_store *store)
{
	int error, stop = 0;

	if (scenario->before == NO_DIRECTORY)
		return;
	REQUIRE(fixture_publish(store, NAME, OLD, true, &error) == SC_STORE_OK);
	if (scenario->before == EMPTY)
		REQUIRE(unlink(fixture_path(scenario->directory, NAME)) == 0);
}

static bool allowed(const struct scenario *scenario, int seed, enum sc_store_reason reason, bool killed)
{
	bool stays = scenario->before == OLD_FILE && !scenario->replace;

	if (seed == NEW)
		return !stays;
	if (seed == OLD)
		return stays || (killed && scenario->before == OLD_FILE);
	return killed && reason == SC_STORE_ABSENT && scenario->before != OLD_FILE;
}

static void age_entry(const char *directory, const char *name)
{
	fixture_age(fixture_path(directory, name), TWO_HOURS);
}

static void check_after(const struct scenario *scenario, const struct sc_store *store, int stop, bool killed,
			struct seen *seen)
{
	const char *directory = scenario->directory;
	enum sc_store_reason reason;
	int seed = fixture_seed(store, NAME, &reason);
	unsigned leftovers = fixture_count(directory, SC_STORE_TEMPORARY);
	unsigned present = seed >= 0;
	int error;

	REQUIRE(allowed(scenario, seed, reason, killed));
	REQUIRE(fixture_count(directory, "") == leftovers + present);
	REQUIRE(leftovers <= 1 && (killed || leftovers == 0));
	REQUIRE(sc_store_evict(store, NULL) == 0); /* too young to be swept */
	fixture_each(directory, SC_STORE_TEMPORARY, age_entry);
	REQUIRE(sc_store_evict(store, NULL) == leftovers);
	REQUIRE(fixture_count(directory, "") == present);
	REQUIRE(fixture_publish(store, NAME, NEXT, true, &error) == SC_STORE_OK);
	REQUIRE(fixture_seed(store, NAME, &reason) == NEXT);
	seen->kills += killed;
	seen->leftovers += leftovers;
	seen->with += seed == NEW;
	seen->without += seed != NEW;
}

/* False: tracing is not allowed. */
static bool enumerate(struct scenario *scenario, const char *base, struct seen *seen)
{
	bool killed = true;

	for (int stop = 1; killed; stop++) {
		struct sc_store store;

		snprintf(scenario->directory, sizeof(scenario->directory), "%s/%d-%d-%d-%d/cache", base, scenario->way,
			 scenario->before, scenario->replace, stop);
		fixture_open(&store, SC_STORE_WRITE, scenario->directory, NULL);
		prepare(scenario, &store);
		if (fixture_trace(publish, scenario, stop, &killed) < 0)
			return false;
		check_after(scenario, &store, stop, killed, seen);
	}
	return true;
}

static void run(enum fixture_way way, enum before before, bool replace, const char *base)
{
	struct scenario *scenario = &(struct scenario){ .way = way, .before = before, .replace = replace };
	struct seen seen = { 0 };
	int stop = 0;

	if (!enumerate(scenario, base, &seen)) {
		fprintf(stderr, "skipped: ptrace is not allowed here\n");
		fixture_remove();
		exit(SKIPPED);
	}
	printf("way %d, before %d, replace %d: %u kills, new file after %u, left a temporary %u times\n", way, before,
	       replace, seen.kills, seen.with, seen.leftovers);
	REQUIRE(seen.kills >= 20 && seen.without > 0);
	REQUIRE(seen.with >= 2 || (before == OLD_FILE && !replace));
	REQUIRE(seen.leftovers > 0 || (way == FIXTURE_UNNAMED && !replace));
}

int main(void)
{
	const char *base = fixture_make();

	for (int way = 0; way < FIXTURE_WAYS; way++)
		for (int before = 0; before < BEFORES; before++)
			for (int replace = 0; replace < 2; replace++)
				run(way, before, replace, base);
	fixture_remove();
	return 0;
}
