/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the store share: a scratch directory, small files with a checksum, system calls
 * that fail on demand, and children that are stopped at every system call. Independent of Check. A
 * helper that cannot do its work ends the process with a message.
 */
#ifndef SC_TESTS_STORE_FIXTURE_H
#define SC_TESTS_STORE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/store.h"

enum { FIXTURE_SIZE = 300 };

/* A new directory below TMPDIR that other users may pass through; removed with all that is in it. */
const char *fixture_make(void);
void fixture_remove(void);
/* A file or a directory and all that is in it; nothing when it is not there. */
void fixture_remove_tree(const char *path);
/* directory/name in a buffer of its own; the last 16 results are valid. */
const char *fixture_path(const char *directory, const char *name);

/* A store on these directories (NULL: none), whatever the environment says. */
void fixture_open(struct sc_store *store, enum sc_store_mode mode, const char *user, const char *system);
/* size bytes that depend on seed, with the checksum. */
void fixture_fill(unsigned char *out, size_t size, unsigned char seed);
/* A file of FIXTURE_SIZE such bytes, as publishing leaves it. */
void fixture_write(const char *path, unsigned char seed);
/* Sets access and modification time to so many seconds ago (negative: ahead). */
void fixture_age(const char *path, long seconds);
/* A draft with such bytes, published as name. */
enum sc_store_reason fixture_publish(const struct sc_store *store, const char *name, unsigned char seed, bool replace,
				     int *error);
/* Looks name up and checks its contents: the seed, or -1 and the reason. */
int fixture_seed(const struct sc_store *store, const char *name, enum sc_store_reason *reason);

bool fixture_exists(const char *path);
/* Entries whose names begin with prefix ("": all, without . and ..); 0 when there is no directory. */
unsigned fixture_count(const char *directory, const char *prefix);
/* Calls visit for each of them. */
void fixture_each(const char *directory, const char *prefix, void (*visit)(const char *directory, const char *name));
unsigned fixture_open_descriptors(void);

/* From here on, in this process, system call `number` fails with `error`... */
void fixture_fail(int number, int error);
/* ... when (argument & mask) == value. */
void fixture_fail_when(int number, unsigned argument, unsigned mask, unsigned value, int error);

/* How a published file gets its name; without the usual ones, the next has to do. */
enum fixture_way {
	FIXTURE_UNNAMED,	  /* O_TMPFILE and linkat */
	FIXTURE_NAMED,		  /* no O_TMPFILE: temporary name and renameat2 */
	FIXTURE_NAMED_LINKED,	  /* no renameat2 either: linkat */
	FIXTURE_NAMED_NO_PROC,	  /* O_TMPFILE, but no /proc to link from */
	FIXTURE_WAYS,
};

void fixture_allow_only(enum fixture_way way);

/* Becomes another user who owns `directory`, when this is root. False: that user cannot reach it. */
bool fixture_drop_root(const char *directory);

/*
 * Runs body(user) in a child and counts the stops at the entry to and the exit from its system
 * calls. At stop number kill_at (from 1; 0: never) the child is killed. Returns the number of stops,
 * with *killed set; -1 when tracing is not allowed here.
 */
int fixture_trace(void (*body)(void *user), void *user, int kill_at, bool *killed);
/* The same for a body that may end as it likes: its wait status. */
int fixture_trace_status(void (*body)(void *user), void *user, int kill_at, int *status);
/* From now on, calls look with the traced child at each of these stops (NULL: no longer). */
void fixture_watch(void (*look)(pid_t child));

#endif
