#!/bin/bash
# SPDX-License-Identifier: MIT
#
# With two copies of libstubcache.so in LD_PRELOAD the first intercepts, the other keeps out of it: programs do what they
# do, and calls are counted once.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0

mkdir "$work/copy"
cp "${LIBSTUBCACHE%/*}"/libstubcache*.so "$work/copy"
export STUBCACHE_DIR=$work/cache
for rule in count=* time=* trace=* stack=*; do
	for state in cold warm; do
		rm -rf "$work/out"
		said=$(LD_PRELOAD="$LIBSTUBCACHE $work/copy/libstubcache.so" STUBCACHE=$rule STUBCACHE_OUT=$work/out \
			"$top_builddir/tests/live/counted_loop.host" 1000 2>&1)
		status=$?
		calls=$("$STUBCACHE_CMD" report --format=csv "$work/out" | awk -F, '$1 == "probe_mix" { n += $4 } END { print n + 0 }')
		if [ "$status" != 0 ] || [ "$calls" != 1000 ]; then
			echo "FAIL: $rule, $state: status $status, $calls calls of 1000: $said"
			failures=1
		fi
	done
done
[ "$failures" = 0 ] && echo 'two copies: calls are counted once'
exit $failures
