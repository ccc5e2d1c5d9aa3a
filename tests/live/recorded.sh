#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Calls that are recorded, with the C library's prototypes, or counted by their stacks, are what they are without us: every
# register, every kind of return value, exceptions, jumps, coroutines, threads, signals, modules that come and go.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
failures=0
export STUBCACHE_TRACE=buffer=16M # what does not fit is dropped: that, too, must not matter

# Under a 60 us timer a slow machine hardly gets on: once is enough.
LIVE_RULES='trace=*;stack=*:depth=5' \
	"$BASH" "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/live/signals.host" || failures=$((failures + 1))
for host in abi/unwind live/calls live/coroutines live/descriptors live/dlopen live/dlopen_threads live/exceptions \
	live/jumps live/own_malloc live/processes live/recursion live/registers live/registers_nopie \
	live/thread_ends live/types; do
	LIVE_RULES='trace=* stack=*' \
		"$BASH" "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/$host.host" || failures=$((failures + 1))
done
exit $((failures > 0))
