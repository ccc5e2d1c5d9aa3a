/* SPDX-License-Identifier: MIT */
/*
 * What a C++ program asks of its library: streams, locales, regular expressions, containers, threads, futures that
 * carry exceptions from one thread to another, nested and rethrown exceptions, a file system walk.
 */
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

static void streams()
{
	std::ostringstream out;
	std::istringstream in("12 0x1f 3.25 word");
	int decimal, hexadecimal;
	double number;
	std::string word;

	in >> decimal >> std::hex >> hexadecimal >> std::dec >> number >> word;
	out << std::setw(6) << std::setfill('*') << decimal << ' ' << hexadecimal << ' ' << std::setprecision(10)
	    << number / 7 << ' ' << word << ' ' << std::put_time(std::gmtime(std::make_unique<std::time_t>(0).get()), "%F");
	std::cout << out.str() << ' ' << std::use_facet<std::ctype<char>>(std::locale::classic()).toupper('x') << '\n';
	in.exceptions(std::ios::failbit);
	try {
		in >> decimal;
	} catch (const std::ios_base::failure &) {
		std::cout << "failure of a stream\n";
	}
}

static void containers()
{
	std::unordered_map<std::string, int> counts;
	std::map<int, std::vector<std::string>> by_count;
	std::string text;
	std::regex word("([a-z]+)([0-9]+)");

	for (int i = 0; i < 500; i++)
		text += "word" + std::to_string(i * 7919 % 23) + " ";
	for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at)
		counts[(*at)[2]]++;
	for (const auto &entry : counts)
		by_count[entry.second].push_back(entry.first);
	for (auto &entry : by_count) {
		std::sort(entry.second.begin(), entry.second.end());
		std::cout << entry.first << " times: " << entry.second.size() << ", first " << entry.second[0] << '\n';
	}
}

static int nested(int depth)
{
	try {
		if (depth == 0)
			throw std::out_of_range("at the bottom");
		return nested(depth - 1);
	} catch (...) {
		std::throw_with_nested(std::runtime_error("level " + std::to_string(depth)));
	}
}

static int levels(const std::exception &error)
{
	try {
		std::rethrow_if_nested(error);
	} catch (const std::exception &inner) {
		return 1 + levels(inner);
	}
	return 1;
}

static void exceptions()
{
	std::vector<std::future<int>> futures;
	int caught = 0, values = 0;

	try {
		nested(20);
	} catch (const std::exception &error) {
		std::cout << error.what() << ", " << levels(error) << " levels\n";
	}
	for (int i = 0; i < 64; i++)
		futures.push_back(std::async(std::launch::async, [i] {
			std::string text = "7" + std::to_string(i);

			if (i % 3 == 0)
				text = "none";
			return std::stoi(text);
		}));
	for (auto &future : futures) {
		try {
			values += future.get();
		} catch (const std::invalid_argument &error) {
			caught += std::string(error.what()) == "stoi";
		}
	}
	std::cout << "futures: " << values << ", thrown across threads: " << caught << '\n';
	try {
		std::vector<int>().at(1);
	} catch (const std::exception &) {
		std::cout << "thrown by the library\n";
	}
	try {
		std::function<void()>()();
	} catch (const std::bad_function_call &) {
		std::cout << "an empty function\n";
	}
}

static void threads()
{
	std::mutex mutex;
	std::condition_variable condition;
	std::atomic<int> done{ 0 };
	std::vector<std::thread> running;
	int turn = 0;

	for (int i = 0; i < 8; i++)
		running.emplace_back([&, i] {
			for (int round = 0; round < 20; round++) {
				std::unique_lock<std::mutex> lock(mutex);

				condition.wait(lock, [&] { return turn % 8 == i; });
				turn++;
				condition.notify_all();
			}
			done++;
		});
	for (auto &thread : running)
		thread.join();
	std::cout << "threads: " << done << ", turns: " << turn << '\n';
}

static void files()
{
	std::size_t entries = 0;

	for (const auto &entry : std::filesystem::directory_iterator("/proc/self/task"))
		entries += entry.is_directory();
	std::cout << "tasks: " << entries << '\n';
	try {
		(void)std::filesystem::file_size("/nothing/at/all");
	} catch (const std::filesystem::filesystem_error &error) {
		std::cout << error.code().message() << '\n';
	}
}

int main()
{
	streams();
	containers();
	exceptions();
	threads();
	files();
	return 0;
}
