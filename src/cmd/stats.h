/* SPDX-License-Identifier: MIT */
/* Sums up for people what the preload writes to STUBCACHE_STATS: a JSON line for each process (json_values.h). */
#ifndef SC_CMD_STATS_H
#define SC_CMD_STATS_H

#include <jansson.h>
#include <stdio.h>

/* One line a state (cold, warm, merged, off) and each reason once. Returns the number of processes. */
size_t sc_stats_summary(const json_t *lines, FILE *out);

#endif
