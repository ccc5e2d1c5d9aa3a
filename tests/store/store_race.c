/* SPDX-License-Identifier: MIT */
/*
 * 64 processes publish different contents under one name at the same moment, while others look it
 * up. All succeed or give way, a file that has once been seen is never seen missing or incomplete
 * afterwards, and in the end there is one valid file and nothing else.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

#define NAME "image.so"

enum { WRITERS = 64, READERS = 4, FAILED = 1 };

struct race {
	enum fixture_way way;
	bool replace;
	struct sc_store store;
	int start[2];  /* closed by the parent: go */
	int finish[2]; /* closed by the parent: the writers are done */
};

static void wait_closed(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 0)
		_exit(FAILED);
}

static void write_one(struct race *race, unsigned char seed)
{
	int error = 0;

	fixture_allow_only(race->way);
	close(race->start[1]);
	wait_closed(race->start[0]);
	_exit(fixture_publish(&race->store, NAME, seed, race->replace, &error) == SC_STORE_OK ? 0 : FAILED);
}

static void read_until_finished(struct race *race)
{
	struct pollfd finish = { .fd = race->finish[0] };
	enum sc_store_reason reason;
	int first = -1;

	close(race->start[1]);
	close(race->finish[1]);
	wait_closed(race->start[0]);
	while (poll(&finish, 1, 0) == 0) {
		int seed = fixture_seed(&race->store, NAME, &reason);

		if (seed < 0 && (reason != SC_STORE_ABSENT || first >= 0))
			_exit(FAILED);
		if (first >= 0 && seed != first && !race->replace)
			_exit(FAILED);
		first = seed;
	}
	_exit(first >= 0 || fixture_seed(&race->store, NAME, &reason) >= 0 ? 0 : FAILED);
}

static pid_t start(struct race *race, int number)
{
	pid_t child = fork();

	if (child < 0) {
		perror("fork");
		exit(99);
	}
	if (child > 0)
		return child;
	if (number < WRITERS)
		write_one(race, (unsigned char)(number + 1));
	read_until_finished(race);
	return 0;
}

static unsigned failures(const pid_t *children, int count)
{
	unsigned failed = 0;
	int status;

	for (int i = 0; i < count; i++)
		failed += waitpid(children[i], &status, 0) < 0 || status != 0;
	return failed;
}

/* The number of things that were not as they should be. */
static unsigned run(struct race *race)
{
	pid_t children[WRITERS + READERS];
	enum sc_store_reason reason;
	unsigned writers, readers, files;
	int seed;

	if (pipe(race->start) < 0 || pipe(race->finish) < 0)
		return 1;
	for (int i = 0; i < WRITERS + READERS; i++)
		children[i] = start(race, i);
	close(race->start[0]);
	close(race->start[1]);
	writers = failures(children, WRITERS);
	close(race->finish[0]);
	close(race->finish[1]);
	readers = failures(children + WRITERS, READERS);
	seed = fixture_seed(&race->store, NAME, &reason);
	files = fixture_count(race->store.user, "");
	printf("way %d, replace %d: %u writers and %u readers failed, %u files, image %d\n", race->way, race->replace,
	       writers, readers, files, seed);
	return writers + readers + (files != 1) + (seed < 0);
}

int main(void)
{
	const char *base = fixture_make();
	unsigned wrong = 0;

	for (int way = 0; way < FIXTURE_WAYS; way++) {
		for (int replace = 0; replace < 2; replace++) {
			struct race race = { .way = way, .replace = replace };
			char directory[PATH_MAX];

			/* Its parents are missing, too: they all make them. */
			snprintf(directory, sizeof(directory), "%s/%d-%d/deep/cache", base, way, replace);
			fixture_open(&race.store, SC_STORE_WRITE, directory, NULL);
			wrong += run(&race);
		}
	}
	fixture_remove();
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
