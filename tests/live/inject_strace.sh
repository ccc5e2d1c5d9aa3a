#!/bin/bash
# SPDX-License-Identifier: MIT
#
# when= and prob-less injection hit the calls of a system call's wrapper that strace hits in the system call.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}"
command -v strace >/dev/null || { echo "strace is not installed"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/inject_host
failures=0

strace -qq -o "$work/trace" true 2>/dev/null || { echo "strace may not trace here"; exit 77; }
for mode in 'pattern 40' 'signals 40'; do
	for faults in error=ENOENT error=ENOENT:signal=SIGUSR1; do
		for when in 1 3 40 41 1+ 5+ 2+3 1+1 40+1 3..7 4..4 1..40 2..15+4 7..7+2 2..4+ 10..39+7; do
			rule=fchdir:$faults:when=$when
			theirs=$(strace -qq -f -o "$work/trace" -e trace=fchdir -e "inject=$rule" "$host" $mode)
			ours=$(LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=inject=$rule STUBCACHE_DIR=$work/cache \
				STUBCACHE_OUT=$work/out "$host" $mode)
			[ "$ours" = "$theirs" ] && continue
			printf 'FAIL: %s, %s\n  strace: %s\n  ours:   %s\n' "$rule" "$mode" "$theirs" "$ours"
			failures=$((failures + 1))
		done
		[ "$mode" = 'pattern 40' ] && break
	done
done

[ "$failures" = 0 ] || exit 1
echo "faults hit what they hit under strace"
