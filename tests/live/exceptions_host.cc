/* SPDX-License-Identifier: MIT */
/*
 * Exceptions pass through stubs: thrown in a library and caught by the stub's direct caller, by an
 * outer one, rethrown, nested, out of callbacks of libc's qsort and bsearch, through several libraries,
 * through virtual calls, foreign ones, and handed to another thread. 300,000 throws in all.
 */
#include "live.h"
#include "probe.h"
#include "throwing.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unwind.h>

LIVE_MAIN_STATE;

namespace {

const int rounds = 30000;

int caught_directly(int number)
{
	try {
		return throwing_call(number);
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

__attribute__((noinline)) int middle(int number)
{
	return throwing_call(number) + 1;
}

int caught_outside(int number)
{
	try {
		return middle(number);
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

int caught_after_rethrow(int number)
{
	try {
		return relay_rethrow(throwing_call, number);
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

int caught_nested(int number)
{
	try {
		try {
			return throwing_call(number);
		} catch (const odd_number &odd) {
			/* A second exception while the first is being handled. */
			try {
				throwing_call(odd.number + 2);
			} catch (...) {
				std::throw_with_nested(std::runtime_error("outer"));
			}
			return 0;
		}
	} catch (const std::exception &outer) {
		try {
			std::rethrow_if_nested(outer);
		} catch (const odd_number &inner) {
			return -inner.number;
		}
		return 0;
	}
}

int compare_throwing(const void *left, const void *right)
{
	int a = *static_cast<const int *>(left), b = *static_cast<const int *>(right);

	if (a == 7 || b == 7)
		throwing_call(a == 7 ? a : b);
	return a - b;
}

int caught_from_qsort(int number)
{
	int numbers[] = {4, 2, number & 1 ? 7 : 8, 6};

	try {
		qsort(numbers, 4, sizeof(numbers[0]), compare_throwing);
		return numbers[3];
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

/* The compiler would put libc's own inline version in its place. */
void *(*volatile search)(const void *, const void *, size_t, size_t,
			 int (*)(const void *, const void *)) = bsearch;

int caught_from_bsearch(int number)
{
	int numbers[] = {2, 4, 6, 8}, key = number & 1 ? 7 : 6;

	try {
		const int *found = static_cast<int *>(
			search(&key, numbers, 4, sizeof(numbers[0]), compare_throwing));
		return found ? *found : 0;
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

int caught_from_libraries(int number)
{
	try {
		return relay_deep(5, caught_directly(number) < 0 ? middle : throwing_call, number);
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

long throwing_callback(void *closure)
{
	return throwing_call(*static_cast<int *>(closure));
}

int caught_from_c(int number)
{
	try {
		return static_cast<int>(probe_call_deep(throwing_callback, &number));
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

struct square : shape {
	int area(int scale) override { return shape::area(scale); }
};

int caught_from_virtual(int number)
{
	std::unique_ptr<shape> s(number & 2 ? new square : new shape);

	try {
		return s->area(number);
	} catch (const odd_number &odd) {
		return -odd.number;
	}
}

void foreign_cleanup(_Unwind_Reason_Code, _Unwind_Exception *)
{
}

long throw_foreign(void *closure)
{
	_Unwind_Exception *foreign = static_cast<_Unwind_Exception *>(closure);

	memset(foreign, 0, sizeof(*foreign));
	foreign->exception_class = 0x7465737400000000; /* another language's */
	foreign->exception_cleanup = foreign_cleanup;
	return _Unwind_RaiseException(foreign);
}

int caught_foreign(int number)
{
	_Unwind_Exception foreign;

	if (!(number & 1))
		return number;
	try {
		return static_cast<int>(probe_call(throw_foreign, &foreign));
	} catch (...) {
		return -number;
	}
}

long checksum(int (*function)(int))
{
	long sum = 0;

	for (int i = 0; i < 2 * rounds; i++)
		sum = sum * 31 + function(i);
	return sum;
}

void across_threads()
{
	int caught = 0;

	for (int i = 0; i < 100; i++) {
		std::exception_ptr pointer;
		std::thread thread([&] {
			try {
				relay_deep(3, throwing_call, 2 * i + 1);
			} catch (...) {
				pointer = std::current_exception();
			}
		});
		thread.join();
		try {
			std::rethrow_exception(pointer);
		} catch (const odd_number &odd) {
			caught += odd.number == 2 * i + 1;
		}
	}
	printf("across threads: %d\n", caught);
}

void standard_library()
{
	std::string text;
	int caught = 0;

	/* These throw inside libstdc++ itself, which the host reaches through its own PLT. */
	for (int i = 0; i < 1000; i++) {
		try {
			std::stoi("x");
		} catch (const std::invalid_argument &) {
			caught++;
		}
		try {
			text.at(1) = 'x';
		} catch (const std::out_of_range &) {
			caught++;
		}
	}
	printf("standard library: %d\n", caught);
}

} // namespace

int main()
{
	const struct {
		const char *name;
		int (*function)(int);
	} cases[] = {
		{"direct", caught_directly},	      {"outer", caught_outside},
		{"rethrow", caught_after_rethrow},    {"nested", caught_nested},
		{"qsort", caught_from_qsort},	      {"bsearch", caught_from_bsearch},
		{"libraries", caught_from_libraries}, {"c", caught_from_c},
		{"virtual", caught_from_virtual},     {"foreign", caught_foreign},
	};

	for (const auto &one : cases)
		printf("%s: %ld\n", one.name, checksum(one.function));
	printf("destructors run by exceptions: %d\n", relay_unwound);
	expect(throwing_depth == 0);
	across_threads();
	standard_library();
	try {
		throwing_call(1000001);
		expect(!"reached");
	} catch (const std::out_of_range &error) {
		printf("standard exception: %s\n", error.what());
	}
	return live_end("exceptions");
}
