#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compiler_work.sh CC CXX: what gcc.sh and clang.sh run. Every file that comes out is compared by its digest.
set -e
cc=$1 cxx=$2

cat >first.c <<'TEXT'
#include <stdio.h>
#include "second.h"
int main(void)
{
	for (int i = 0; i < 5; i++)
		printf("%d %ld\n", i, second(i));
	return 0;
}
TEXT
cat >second.h <<'TEXT'
long second(int n);
TEXT
cat >second.c <<'TEXT'
#include "second.h"
long second(int n)
{
	long sum = 1;
	for (int i = 1; i <= n; i++)
		sum *= i;
	return sum;
}
TEXT
cat >third.cc <<'TEXT'
#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>
template <class T> static T checked(const std::map<std::string, T> &map, const std::string &key)
{
	auto found = map.find(key);
	if (found == map.end())
		throw std::out_of_range("no " + key);
	return found->second;
}
int main()
{
	std::map<std::string, int> map{ { "one", 1 }, { "two", 2 } };
	std::vector<int> numbers{ 3, 1, 2 };
	std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a > b; });
	try {
		std::cout << checked(map, "two") << numbers[0] << std::endl;
		checked(map, "three");
	} catch (const std::exception &e) {
		std::cout << "caught: " << e.what() << std::endl;
	}
}
TEXT
echo 'int f(void) { return undeclared; }' >wrong.c

"$cc" -O2 -g -Wall -o plain first.c second.c
./plain
"$cc" -O2 -pipe -c first.c second.c
"$cc" -o piped first.o second.o
./piped
"$cc" -O2 -flto -frandom-seed=0 -o lto first.c second.c
./lto
"$cc" -shared -fPIC -Wl,--build-id -o libsecond.so second.c
"$cc" -MM first.c
"$cc" -E -dM -x c /dev/null | sha256sum
"$cc" -S -o - second.c | sha256sum
"$cxx" -O1 -o third third.cc
./third
! "$cc" -c wrong.c
! "$cc" -o nothing second.o
sha256sum ./*
