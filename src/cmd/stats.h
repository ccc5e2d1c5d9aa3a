/* SPDX-License-Identifier: MIT */
/*
 * Reads the JSON lines the preload writes to STUBCACHE_STATS, one for each process, and sums them up
 * for people. Lines that are no JSON object (a full disk) are counted and passed over.
 */
#ifndef SC_CMD_STATS_H
#define SC_CMD_STATS_H

#include <jansson.h>
#include <stdio.h>

/* An array of the objects in a file of JSON lines; an empty one when the file is not there. NULL when
 * memory is short. The caller has the reference. */
json_t *sc_json_lines(const char *path);

/* The member's text, or "" when it is missing or no string. Belongs to the object. */
const char *sc_json_text(const json_t *object, const char *member);
/* A number, cut to a whole one; true is 1; 0 when missing. */
long long sc_json_whole(const json_t *object, const char *member);

/* One line a state (cold, warm, merged, off) and each reason once. Returns the number of processes. */
size_t sc_stats_summary(const json_t *lines, FILE *out);

#endif
