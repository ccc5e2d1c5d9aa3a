/* SPDX-License-Identifier: MIT */
/*
 * What a cache holds before a start that something happens to, and what must be right after it, whatever happened.
 * Needs victim_make before. A helper that cannot do its work ends the process with a message.
 */
#ifndef SC_TESTS_AFTERMATH_H
#define SC_TESTS_AFTERMATH_H

#include <stdbool.h>
#include <stddef.h>

#include "inject.h"

/* The image that a start without argument makes, and where; made by the first call, with nothing in the way. */
struct aftermath_image {
	char path[4096];
	unsigned char *data;
	size_t size;
};

const struct aftermath_image *aftermath_image(void);

struct aftermath_before {
	bool image; /* that one is there */
	bool stale; /* and older files, more than STUBCACHE_LIMIT=40K allows, and the temporary of a dead process */
};

/* Makes the cache: nothing else is in it, everything in it has not been used for two hours. */
void aftermath_prepare(const struct aftermath_before *before);

/* Each of these calls wrong(user, what) for whatever is not right. */
typedef void aftermath_wrong(void *user, const char *what);

/* The host did what it does without us, nothing of ours is left in it, and what was given up has a reason. */
void aftermath_check_host(const struct inject_end *end, aftermath_wrong *wrong, void *user);
/* At most one new temporary is there, which a sweep takes. Returns whether there was one. */
bool aftermath_check_leftovers(const struct aftermath_before *before, aftermath_wrong *wrong, void *user);
/* What is there is a good image, for `stubcache cache verify` too, or none; the next start is well, and finds or makes
 * one. Returns whether one was there. */
bool aftermath_check_next_start(aftermath_wrong *wrong, void *user);
/* The same where the key may have been another: each image that is there is good, and the next start is well. */
void aftermath_check_any_start(aftermath_wrong *wrong, void *user);

#endif
