/* SPDX-License-Identifier: MIT */
/*
 * 3,000,000 exceptions and 3,000,000 longjmps past the frame of an intercepted function must leave the
 * memory where it was: abandoned shadow frames are found again. Argument: how many of each.
 */
#include "live.h"
#include "probe.h"
#include "throwing.h"

#include <csetjmp>
#include <cstdlib>
#include <cstring>

LIVE_MAIN_STATE;

namespace {

jmp_buf out;

struct memory {
	long size, resident; /* KiB */
};

memory measure()
{
	memory now = {0, 0};
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status)) {
		if (!strncmp(line, "VmSize:", 7))
			now.size = atol(line + 7);
		if (!strncmp(line, "VmRSS:", 6))
			now.resident = atol(line + 6);
	}
	if (status)
		fclose(status);
	return now;
}

long throw_out(void *closure)
{
	throw odd_number{*static_cast<int *>(closure)};
}

long jump_out(void *)
{
	longjmp(out, 1);
}

void throws(int count)
{
	volatile int caught = 0;

	for (int i = 0; i < count; i++) {
		try {
			probe_call(throw_out, &i);
		} catch (const odd_number &) {
			caught = caught + 1;
		}
	}
	expect(caught == count);
}

void jumps(int count)
{
	volatile int caught = 0, i;

	for (i = 0; i < count; i++) {
		if (setjmp(out) == 0)
			probe_call(jump_out, nullptr);
		else
			caught = caught + 1;
	}
	expect(caught == count);
}

/* Lets go of many frames at once, as an interpreter's error exit does. */
long descend(void *closure)
{
	int depth = *static_cast<int *>(closure) - 1;

	if (depth == 0)
		longjmp(out, 1);
	return probe_call(descend, &depth);
}

void deep_jumps(int count)
{
	volatile int i;

	for (i = 0; i < count; i++) {
		int depth = 100;

		if (setjmp(out) == 0)
			probe_call(descend, &depth);
	}
}

void judge(const char *what, void (*run)(int), int count)
{
	run(count / 100);
	memory before = measure();
	run(count);
	memory after = measure();
	bool grown = after.size > before.size + 1024 || after.resident > before.resident + 1024;

	printf("%s: %s\n", what, grown ? "memory grew" : "memory stayed");
	if (grown) {
		fprintf(stderr, "%s: size %ld to %ld KiB, resident %ld to %ld KiB\n", what, before.size,
			after.size, before.resident, after.resident);
		live_failures++;
	}
}

} // namespace

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 3000000;

	judge("throws", throws, count);
	judge("longjmps", jumps, count);
	judge("longjmps out of 100 frames", deep_jumps, count / 100);
	return live_end("throws_memory");
}
