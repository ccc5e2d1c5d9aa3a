/* SPDX-License-Identifier: MIT */
/*
 * Clients for the tests of the persistence protocol. They behave as told and write down every call
 * they get, so that a test can state a whole phase as one string:
 *
 *   "B.ro.size(m0,0) A.ro.size(m0,0)"    client . section . callback ( module , user_data )
 *
 * func_size adds 1 to user_data, which is how the journal shows who shares the word with whom.
 * Each client fills its portions with its own letter (in lower case in rx) and looks for it again.
 */
#ifndef TESTS_PROTOCOL_CLIENTS_H
#define TESTS_PROTOCOL_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/persist.h"

enum { G, A, B, CLIENTS }; /* G registers as client 0, the stub generator */

struct behaviour {
	size_t size;
	int extra;	/* bytes written beyond size */
	int advance;	/* *map advanced beyond size */
	bool no_persist, no_resurrect;
};

struct client {
	struct behaviour section[4]; /* by enum sc_image_section */
	size_t offset[4];	     /* the last file_offs seen */
	bool no_patch;
	bool is_silent; /* writes nothing down */
};

extern struct client clients[CLIENTS];

void register_section(int client, enum sc_image_section section);
bool unregister_section(int client, enum sc_image_section section);
/* ro, rx and rw with these sizes. */
void register_client(int client, size_t ro, size_t rx, size_t rw);
void register_patch(int client);
void register_abandoned(int client);

/* Checks what was written down since the last time, and starts anew. */
void expect_calls(const char *calls);
void forget_calls(void);

/* Two modules, "m0" and "m1", and room for what a generation needs. */
struct bench {
	struct sc_persist_context contexts[2], older_contexts[2];
	struct sc_image_portion portions[64], sorted[64];
	struct sc_image_module modules[2];
	void *words[16];
	struct sc_persist_writer writer;
	struct sc_persist_generation generation;
	struct sc_persist_load load;
	unsigned char *bytes; /* the file once read */
	size_t size;
	file_t fd;
};

/* A generation for `modules` modules, not yet begun, into an empty file full of 0xff bytes. */
void set_up(struct bench *bench, unsigned modules);
/* begin, measure, write, end. */
enum sc_persist_reason generate(struct bench *bench);
/* What was generated, as seen by contexts (a later run, or bench->older_contexts for a merge). */
void prepare_load(struct bench *bench, struct sc_persist_context *contexts);
/* set_up, generate with success, prepare_load, and forget the calls made so far. */
void make_image(struct bench *bench, unsigned modules);

#endif
