#!/bin/bash
# SPDX-License-Identifier: MIT
#
# slowest.sh [-n ROWS] PROGRAM [ARG]...: the library calls in which a program and its children spend most time, as
# lines that scripts can read: nanoseconds, calls, function, library. Exits as the program did.
set -euo pipefail

rows=10
if [ "${1:-}" = -n ]; then
	rows=$2
	shift 2
fi
if [ $# = 0 ]; then
	echo "usage: slowest.sh [-n ROWS] PROGRAM [ARG]..." >&2
	exit 2
fi
command=${STUBCACHE_CMD:-stubcache}
records=$(mktemp -d)
trap 'rm -rf "$records"' EXIT
status=0
"$command" run -o "$records" -e 'time=*' -- "$@" || status=$?
# The columns are found by their names: later versions may have more.
"$command" report --format=csv "$records" | awk -F, '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ printf "%.0f %s %s %s\n", $(at["self_ns"]), $(at["calls"]), $(at["function"]), $(at["library"]) }' |
	sort -rn | awk -v rows="$rows" 'NR <= rows' >&2
exit "$status"
