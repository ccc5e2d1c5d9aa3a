/* SPDX-License-Identifier: MIT */
/*
 * libloaded_cxx.so: C++ that a C program loads. Throws and catches past frames of that program; a destructor that runs
 * while it is being unwound throws and catches itself; static and thread-local objects come and go with it.
 */
#include "probe.h"

#include <stdexcept>
#include <string>

extern "C" int loaded_throw(int number);
extern "C" int loaded_catch(int (*callback)(int number), int number);

namespace {

struct counted {
	std::string text = std::to_string(probe_mix(9) & 0xff);
	int count = 0;
	~counted() { count += static_cast<int>(probe_mix(text.size()) & 1); }
};

counted all;
thread_local counted mine;

/* Throws on its own account while another exception is under way. */
struct busy_guard {
	int number;
	~busy_guard()
	{
		try {
			loaded_throw(number | 1);
		} catch (const std::runtime_error &error) {
			mine.count += static_cast<int>(error.what()[0]);
		} catch (int thrown) {
			mine.count += thrown;
		}
	}
};

} // namespace

int loaded_throw(int number)
{
	if (number % 3 == 1)
		throw std::runtime_error(std::to_string(number));
	if (number & 1)
		throw number;
	return number + 1;
}

int loaded_catch(int (*callback)(int number), int number)
{
	mine.count = 0;
	try {
		busy_guard guard{number};

		return callback(number) + mine.count;
	} catch (const std::runtime_error &error) {
		return static_cast<int>(std::string(error.what()).size()) * 1000 + mine.count;
	} catch (int thrown) {
		return -thrown + mine.count;
	}
}
