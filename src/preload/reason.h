/* SPDX-License-Identifier: MIT */
/*
 * Why a process is not warm, or what is amiss: sc_runtime.reason, which STUBCACHE_STATS shows. The constructor's
 * thread, later whoever holds the dl lock.
 */
#ifndef SC_REASON_H
#define SC_REASON_H

#include "common/store.h"
#include "preload/config.h"

/* Adds to the reason and says it on the host's stderr at this level; what has been said before is not repeated. */
void sc_reason(enum sc_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The store's words, at info. */
void sc_reason_store(enum sc_store_reason reason, int error);

#endif
