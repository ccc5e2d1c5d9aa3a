#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Root's program that becomes another user, or takes another root, in a child as servers' workers do and then itself,
# prints what it would, and all the calls that it makes afterwards are counted and timed: nothing is said to be missing.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir -m 755 "$work/empty"
host=$top_builddir/tests/live/drop_rights_host
failures=0

for way in setuid seteuid setreuid setresuid chroot; do
	plain=$("$host" "$way" "$work/empty")
	if [ $? = 77 ]; then
		echo "there are no rights to give up"
		exit 77
	fi
	ours=$(LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='time=probe_mix' STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/$way \
		"$host" "$way" "$work/empty")
	if [ "$ours" != "$plain" ]; then
		echo "FAIL: $way: '$ours', not '$plain'"
		failures=$((failures + 1))
	fi
	found=$("$STUBCACHE_CMD" report --format=csv "$work/$way" 2>"$work/said" |
		awk -F, '$1 == "probe_mix" { print $4, $5 }')
	if [ "$found" != '10000 10000' ] || [ -s "$work/said" ]; then
		echo "FAIL: $way: calls and returns $found, not 10000 10000; $(cat "$work/said")"
		failures=$((failures + 1))
	fi
done
[ $failures = 0 ]
