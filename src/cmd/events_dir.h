/* SPDX-License-Identifier: MIT */
/*
 * The records that appear in a directory, each name once, also while processes start. Not thread safe.
 */
#ifndef SC_CMD_EVENTS_DIR_H
#define SC_CMD_EVENTS_DIR_H

#include <stdbool.h>
#include <stddef.h>

struct sc_events_dir {
	int fd;	     /* of the directory, for openat */
	int inotify; /* or -1: nothing new is looked for */
	void *seen;  /* names, owned */
	char **fresh; /* not taken yet; they belong to `seen` */
	size_t fresh_count;
	bool scan;
};

/* 0 or a negative errno; release in every case. live: later sc_events_dir_look will find what is new. */
int sc_events_dir_open(struct sc_events_dir *dir, const char *path, bool live);
/* Adds what is new to fresh; the caller takes it from there by setting fresh_count to 0. 0 or a negative errno. */
int sc_events_dir_look(struct sc_events_dir *dir);
void sc_events_dir_close(struct sc_events_dir *dir);

#endif
