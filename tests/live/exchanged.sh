#!/bin/bash
# SPDX-License-Identifier: MIT
#
# libstubcache.so's file is exchanged, or taken away, while a program runs under it that needs more of it. The program
# ends as it would, every call is counted, and those that could not be timed for want of that are said.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/exchanged_host
export STUBCACHE='time=probe_call' STUBCACHE_DIR=$work/cache
failures=0
plain=$(env -u STUBCACHE "$host") || exit 1

# run WHAT LEAST MOST [FILE]: with FILE in place of the library once it runs; untimed calls are as many as that.
run()
{
	local library=$work/library/libstubcache.so said untimed calls

	rm -rf "$work/library" "$work/out"
	mkdir "$work/library"
	cp "${LIBSTUBCACHE%/*}"/libstubcache*.so "$work/library"
	said=$(LD_PRELOAD=$library STUBCACHE_OUT=$work/out "$host" ${4:+"$4" "$library"} 2>&1)
	[ "$said" = "$plain" ] || { echo "FAIL: $1: $said"; failures=1; }
	calls=$("$STUBCACHE_CMD" report --format=csv "$work/out" 2>"$work/said" | awk -F, '$1 == "probe_call" { n += $4 } END { print n + 0 }')
	untimed=$(sed -n 's/.*\b\([0-9][0-9]*\) calls were counted but could not be timed.*/\1/p' "$work/said")
	echo "$1: $calls calls, ${untimed:-0} of them not timed"
	[ "$calls" = 40000 ] || { echo "FAIL: $1: not 40000"; failures=1; }
	[ "${untimed:-0}" -ge "$2" ] && [ "${untimed:-0}" -le "$3" ] || { echo "FAIL: $1: not timed: ${untimed:-0}"; failures=1; }
}

run 'as it was' 0 0
cp "$LIBSTUBCACHE" "$work/same"
run 'an equal one' 0 0 "$work/same"
# Another build: the same size, other bytes.
tr '\000' '\001' <"$LIBSTUBCACHE" >"$work/other"
run 'another one' 30000 40000 "$work/other"
: >"$work/empty"
run 'an empty one' 30000 40000 "$work/empty"
mkfifo "$work/fifo"
run 'a fifo' 30000 40000 "$work/fifo"
exit $failures
