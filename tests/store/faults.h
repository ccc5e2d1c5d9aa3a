/* SPDX-License-Identifier: MIT */
/* Which errors a system call can give: its manual page, and what network file systems and sandboxes add to it. */
#ifndef SC_TESTS_FAULTS_H
#define SC_TESTS_FAULTS_H

#include <stdbool.h>

enum { FAULTS_MOST = 32 };

struct fault_call {
	int number;
	const char *name;
	bool reports; /* may have done its work when it fails: over a network, or as close() does */
	bool moves;   /* transfers up to so many bytes as its third argument says */
	short errors[FAULTS_MOST]; /* positive, ends with 0 */
};

/* NULL: no such system call is expected of us. */
const struct fault_call *fault_find(int number);

#endif
