/* SPDX-License-Identifier: MIT */
/* Owns the cache before, and the looks at it after, a start that something happens to (aftermath.h). */
#include "aftermath.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/hash.h"
#include "store_fixture.h"

enum { TWO_HOURS = 7200, STALE_FILES = 3, STALE_SIZE = 16384, VERIFIED_MOST = 64 };

static void die(const char *what)
{
	perror(what);
	exit(99);
}

const struct aftermath_image *aftermath_image(void)
{
	static struct aftermath_image image;
	struct victim_end end;

	if (image.data)
		return &image;
	victim_start(&end);
	if (!end.unharmed || !victim_image()) {
		printf("no image: %s: %s\n", end.state, end.reason);
		exit(99);
	}
	snprintf(image.path, sizeof(image.path), "%s", victim_image());
	image.data = victim_read(image.path, &image.size);
	return &image;
}

static void remove_entry(const char *directory, const char *name)
{
	fixture_remove_tree(fixture_path(directory, name));
}

static void age_entry(const char *directory, const char *name)
{
	fixture_age(fixture_path(directory, name), TWO_HOURS);
}

static void make_stale(void)
{
	static unsigned char data[STALE_SIZE];
	char name[64];

	for (int i = 0; i < STALE_FILES; i++) {
		snprintf(name, sizeof(name), "stale-%032d.so", i);
		victim_write(fixture_path(victim_cache(), name), data, sizeof(data));
	}
	victim_write(fixture_path(victim_cache(), SC_STORE_TEMPORARY "999999999-1"), data, sizeof(data));
}

void aftermath_prepare(const struct aftermath_before *before)
{
	const struct aftermath_image *image = aftermath_image();

	if (unlink(victim_cache()) < 0) /* it may have become a link */
		fixture_each(victim_cache(), "", remove_entry);
	rmdir(victim_cache());
	if (!before->image && !before->stale)
		return;
	if (mkdir(victim_cache(), 0700) < 0)
		die(victim_cache());
	if (before->image)
		victim_write(image->path, image->data, image->size);
	if (before->stale)
		make_stale();
	fixture_each(victim_cache(), "", age_entry);
}

void aftermath_check_host(const struct inject_end *end, aftermath_wrong *wrong, void *user)
{
	char text[64];

	if (!end->victim.unharmed) {
		snprintf(text, sizeof(text), "the host is harmed, status %#x", (unsigned)end->victim.status);
		wrong(user, text);
	}
	if (strcmp(end->victim.state, "off") == 0 && !end->victim.reason[0])
		wrong(user, "off without a reason");
	if (end->descriptors > 0)
		wrong(user, "a descriptor stays open");
	if (end->writable_code)
		wrong(user, "writable code");
}

bool aftermath_check_leftovers(const struct aftermath_before *before, aftermath_wrong *wrong, void *user)
{
	unsigned leftovers = fixture_count(victim_cache(), SC_STORE_TEMPORARY);
	struct sc_store store;

	if (leftovers > 1u + before->stale)
		wrong(user, "more than one temporary");
	fixture_each(victim_cache(), SC_STORE_TEMPORARY, age_entry);
	fixture_open(&store, SC_STORE_WRITE, victim_cache(), NULL);
	sc_store_evict(&store, NULL);
	if (fixture_count(victim_cache(), SC_STORE_TEMPORARY) > 0)
		wrong(user, "a temporary stays");
	return leftovers > before->stale;
}

/* Asked once about each image: few different ones come up. */
static bool verified(const char *path)
{
	static uint64_t known[VERIFIED_MOST];
	static unsigned count;
	char command[3 * PATH_MAX];
	unsigned char *data;
	uint64_t hash;
	size_t size;

	data = victim_read(path, &size);
	hash = sc_hash64(data, size);
	free(data);
	for (unsigned i = 0; i < count; i++)
		if (known[i] == hash)
			return true;
	snprintf(command, sizeof(command), "STUBCACHE_DIR='%s' '%s' cache verify '%s' >/dev/null", victim_cache(),
		 getenv("STUBCACHE_CMD"), strrchr(path, '/') + 1);
	if (system(command) != 0)
		return false;
	if (count < VERIFIED_MOST)
		known[count++] = hash;
	return true;
}

bool aftermath_check_next_start(aftermath_wrong *wrong, void *user)
{
	bool there = victim_image() != NULL;
	struct victim_end end;

	if (there && (!victim_image_good() || !verified(victim_image())))
		wrong(user, "a bad image");
	victim_start(&end);
	if (!end.unharmed)
		wrong(user, "the next start is harmed");
	if (strcmp(end.state, there ? "warm" : "cold") != 0)
		wrong(user, end.reason);
	if (!victim_image_good())
		wrong(user, "no good image after the next start");
	return there;
}

static unsigned bad;

static void check_one(const char *directory, const char *name)
{
	bad += !verified(fixture_path(directory, name));
}

void aftermath_check_any_start(aftermath_wrong *wrong, void *user)
{
	struct victim_end end;

	bad = 0;
	fixture_each(victim_cache(), "small_host-", check_one);
	victim_start(&end);
	fixture_each(victim_cache(), "small_host-", check_one);
	if (bad)
		wrong(user, "a bad image");
	if (!end.unharmed)
		wrong(user, "the next start is harmed");
	if (strcmp(end.state, "cold") != 0 && strcmp(end.state, "warm") != 0)
		wrong(user, end.reason);
}
