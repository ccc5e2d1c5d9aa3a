#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Calls through hook stubs in which nothing is injected, or now and then a delay, are what they are without us: every
# register, every kind of return value, exceptions, jumps, coroutines, threads, signals, modules that come and go.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
nothing='inject=*:retval=0:when=4294967296'
delays='inject=*@libprobe.so,*@libthrow.so,*@librelay.so:delay_enter=1ns:delay_exit=1ns:when=1+997'
failures=0

for host in abi/unwind live/coroutines live/dlopen live/exceptions live/jumps live/processes live/registers \
	live/registers_nopie live/signals live/thread_ends live/types; do
	LIVE_RULES="$nothing $delays" \
		"$BASH" "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/$host.host" || failures=$((failures + 1))
done
exit $((failures > 0))
