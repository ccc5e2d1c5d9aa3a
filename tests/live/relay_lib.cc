/* SPDX-License-Identifier: MIT */
/*
 * librelay.so: frames with destructors and handlers of their own between a throw and its catch.
 */
#include "throwing.h"

#include <exception>

int relay_unwound;

namespace {

struct unwind_counter {
	int uncaught = std::uncaught_exceptions();
	~unwind_counter()
	{
		if (std::uncaught_exceptions() > uncaught)
			relay_unwound++;
	}
};

} // namespace

int relay_call(int (*function)(int), int number)
{
	unwind_counter counter;

	return function(number);
}

int relay_rethrow(int (*function)(int), int number)
{
	try {
		return function(number);
	} catch (...) {
		throw;
	}
}

int relay_deep(int depth, int (*function)(int), int number)
{
	unwind_counter counter;

	if (depth == 0)
		return relay_call(function, number);
	return relay_deep(depth - 1, function, number);
}
