// SPDX-License-Identifier: MIT
/*
 * Calls that end in jumps to other functions, several after one another, and throw from there: caught by their direct
 * caller, rethrown, and caught around a function with a destructor. All of these calls have one stack word.
 */
#include "live.h"

#include <stdexcept>

LIVE_MAIN_STATE;

extern "C" {
int tail_1(int (*function)(int (*)(void *, int), int), int number);
int tail_2(int (*function)(int (*)(void *, int), int), int number);
int tail_3(int (*function)(int (*)(void *, int), int), int number);
int tail_4(int (*function)(int (*)(void *, int), int), int number);
int tail_5(int (*function)(int (*)(void *, int), int), int number);
int tail_6(int (*function)(int (*)(void *, int), int), int number);
}

namespace {

using tail = int (*)(int (*)(int (*)(void *, int), int), int);

int destroyed;

struct counter {
	~counter()
	{
		destroyed++;
	}
};

int throw_odd(int (*)(void *, int), int number)
{
	if (number % 2)
		throw number;
	return number;
}

int catch_here(tail function, int number)
{
	try {
		return function(throw_odd, number);
	} catch (int caught) {
		return -caught;
	}
}

int rethrow(tail function, int number)
{
	counter here;

	try {
		return function(throw_odd, number);
	} catch (int caught) {
		throw std::runtime_error(std::to_string(caught));
	}
}

int catch_there(tail function, int number)
{
	try {
		return rethrow(function, number);
	} catch (const std::runtime_error &error) {
		return -std::stoi(error.what());
	}
}

} // namespace

int main()
{
	const tail tails[] = { tail_1, tail_2, tail_3, tail_4, tail_5, tail_6 };

	for (tail function : tails) {
		long here = 0, there = 0;

		destroyed = 0;
		for (int number = 0; number < 1000; number++) {
			here += catch_here(function, number);
			there += catch_there(function, number);
		}
		printf("%ld %ld, %d destroyed\n", here, there, destroyed);
	}
	return live_end("tails");
}
