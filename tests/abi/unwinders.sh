#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Exceptions through stubs under other unwinders than libgcc's: LLVM's libunwind and nongnu libunwind,
# put before it by LD_PRELOAD. Each that is not installed is left out; none: skipped.
set -u
host=$top_builddir/tests/live/exceptions.host
tried=0
status=0

for unwinder in libunwind.so.1 libunwind.so.8; do
	path=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n "s/^\s*$unwinder (.*x86-64.*=> //p" | head -n 1)
	if [ -z "$path" ]; then
		echo "$unwinder: not installed"
		continue
	fi
	# It must be what throws, or this shows nothing.
	if ! LD_PRELOAD=$path LD_DEBUG=bindings LD_BIND_NOW=1 "$host" 2>&1 |
		grep -q "to $path .*_Unwind_RaiseException"; then
		echo "FAIL: $unwinder is not used by the host"
		status=1
		continue
	fi
	echo "$unwinder:"
	LIVE_BEFORE=$path "$BASH" "$top_srcdir/tests/live/compare.sh" "$host" || status=1
	tried=$((tried + 1))
done
[ "$tried" = 0 ] && [ "$status" = 0 ] && exit 77
exit "$status"
