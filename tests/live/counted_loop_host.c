/* SPDX-License-Identifier: MIT */
/*
 * Calls probe_mix a known number of times, for counts.sh to find in the report.
 *   counted_loop_host CALLS [end|sigkill|abort|_exit|quick_exit|exec]
 * says how the process ends.
 */
#include "live.h"
#include "probe.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static void end(const char *how)
{
	if (!strcmp(how, "sigkill"))
		kill(getpid(), SIGKILL);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "_exit"))
		_exit(0);
	if (!strcmp(how, "quick_exit"))
		quick_exit(0);
	if (!strcmp(how, "exec"))
		execl("/bin/true", "true", (char *)NULL);
}

int main(int argc, char **argv)
{
	unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, i, sum = 0;

	for (i = 0; i < calls; i++)
		sum += probe_mix(i);
	printf("sum: %lu\n", sum);
	fflush(stdout);
	if (argc > 2)
		end(argv[2]);
	return live_end("counted_loop");
}
