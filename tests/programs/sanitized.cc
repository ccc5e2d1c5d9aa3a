/* SPDX-License-Identifier: MIT */
/*
 * What sanitizers.sh builds with each sanitizer: threads, exceptions, a child, a library that is loaded; then, as the
 * argument says, nothing wrong, or one thing that one of them finds.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

static int compare(const void *left, const void *right)
{
	return *static_cast<const int *>(left) - *static_cast<const int *>(right);
}

static void sort_some(int seed)
{
	std::vector<int> numbers;

	for (int i = 0; i < 1000; i++)
		numbers.push_back(seed * i % 577);
	qsort(numbers.data(), numbers.size(), sizeof(int), compare);
}

static void nothing_wrong()
{
	std::vector<std::thread> threads;
	int status = 0;

	for (int i = 0; i < 4; i++)
		threads.emplace_back(sort_some, i);
	for (auto &thread : threads)
		thread.join();
	try {
		std::stoi("x");
	} catch (const std::invalid_argument &error) {
		printf("caught %s\n", error.what());
	}
	void *handle = dlopen("libm.so.6", RTLD_NOW);
	printf("loaded %d\n", handle && dlsym(handle, "cos"));
	fflush(stdout);
	if (fork() == 0) {
		free(malloc(10));
		_exit(3);
	}
	wait(&status);
	printf("child %d\n", WEXITSTATUS(status));
}

static int shared;

static void add()
{
	for (int i = 0; i < 100000; i++)
		shared++;
}

int main(int argc, char **argv)
{
	std::string what = argc > 1 ? argv[1] : "none";

	nothing_wrong();
	if (what == "overflow") {
		char *block = static_cast<char *>(malloc(10));

		/* Not kept: its bytes are the neighbour's. */
		memset(block, 1, 10 + static_cast<size_t>(argc) - 1);
		free(block);
	} else if (what == "freed") {
		int *volatile block = static_cast<int *>(malloc(10 * sizeof(int)));

		free(block);
		printf("read %d\n", block[3] != 3);
	} else if (what == "twice") {
		void *volatile block = malloc(10);

		free(block);
		free(block);
	} else if (what == "leak") {
		char *volatile block = static_cast<char *>(malloc(1234));

		block[0] = 1;
		block = nullptr;
	} else if (what == "race") {
		std::thread first(add), second(add);

		first.join();
		second.join();
	} else if (what == "undefined") {
		volatile int shift = 30 + argc * 5;

		printf("shifted %d\n", (1 << shift) != 3);
	}
	return 0;
}
