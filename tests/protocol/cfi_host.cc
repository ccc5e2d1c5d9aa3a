// SPDX-License-Identifier: MIT
// Throws through the routine that cfi_client keeps, if there is one, many times and from several threads.
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

extern "C" {
void (*cfi_routine)(void (*function)(void));
}

static void throws()
{
	throw std::runtime_error("thrown");
}

static void through(void (*function)(void))
{
	if (cfi_routine)
		cfi_routine(function);
	else
		function();
}

static int catch_some()
{
	int caught = 0;

	for (int i = 0; i < 1000; i++) {
		try {
			through(throws);
		} catch (const std::runtime_error &error) {
			caught += error.what()[0] == 't';
		}
	}
	return caught;
}

int main()
{
	std::vector<std::thread> threads;
	std::vector<int> caught(4);

	for (size_t i = 0; i < caught.size(); i++)
		threads.emplace_back([&caught, i] { caught[i] = catch_some(); });
	for (auto &thread : threads)
		thread.join();
	for (int n : caught)
		std::printf("caught %d\n", n);
	std::printf("%s\n", cfi_routine ? "through the routine" : "directly");
	return 0;
}
