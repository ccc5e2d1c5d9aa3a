/* SPDX-License-Identifier: MIT */
/*
 * libconstructors.so: calls intercepted functions before main, from a constructor of priority 101 and
 * from a C++ static object, and after main, from their counterparts.
 */
#include "probe.h"

#include <cstdio>
#include <cstdlib>
#include <string>

extern "C" unsigned long constructors_sum;
unsigned long constructors_sum;

namespace {

struct object {
	std::string text = std::to_string(probe_mix(3) & 0xff);

	object() { printf("library: object made, %s\n", text.c_str()); }
	~object() { printf("library: object gone, %lu\n", probe_mix(4) & 0xff); }
};

object one;

__attribute__((constructor(101))) void begin()
{
	constructors_sum = probe_mix(1);
	printf("library: constructor, %lu, PATH %s\n", constructors_sum & 0xff,
	       getenv("PATH") ? "set" : "unset");
}

__attribute__((destructor(101))) void end()
{
	printf("library: destructor, %lu\n", probe_mix(2) & 0xff);
	fflush(stdout);
}

} // namespace
