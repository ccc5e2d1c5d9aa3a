/* SPDX-License-Identifier: MIT */
/*
 * Exceptions that nobody catches, or that must not leave a function, past intercepted calls: each ends a child, with the
 * words and the signal that it has without us; a terminate handler still finds the exception.
 */
#include "live.h"
#include "probe.h"

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

LIVE_MAIN_STATE;

namespace {

long throw_out(void *)
{
	throw std::runtime_error("nobody catches this");
}

void uncaught()
{
	probe_call_deep(throw_out, nullptr);
}

long not_out(void *closure) noexcept
{
	return probe_call(throw_out, closure);
}

void out_of_noexcept()
{
	try {
		probe_call(not_out, nullptr);
	} catch (...) {
		puts("caught what never gets here");
	}
}

void rethrow_nothing()
{
	throw;
}

struct throws_again {
	~throws_again() noexcept(false) { probe_call(throw_out, nullptr); }
};

void second_while_unwinding()
{
	try {
		throws_again object;

		probe_call_deep(throw_out, nullptr);
	} catch (...) {
		puts("caught what never gets here");
	}
}

void on_a_thread()
{
	std::thread thread(uncaught);

	thread.join();
}

void tell()
{
	try {
		throw;
	} catch (const std::exception &error) {
		printf("terminate handler: %s\n", error.what());
	}
	fflush(stdout);
	_exit(static_cast<int>(probe_mix(4) & 63));
}

void with_handler()
{
	std::set_terminate(tell);
	probe_call_deep(throw_out, nullptr);
}

} // namespace

int main()
{
	const struct {
		const char *name;
		void (*function)();
	} cases[] = {
		{"uncaught", uncaught},
		{"out of noexcept", out_of_noexcept},
		{"nothing to rethrow", rethrow_nothing},
		{"second while unwinding", second_while_unwinding},
		{"on a thread", on_a_thread},
		{"handler", with_handler},
	};
	const rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	for (const auto &one : cases) {
		int status = 0;
		pid_t child;

		fflush(stdout);
		child = fork();
		if (child == 0) {
			one.function();
			_exit(77);
		}
		expect(waitpid(child, &status, 0) == child);
		printf("%s: signal %d, status %d\n", one.name, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		       WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	}
	return live_end("terminates");
}
