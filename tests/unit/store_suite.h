/* SPDX-License-Identifier: MIT */
/*
 * The frame of the store's unit tests: every test runs in a process of its own, so it may give up
 * root or forbid itself system calls, and in directories of its own.
 */
#ifndef SC_TESTS_STORE_SUITE_H
#define SC_TESTS_STORE_SUITE_H

#include <check.h>

#include "../store/store_fixture.h"

#define IMAGE "image.so"
#define STRANGER 4242 /* a user who is neither root nor us */

extern struct sc_store store;
extern const char *base;	    /* holds the two below */
extern char user[PATH_MAX];	    /* empty, mode 0700 */
extern char system_layer[PATH_MAX]; /* empty, mode 0755 */

#define assert_reason(actual, expected) ck_assert_str_eq(sc_store_reason_name(actual), sc_store_reason_name(expected))

/* Opens `store` on the user layer for writing. */
void open_user(void);
/* Does that and looks IMAGE up. */
enum sc_store_reason look(void);

/* Runs what add() adds; the result of main. */
int store_suite_main(const char *name, void (*add)(TCase *tests));

#endif
