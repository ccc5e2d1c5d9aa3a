/* SPDX-License-Identifier: MIT */
/*
 * Looks at /proc/self/maps at many moments: no page may be writable and executable, none that has no
 * file behind it executable (but the kernel's own [vdso] and [vsyscall]). At the start, after dlopen and
 * dlclose, in a thread, after fork.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static void look(const char *when)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4500], protection[8], path[4300];
	unsigned long inode;
	int bad = 0;

	expect(maps);
	while (maps && fgets(line, sizeof(line), maps)) {
		path[0] = '\0';
		if (sscanf(line, "%*s %7s %*s %*s %lu %4299[^\n]", protection, &inode, path) < 2)
			continue;
		if (!strchr(protection, 'x'))
			continue;
		if (strcmp(path, "[vdso]") == 0 || strcmp(path, "[vsyscall]") == 0)
			continue;
		/* A memfd has an inode: file-backed, which is what perf and debuggers need. */
		if (strchr(protection, 'w') || inode == 0) {
			fputs(line, stderr);
			bad++;
		}
	}
	if (maps)
		fclose(maps);
	expect(bad == 0);
	printf("%s: %d bad mappings\n", when, bad);
}

static void *in_thread(void *argument)
{
	probe_mix(1);
	look("thread");
	return argument;
}

int main(void)
{
	pthread_t thread;
	int i, status;
	pid_t child;

	look("start");
	for (i = 0; i < 3; i++) {
		void *handle = dlopen(LIVE_LIBDIR "/libplugin.so", RTLD_NOW);

		expect(handle && dlsym(handle, "plugin_run"));
		look("dlopen");
		expect(handle && dlclose(handle) == 0);
		look("dlclose");
	}
	expect(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	pthread_join(thread, NULL);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		look("fork");
		fflush(stdout);
		_exit(live_failures != 0);
	}
	expect(waitpid(child, &status, 0) == child && status == 0);
	return live_end("maps");
}
