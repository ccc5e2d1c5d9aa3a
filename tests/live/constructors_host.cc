/* SPDX-License-Identifier: MIT */
/*
 * Calls before main and after it: preinit_array, constructors, static objects, atexit, on_exit,
 * destructors of thread_local objects, and a fork inside a constructor.
 */
#include "live.h"
#include "probe.h"

#include <cstdlib>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

LIVE_MAIN_STATE;

extern "C" unsigned long constructors_sum;

namespace {

unsigned long before_everything;

void earliest(int, char **, char **)
{
	before_everything = probe_mix(11);
}

__attribute__((section(".preinit_array"), used)) void (*const preinit)(int, char **, char **) = earliest;

__attribute__((constructor)) void fork_in_constructor()
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(static_cast<int>(probe_mix(12) & 63));
	waitpid(child, &status, 0);
	printf("host: constructor, child %d\n", WEXITSTATUS(status));
	/* Flushed, or a child of the main program would print it again. */
	fflush(stdout);
}

struct object {
	const char *name;
	explicit object(const char *n) : name(n) { printf("host: %s made %lu\n", name, probe_mix(13) & 0xff); }
	~object() { printf("host: %s gone %lu\n", name, probe_mix(14) & 0xff); }
};

object global("global");
thread_local object local("thread_local");

void at_exit()
{
	printf("host: atexit %lu\n", probe_mix(15) & 0xff);
}

void on_leaving(int status, void *closure)
{
	printf("host: on_exit %d %lu\n", status, probe_mix(reinterpret_cast<unsigned long>(closure)) & 0xff);
}

} // namespace

int main()
{
	expect(before_everything == probe_mix(11));
	expect(constructors_sum == probe_mix(1));
	expect(atexit(at_exit) == 0);
	expect(on_exit(on_leaving, reinterpret_cast<void *>(16)) == 0);
	printf("host: main, %s\n", local.name);
	std::thread([] { printf("host: thread, %s\n", local.name); }).join();
	return live_end("constructors");
}
