#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Calls through hook stubs in which nothing is injected are what they are without us: every register, every kind of
# return value, exceptions, jumps, coroutines, threads, signals, modules that come and go.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
failures=0

for host in abi/unwind live/calls live/coroutines live/dlopen live/exceptions live/fork_counts live/jumps \
	live/many_threads live/own_malloc live/processes live/recursion live/registers live/registers_nopie \
	live/signals live/start live/thread_ends live/types; do
	LIVE_RULES='inject=*:retval=0:when=4294967296' \
		"$BASH" "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/$host.host" || failures=$((failures + 1))
done
exit $((failures > 0))
