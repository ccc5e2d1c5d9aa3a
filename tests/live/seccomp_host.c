/* SPDX-License-Identifier: MIT */
/*
 * Goes into seccomp's strict mode, where every system call but read, write and exit kills, and reading
 * the time stamp counter faults: intercepted calls go on working, on the thread's old state and without any
 * that must be made. Exits 77 where strict mode is not to be had.
 */
#include "live.h"
#include "probe.h"

#include <string.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static unsigned long confined(void)
{
	unsigned long i, sum = 0;

	for (i = 0; i < 5000; i++)
		sum += probe_mix(i) + probe_mix_odd(i);
	return sum;
}

int main(void)
{
	int ends[2], status;
	unsigned long sum = 0;
	pid_t child;

	expect(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
			syscall(SYS_exit, 77);
		sum = confined();
		if (write(ends[1], &sum, sizeof(sum)) != sizeof(sum))
			syscall(SYS_exit, 1);
		syscall(SYS_exit, 0);
	}
	close(ends[1]);
	expect(read(ends[0], &sum, sizeof(sum)) == sizeof(sum));
	expect(waitpid(child, &status, 0) == child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return 77;
	printf("sum: %lu, ended by signal %d, status %d\n", sum, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	expect(sum == confined());
	return live_end("seccomp");
}
