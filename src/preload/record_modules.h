/* SPDX-License-Identifier: MIT */
/*
 * Modules in the record (event.h, SC_RECORD_MODULES), so that addresses can be named afterwards.
 */
#ifndef SC_RECORD_MODULES_H
#define SC_RECORD_MODULES_H

#include <stdint.h>

/*
 * Brings the record up to date with the list of modules (modules.h): what came gets a chunk, in what went the time is
 * noted. Nothing is done twice. When the record has started and a rule wants addresses; then after each
 * sc_modules_look. In the constructor, or under the dl lock. What has no storage has no name.
 */
void sc_record_modules_update(void);
/* The same, once that was called. */
void sc_record_modules_follow(void);

#endif
