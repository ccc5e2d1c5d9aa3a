/* SPDX-License-Identifier: MIT */
/*
 * libthrow.so: where the exceptions of exceptions_host and throws_memory_host begin.
 */
#include "throwing.h"

#include <stdexcept>

int throwing_depth;

namespace {

struct depth_guard {
	depth_guard() { throwing_depth++; }
	~depth_guard() { throwing_depth--; }
};

} // namespace

int throwing_call(int number)
{
	depth_guard guard;

	if (number > 1000000)
		throw std::out_of_range("too large");
	if (number & 1)
		throw odd_number{number};
	return number + 1;
}

int shape::area(int scale)
{
	return throwing_call(scale) * 2;
}

shape::~shape() = default;
