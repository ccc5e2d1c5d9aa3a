#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A program that goes into an empty root, and then gives up its rights, ends as it would; each of its own calls is in
# its record, or in the number of those that the report says are missing there: its file cannot grow any more.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir -m 755 "$work/empty"
host=$top_builddir/tests/live/chroot_host

"$BASH" "$top_srcdir/tests/live/compare.sh" "$host" "$work/empty" || exit
# 1,000 by each of two threads; its children's records would be new files, which cannot be made there.
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='count=probe_mix' STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
	"$host" "$work/empty" >/dev/null
calls=$("$STUBCACHE_CMD" report --format=csv "$work/out" 2>"$work/said" |
	awk -F, '$1 == "probe_mix" { n += $4 } END { print n + 0 }')
missing=$(sed -n 's/.* \([0-9]*\) calls are in no row.*/\1/p' "$work/said")
if [ $((calls + ${missing:-0})) != 2000 ]; then
	echo "FAIL: $calls calls of probe_mix in the report, ${missing:-none} said to be missing, not 2000"
	exit 1
fi
[ -z "$(ls -A "$work/empty")" ] || { echo "FAIL: left in the new root: $(ls -A "$work/empty")"; exit 1; }
echo "$calls calls in the report, ${missing:-none} said to be missing"
