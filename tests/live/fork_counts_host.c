/* SPDX-License-Identifier: MIT */
/*
 * For counts.sh: calls before a fork, in the child, in the grandchild and in the parent after it, each
 * a known number. Without exec. 1000 + 200 (child) + 30 (grandchild, by _exit) + 4 (parent).
 */
#include "live.h"
#include "probe.h"

#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static unsigned long calls(unsigned long count)
{
	unsigned long i, sum = 0;

	for (i = 0; i < count; i++)
		sum += probe_mix(i);
	return sum;
}

int main(void)
{
	unsigned long sum = calls(1000);
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		calls(200);
		child = fork();
		if (child == 0) {
			calls(30);
			_exit(0);
		}
		waitpid(child, &status, 0);
		return status;
	}
	expect(waitpid(child, &status, 0) == child && status == 0);
	sum += calls(4);
	printf("sum: %lu\n", sum);
	return live_end("fork_counts");
}
