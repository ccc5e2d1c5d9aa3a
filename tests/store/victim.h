/* SPDX-License-Identifier: MIT */
/*
 * Starts of small_host under the preload, with the cache that a test damages. Needs LIBSTUBCACHE and top_builddir
 * in the environment, and fixture_make before. A helper that cannot do its work ends the process with a message.
 */
#ifndef SC_TESTS_STORE_VICTIM_H
#define SC_TESTS_STORE_VICTIM_H

#include <stdbool.h>
#include <stddef.h>

struct victim_end {
	bool unharmed; /* it printed and returned what it does without us */
	int status;    /* as of waitpid */
	char state[16];
	char reason[512]; /* "" when there is none */
};

/* Cache and statistics below base. */
void victim_make(const char *base);
const char *victim_cache(void);
const char *victim_statistics(void);
/* From now on the host has this variable, "NAME=VALUE" (which must stay), too; NULL: none of those any longer. */
void victim_set(const char *variable);
/* Path of the one image in the cache; NULL: there is none, or more than one. */
const char *victim_image(void);

/* Turns the calling process into small_host with that argument (or NULL). */
void victim_become(const char *argument);
/* What such a process left; status is of its wait. */
void victim_look(int status, struct victim_end *end);
/* Both, in a child. */
void victim_start(struct victim_end *end);

/* The whole of a file, to be freed. */
unsigned char *victim_read(const char *path, size_t *size);
/* As a published image: replaced, mode 0444. */
void victim_write(const char *path, const unsigned char *data, size_t size);
/* Whether the one image in the cache has the right checksum and can be read. */
bool victim_image_good(void);

#endif
