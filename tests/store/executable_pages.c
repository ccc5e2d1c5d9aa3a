/* SPDX-License-Identifier: MIT */
/*
 * Looked at from outside at every system call, from the first to the last: no page of an intercepted process is ever
 * writable and executable, and none that has no file behind it is executable (but the kernel's own). With an empty
 * cache and with an image, with a library loaded later, and while it is merged into the image at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "store_fixture.h"
#include "victim.h"

#define SKIPPED 77

static unsigned looks, wrong;

static bool is_bad(const char *line)
{
	char protection[8], path[PATH_MAX] = "";
	unsigned long inode;

	if (sscanf(line, "%*s %7s %*s %*s %lu %4095[^\n]", protection, &inode, path) < 2 || !strchr(protection, 'x'))
		return false;
	if (strcmp(path, "[vdso]") == 0 || strcmp(path, "[vsyscall]") == 0)
		return false;
	return strchr(protection, 'w') || inode == 0;
}

static void look(pid_t child)
{
	char path[64], line[PATH_MAX + 128];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "r");
	looks++;
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps)) {
		if (!is_bad(line))
			continue;
		printf("wrong: %s", line);
		wrong++;
	}
	fclose(maps);
}

static void become(void *argument)
{
	victim_become(argument);
}

static void expect(const char *argument, const char *state)
{
	struct victim_end end;
	int status;

	if (fixture_trace_status(become, (void *)argument, 0, &status) < 0) {
		fprintf(stderr, "skipped: ptrace is not allowed here\n");
		fixture_remove();
		exit(SKIPPED);
	}
	victim_look(status, &end);
	if (end.unharmed && strcmp(end.state, state) == 0)
		return;
	printf("wrong: %s: state '%s', reason '%s', status %#x\n", state, end.state, end.reason, (unsigned)status);
	wrong++;
}

int main(void)
{
	victim_make(fixture_make());
	fixture_watch(look);
	expect(NULL, "cold");
	expect(NULL, "warm");
	expect("load", "merged");
	expect("load", "warm");
	fixture_remove();
	printf("%u looks\n", looks);
	return wrong || looks < 100 ? EXIT_FAILURE : EXIT_SUCCESS;
}
