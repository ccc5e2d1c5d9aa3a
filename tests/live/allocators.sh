#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs whose malloc is jemalloc's, tcmalloc's or mimalloc's: preloaded before us, after us, and linked.
set -u
export TEST_ACTIONS=${TEST_ACTIONS:-time trace} # each of them with every allocator takes long
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
compare=$top_srcdir/tests/live/compare.sh
live=$top_builddir/tests/live
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
directory=/usr/lib/$(${CC:-cc} -print-multiarch)
failures=0
found=0

for name in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
	allocator=$directory/$name
	if [ ! -e "$allocator" ]; then
		echo "no $name"
		continue
	fi
	found=$((found + 1))
	for host in threads processes dlopen library thread_ends; do
		echo "$name before us, $host:"
		LIVE_BEFORE=$allocator "$BASH" "$compare" "$live/$host.host" || failures=$((failures + 1))
	done
	# What throws thousands of exceptions takes long where each has its stack taken, and nothing of that is the allocator's.
	echo "$name before us, exceptions:"
	LIVE_RULES='time=*' LIVE_BEFORE=$allocator "$BASH" "$compare" "$live/exceptions.host" || failures=$((failures + 1))
	for host in threads processes; do
		echo "$name after us, $host:"
		LIVE_RULES='time=* trace=*' LIVE_AFTER=$allocator "$BASH" "$compare" "$live/$host.host" || failures=$((failures + 1))
	done
	if ${CC:-cc} -O1 -o "$work/$name" "$top_srcdir/tests/live/allocations.c" -pthread \
		-Wl,--no-as-needed "$allocator"; then
		echo "$name linked:"
		"$BASH" "$compare" "$work/$name" || failures=$((failures + 1))
	else
		failures=$((failures + 1))
	fi
done
[ "$found" -gt 0 ] || { echo "none of the allocators is here"; exit 77; }
[ "$failures" = 0 ]
