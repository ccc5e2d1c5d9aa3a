#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Exceptions and stack walks through stubs under another unwinder than libgcc's, put before it by LD_PRELOAD:
# LLVM's libunwind. UNWINDERS names others to try.
#
# Not nongnu libunwind (libunwind.so.8) before 1.7: it takes the CFA for the stack pointer even where the FDE says
# otherwise, and the CFA of a stub cannot be the stack pointer, or libgcc would not know the two frames apart.
set -u
host=$top_builddir/tests/live/exceptions.host
tried=0
status=0

for unwinder in ${UNWINDERS:-libunwind.so.1}; do
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
	for program in "$host" "$top_builddir/tests/abi/unwind.host"; do
		LIVE_BEFORE=$path "$BASH" "$top_srcdir/tests/live/compare.sh" "$program" || status=1
	done
	tried=$((tried + 1))
done
[ "$tried" = 0 ] && [ "$status" = 0 ] && exit 77
exit "$status"
