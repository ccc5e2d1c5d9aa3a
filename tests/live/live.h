/* SPDX-License-Identifier: MIT */
/*
 * What every host of this directory shares: expect() notes what is not as it must be, live_end() says
 * so at the end and makes the exit status. Everything a host prints must be the same in every run, for
 * compare.sh compares it byte by byte: no addresses, no process ids, no times.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdio.h>

extern int live_failures;

#define expect(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("wrong: %s:%d: %s\n", __FILE_NAME__, __LINE__, #condition);         \
			live_failures++;                                                           \
		}                                                                                  \
	} while (0)

#define LIVE_MAIN_STATE int live_failures

static inline int live_end(const char *name)
{
	printf("%s: %s\n", name, live_failures ? "wrong" : "right");
	return live_failures ? 1 : 0;
}

#endif
