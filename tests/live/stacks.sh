#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Stacks are what libgcc finds at the same place: through stubs of timed functions, callbacks, signal handlers on both
# stacks, coroutines, threads, frames that were aligned or are of variable size; and exceptions pass as before.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/stacks_host
dump=$top_builddir/tests/live/stacks_dump
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# record RULES NAME: runs the host under the rules; its output is in NAME.txt, its record in NAME.
record()
{
	rm -rf "${work:?}/$2"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$1 STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/$2 \
		"$host" "$work/$2.expected" >"$work/$2.txt" 2>"$work/$2.err" || fail "$2: exit status $?"
	"$dump" "$work/$2"/*.record >"$work/$2.stacks" || fail "$2: no record"
}

plain=$("$host" /dev/null)
for turn in cold warm; do
	for time in nothing time=probe_call,probe_call_deep,probe_raise,qsort,swapcontext 'time=*,!probe_mix,!backtrace'; do
		record "stack=probe_mix:depth=64;${time/nothing/count=nobody}" run
		[ "$(cat "$work/run.txt")" = "$plain" ] || fail "$turn, $time: printed $(cat "$work/run.txt")"
		# The innermost frame is in check itself, behind another call. A coroutine's two end where libc begins it, of
		# which nobody knows that it is the end.
		missing=$(awk 'NR == FNR { line = $4; for (i = 5; i <= NF; i++) line = line " " $i
					   calls[line] += $1; cut += $2; next }
			       { line = $1; for (i = 2; i <= NF; i++) line = line " " $i; wanted[line]++ }
			       END { for (line in wanted) if (wanted[line] != calls[line]) {
					 print wanted[line] " times, found " calls[line] + 0 ": " line
				     }
				     if (cut != 2) print cut " are cut" }' "$work/run.stacks" "$work/run.expected")
		[ -s "$work/run.expected" ] || fail "$turn, $time: nothing was expected"
		[ -z "$missing" ] || fail "$turn, $time: $missing"
	done
done

# Loading libunwind costs the host no descriptor.
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=stack=malloc STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/descriptors \
	"$top_builddir/tests/live/descriptors.host" >"$work/descriptors.txt" || fail "descriptors: exit status $?"
"$top_builddir/tests/live/descriptors.host" | diff - "$work/descriptors.txt" || fail "other descriptors"

# Modules that are gone are named as those that stayed.
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=stack=probe_mix STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/dlopen \
	"$top_builddir/tests/live/dlopen.host" >/dev/null || fail "dlopen: exit status $?"
"$STUBCACHE_CMD" report --format=folded "$work/dlopen" >"$work/folded"
grep -qE ';main;open_and_close;.*plugin_run;.*compare;probe_mix [0-9]+$' "$work/folded" ||
	fail "a library that was closed: $(head -n 5 "$work/folded")"
grep -qE ';0x[0-9a-f]+;' "$work/folded" && fail "addresses in no module: $(grep -E ';0x[0-9a-f]+;' "$work/folded")"

record 'stack=probe_mix:depth=5' deep
awk '$2 == 1 && NF == 7 { n++ } NF > 7 { exit 1 } END { exit n == 0 }' "$work/deep.stacks" ||
	fail "five frames at most: $(head -n 3 "$work/deep.stacks")"
STUBCACHE_TRACE=stacks=16 record 'stack=probe_mix:depth=5;trace=probe_mix' deeper
awk '$2 == 1 && NF == 7 { n++ } NF > 7 { exit 1 } END { exit n == 0 }' "$work/deeper.stacks" ||
	fail "five frames where events have more: $(head -n 3 "$work/deeper.stacks")"

[ "$failures" = 0 ] || exit 1
echo "stacks are those that libgcc finds"
