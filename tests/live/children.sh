#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A child that shares its parent's memory, or is a copy of it, leaves what is its parent's as it was: the counts that
# begin after a child of vfork has made the first intercepted call of all, and the parent's line of statistics.
set -euo pipefail

: "${STUBCACHE_CMD:?}" "${LIBSTUBCACHE:?}" "${top_builddir:?}"
host=$top_builddir/tests/live/children_host
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache
failures=0

# intercepted RULE [ARGUMENT]...: does not return.
intercepted() {
	exec env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$1" STUBCACHE_OUT="$work/out.$1" STUBCACHE_STATS="$work/stats" \
		"$host" "${@:2}"
}

for action in count time; do
	(intercepted "$action=execv,probe_mix" vfork)
	calls=$("$STUBCACHE_CMD" report --format=csv "$work/out.$action=execv,probe_mix" |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "calls") c = i } $1 == "probe_mix" { print $c }')
	if [ "$calls" != 1000 ]; then
		echo "$action, after a child of vfork: '$calls' calls, not 1000"
		failures=$((failures + 1))
	fi
done

: >"$work/stats"
(intercepted 'count=*' load) &
parent=$!
wait "$parent"
if [ "$(grep -c . "$work/stats")" != 1 ] || ! grep -q "\"pid\":$parent," "$work/stats"; then
	echo "after a child of fork has loaded a library, the statistics of $parent are:"
	cat "$work/stats"
	failures=$((failures + 1))
fi
exit $((failures > 0))
