/* SPDX-License-Identifier: MIT */
/*
 * The table that a process without STUBCACHE_OUT leaves on stderr when it ends.
 */
#ifndef SC_SUMMARY_H
#define SC_SUMMARY_H

/* Writes it through the log's descriptor. No heap, no stdio stream; once a process. */
void sc_summary_write(void);

#endif
