/* SPDX-License-Identifier: MIT */
/* What tests/live/typed.sh hooks. */
#include <cerrno>
#include <csetjmp>
#include <cstdarg>
#include <thread>

extern "C" {

std::jmp_buf typed_jump;

int typed_nested(int value) { return value + 1; }
long double typed_skipped() { return 1; }
int typed_errno(int value) { return errno == value ? (errno = value + 1) : -1; }
double typed_variadic(const char *, double first, ...) { return first; }
int typed_twice(int value) { return value * 3; }
int typed_inner(int value) { return value; }
int typed_outer(int value);
unsigned long typed_raw(unsigned long value, double) { return value; }
int typed_throws(int value) { throw value; }
int typed_jumps(int value) { std::longjmp(typed_jump, value); }
int typed_hooked() { return 1; }
int typed_waits(int, int) { return 1; }
int typed_interrupted(int value) { return value; }
int typed_in_handler(int value) { return value; }
int typed_by_rule(int value) { return value; }
int typed_closed(int value)
{
	if (value < 0)
		throw value;
	return value;
}
int typed_closed_timed(int value) { return value; }
int typed_calls_on_a_thread(int calls)
{
	int done = 0;
	std::thread([&] {
		for (int i = 0; i < calls; i++)
			done += typed_hooked();
	}).join();
	return done;
}

}
