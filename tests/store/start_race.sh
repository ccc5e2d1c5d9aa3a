#!/bin/bash
# SPDX-License-Identifier: MIT
#
# 64 processes that start at the same moment with no cache, and then 64 that all merge into one image: all are right,
# and in the end there is one valid image and nothing else.

. "${0%/*}/lib.sh"

# A host is there when it has said so through `ready`; all go when nobody writes to `gate` any longer.
mkfifo "$work/gate" "$work/ready"
exec 8<>"$work/ready"

# crowd WHAT ARGUMENT...: 64 hosts, held until all are there.
crowd() {
	local what=$1 pids=() i status wrong=0

	shift
	rm -f "$work/stats" "$work"/out.*
	exec 9<>"$work/gate"
	for i in {1..64}; do
		(
			exec 7<"$work/gate" 9>&-
			echo >&8
			read -r _ <&7
			exec 7<&- 8>&-
			exec env -i LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='time=*' STUBCACHE_LOG=info \
				STUBCACHE_DIR="$cache/deep" STUBCACHE_STATS="$work/stats" \
				STUBCACHE_OUT="$work/records" "$host" "$@" >"$work/out.$i" 2>&1
		) &
		pids+=($!)
	done
	for i in {1..64}; do
		read -r _ <&8
	done
	exec 9>&-
	for i in "${pids[@]}"; do
		wait "$i"
		status=$?
		[ "$status" = 7 ] || wrong=$((wrong + 1))
	done
	cases=$((cases + 64))
	[ "$wrong" = 0 ] || fail "$what: $wrong hosts returned something else"
	[ "$(cat "$work"/out.*)" = "$(yes unharmed | head -n 64)" ] || fail "$what: output: $(cat "$work"/out.*)"
	[ "$(grep -c '^{.*} *$' "$work/stats")" = 64 ] || fail "$what: $(grep -c . "$work/stats") lines of statistics"
	grep -q '"state":"off"' "$work/stats" && fail "$what: $(grep -m1 '"state":"off"' "$work/stats")"
	[ "$(ls -A "$cache/deep" | wc -l)" = 1 ] || fail "$what: in the cache: $(ls -A "$cache/deep")"
	STUBCACHE_DIR=$cache/deep "$STUBCACHE_CMD" cache verify >"$work/verified" || fail "$what: $(cat "$work/verified")"
	grep -q '^1 good, 0 bad' "$work/verified" || fail "$what: $(cat "$work/verified")"
}

for round in 1 2; do
	rm -rf "$cache"
	crowd "cold, round $round"
	start STUBCACHE_DIR="$cache/deep"
	expect "after the cold ones" warm ''
	crowd "merging, round $round" load
	grep -q '"state":"merged"' "$work/stats" || fail "merging, round $round: nobody did"
	start STUBCACHE_DIR="$cache/deep" -- load
	expect "after the merging ones" warm ''
	crowd "warm, round $round" load
	[ "$(grep -c '"state":"warm"' "$work/stats")" = 64 ] || fail "warm, round $round: not all of them"
done
finish
