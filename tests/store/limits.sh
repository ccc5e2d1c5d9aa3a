#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hosts with little of what the kernel gives: no signal that is due to us, nothing said but reasons, and what cannot
# be done is left out with a reason.

. "${0%/*}/lib.sh"

# limit OPTION VALUE: as of ulimit.
limit() {
	launcher=("$BASH" -c "ulimit -S $1 $2 && exec \"\$@\"" limit)
}

# expect_reason WHAT: not harmed, and if not intercepted then for a reason that was also said.
expect_reason() {
	unharmed "$1"
	if [ "$(field state)" = off ]; then
		grep -q 'not intercepted: ' <<<"$(field reason)" || fail "$1: off for no reason"
		grep -q 'not intercepted: ' "$work/err" || fail "$1: off and nothing said: $(cat "$work/err")"
	fi
	! grep -v '^stubcache: ' "$work/err" >"$work/others" || fail "$1: $(cat "$work/others")"
}

# Sizes in KiB, up to where an image fits. Ours may be too large, the host's greeting is not.
size=1
while limit -f "$size" && start && expect_reason "files of $size KiB" && [ "$(field state)" != cold ]; do
	[ "$(field state)" = off ] || fail "files of $size KiB: state $(field state)"
	grep -q 'cache-full: .*File too large' <<<"$(field reason)" || fail "files of $size KiB: $(field reason)"
	no_files "$cache"
	size=$((size + 1))
	[ "$size" -lt 200 ] || fail "files of $size KiB: still none"
	[ "$failed" = 0 ] || break
done
limit -f 1
start
[ "$(field state)" = warm ] || fail "an image that is there needs no writing: $(cat "$work/stats")"
expect_reason "files of 1 KiB, warm"

# With less than 500 KiB ld.so maps our data and then has no room for libc's: that is before anything of ours runs.
for heap in 600 700 800 1000 1500 2000 4000; do
	for dir in "$work/heap" "$work/heap" ''; do
		limit -d "$heap"
		start STUBCACHE_DIR="$dir"
		expect_reason "data of $heap KiB"
	done
	rm -rf "$work/heap"
done

# Where ld.so cannot map the preload, it says so itself and goes on. (Just above that, at 66 to 69 MiB, it maps the
# preload and then has no room for libc: that is before anything of ours runs.)
for space in 8000 60000 72000 73000 74000 76000 80000 90000 100000; do
	for dir in "$work/space" "$work/space" ''; do
		limit -v "$space"
		start STUBCACHE_DIR="$dir"
		grep -q 'ERROR: ld.so: object' "$work/err" && unharmed "$space KiB of addresses" && continue
		expect_reason "$space KiB of addresses"
	done
	rm -rf "$work/space"
done

for files in 4 5 6 7 8 9 10 12 16 24; do
	for dir in "$work/files" "$work/files" ''; do
		limit -n "$files"
		start STUBCACHE_DIR="$dir"
		expect_reason "$files descriptors"
		start STUBCACHE_DIR="$dir" STUBCACHE_OUT= -- load
		unharmed "$files descriptors, something loaded"
	done
	rm -rf "$work/files"
done

for stack in 32 64 128; do
	for dir in "$work/stack" "$work/stack"; do
		limit -s "$stack"
		start STUBCACHE_DIR="$dir"
		expect_reason "a stack of $stack KiB"
	done
	rm -rf "$work/stack"
done
finish
