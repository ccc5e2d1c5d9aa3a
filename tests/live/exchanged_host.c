/* SPDX-License-Identifier: MIT */
/*
 * exchanged_host [NEW OLD]: renames file NEW to OLD, if given, and makes 20,000 intercepted calls that are all active at
 * once, and 20,000 more. More than one round, since who has been refused something asks for it again.
 */
#include "live.h"
#include "probe.h"

#include <stdio.h>

LIVE_MAIN_STATE;

#define DEPTH 20000

static long descend(void *closure)
{
	long *depth = closure, below = *depth - 1;

	return (below ? probe_call(descend, &below) : 0) + 1;
}

int main(int argc, char **argv)
{
	long depth = DEPTH;

	if (argc == 3)
		expect(rename(argv[1], argv[2]) == 0);
	for (int round = 0; round < 2; round++)
		printf("%ld\n", probe_call(descend, &depth));
	return live_end("exchanged");
}
