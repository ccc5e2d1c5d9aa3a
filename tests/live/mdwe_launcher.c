/* SPDX-License-Identifier: MIT */
/*
 * mdwe_launcher PROGRAM [ARG]...: forbids memory that is or becomes executable and writable
 * (PR_SET_MDWE, kept across exec), then runs the program. Exits 77, a skipped test, where the kernel
 * is older than 6.3.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0))
		return 77;
	execvp(argv[1], argv + 1);
	fprintf(stderr, "cannot run '%s': %s\n", argv[1], strerror(errno));
	return 127;
}
