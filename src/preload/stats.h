/* SPDX-License-Identifier: MIT */
/*
 * STUBCACHE_STATS: one JSON line a process, appended when the program starts and kept true in place afterwards, so
 * that a process that is killed has its line, too.
 */
#ifndef SC_STATS_H
#define SC_STATS_H

/* Appends the line. In the constructor. */
void sc_stats_write(void);
/* Writes it again over itself, after a change. Under the dl lock. */
void sc_stats_update(void);

#endif
