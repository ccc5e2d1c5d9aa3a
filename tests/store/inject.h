/* SPDX-License-Identifier: MIT */
/*
 * Runs of victim.h's host under ptrace in which chosen system calls fail, fall short, or are preceded by what somebody
 * else does. Calls are numbered from 0, the first behind execve; a run without randomness makes the same calls up to
 * the first fault, so the numbers of one run name the calls of another. Needs victim_make before. A helper that cannot
 * do its work ends the process with a message.
 */
#ifndef SC_TESTS_INJECT_H
#define SC_TESTS_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "victim.h"

enum { INJECT_CALLS = 2048 };

/* One call as it was made. */
struct inject_call {
	int number; /* SYS_... */
	bool ours;  /* made by our code, or by ld.so and libc on its behalf, while our constructor ran */
	bool constructor;
	uint64_t arguments[6];
	long result;
};

struct inject_record {
	unsigned count;
	struct inject_call calls[INJECT_CALLS];
};

enum inject_way {
	INJECT_INSTEAD,  /* the call is not made, and returns value */
	INJECT_AFTER,	 /* it is made, and returns value all the same, as over a network */
	INJECT_SHORT,	 /* it is made with a size of value */
	INJECT_FROM_NOW, /* as INJECT_INSTEAD, and so is every later call of our code with this number */
	INJECT_ACT,	 /* act(user) comes right before it */
};

struct inject_fault {
	unsigned call;
	int number; /* what the call must be, or the fault does not happen */
	enum inject_way way;
	long value;
	void (*act)(void *user);
	void *user;
};

struct inject_end {
	struct victim_end victim;
	unsigned reached;     /* so many of the faults happened */
	unsigned descriptors; /* that were open at the end, beside the standard three and our copy of stderr */
	bool writable_code;   /* some page was writable and executable at the end */
};

/* Runs the host with count faults, ordered by call. record (or NULL) gets the calls up to the end, or the last fault.
 * False: tracing is not allowed here. */
bool inject_run(const char *argument, const struct inject_fault *faults, unsigned count, struct inject_record *record,
		struct inject_end *end);

#endif
